const BLOCK = 512;

/**
 * Reads one file out of a tar archive as it streams by.
 *
 * @param archive the archive, already unpacked by gzip
 * @throws Error when the archive has no such file, or ends within it
 */
export async function* tarMember(archive: AsyncIterable<Uint8Array>, member: string): AsyncGenerator<Buffer> {
  const source = createReader(archive);
  for (;;) {
    const header = await source.take(BLOCK);
    if (header === undefined || header.every((byte) => byte === 0)) throw new Error(`the archive has no ${member}`);
    const { name, size } = parseHeader(header);
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (name === member || name === `./${member}`) {
      yield* source.stream(size);
      // Read to the end all the same: whoever hashes the archive as it streams by wants all of it.
      await source.drain();
      return;
    }
    await source.skip(size + padding);
  }
}

interface Reader {
  /** Exactly so many bytes; `undefined` at the end. */
  take(size: number): Promise<Buffer | undefined>;
  /** So many bytes in pieces; throws when the archive ends before. */
  stream(size: number): AsyncGenerator<Buffer>;
  skip(size: number): Promise<void>;
  drain(): Promise<void>;
}

function createReader(archive: AsyncIterable<Uint8Array>): Reader {
  const chunks = archive[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const isOver = async (): Promise<boolean> => (await chunks.next()).done === true;
  const more = async (): Promise<boolean> => {
    const next = await chunks.next();
    if (next.done === true) return false;
    rest = rest.length === 0 ? Buffer.from(next.value) : Buffer.concat([rest, next.value]);
    return true;
  };
  const stream = async function* (size: number): AsyncGenerator<Buffer> {
    let left = size;
    while (left > 0) {
      if (rest.length === 0 && !(await more())) throw new Error('the archive is cut short');
      const piece = rest.subarray(0, left);
      rest = rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  };
  return {
    take: async (size) => {
      while (rest.length < size) if (!(await more())) return undefined;
      const taken = rest.subarray(0, size);
      rest = rest.subarray(size);
      return taken;
    },
    stream,
    skip: async (size) => {
      const pieces = stream(size);
      while ((await pieces.next()).done !== true);
    },
    drain: async () => {
      while (!(await isOver()));
    },
  };
}

function parseHeader(header: Buffer): { readonly name: string; readonly size: number } {
  const text = (start: number, length: number): string => {
    const field = header.subarray(start, start + length);
    const end = field.indexOf(0);
    return field.subarray(0, end === -1 ? length : end).toString('utf8');
  };
  const prefix = text(257, 5) === 'ustar' ? text(345, 155) : '';
  const name = text(0, 100);
  return { name: prefix === '' ? name : `${prefix}/${name}`, size: Number.parseInt(text(124, 12).trim() || '0', 8) };
}
