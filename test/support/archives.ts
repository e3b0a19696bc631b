import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** An entry of an archive that a test makes. */
export interface ArchiveEntry {
  readonly name: string;
  readonly text?: string | Buffer;
  /** @default a file */
  readonly type?: 'file' | 'directory' | 'symlink' | 'link' | 'character-device';
  /** Where a link points. */
  readonly target?: string;
}

/** A tar file, compressed. */
export async function tarGz(...entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, text = '', type = 'file', target } of entries) {
    const header = { name, type, ...(target === undefined ? {} : { linkname: target }) };
    if (type === 'file') tar.entry(header, Buffer.from(text));
    else tar.entry(header);
  }
  tar.finalize();
  return gzipSync(await buffer(tar));
}

const MODES = { file: 0o100644, directory: 0o040755, symlink: 0o120777, link: 0o100644, 'character-device': 0o020644 };

/** A zip file; `claim` is the size that its headers tell of each entry, in place of the right one. */
export function zip(entries: readonly ArchiveEntry[], claim?: number): Buffer {
  let offset = 0;
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  for (const { name, text = '', type = 'file', target } of entries) {
    const plain = Buffer.from(target ?? text);
    const packed = deflateRawSync(plain);
    const path = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(plain), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claim ?? plain.length, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from('504b0304', 'hex'), common, path, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((MODES[type] << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    // The upper byte of the version says that a Unix system made it.
    central.push(Buffer.concat([Buffer.from('504b01021403', 'hex'), common, tail, path]));
    locals.push(local);
    offset += local.length;
  }
  const index = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('504b0506', 0, 'hex');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(index.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, index, end]);
}
