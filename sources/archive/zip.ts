import type { Readable } from 'node:stream';
import type { Entry as ZipEntry, ZipFile } from 'yauzl';
import { open } from 'yauzl';
import type { Entry } from './entry.ts';

/** The file type in the Unix mode that a zip entry carries in its upper half; 0 where its packer knew none. */
const TYPE_MASK = 0o170000;
const REGULAR = 0o100000;
const DIRECTORY = 0o040000;

/** Calls `take` for each entry of a zip file, one after the other. Throws what `take` throws, and yauzl's errors for a damaged file. */
export async function eachZipEntry(
  path: string,
  take: (entry: Entry, read: () => Promise<Readable>) => Promise<void>,
): Promise<void> {
  const file = await opened(path);
  try {
    await new Promise<void>((resolve, reject) => {
      file.on('error', reject);
      file.on('end', resolve);
      file.on('entry', (entry: ZipEntry) => {
        take({ path: entry.fileName, type: typeOf(entry) }, () => contentOf(file, entry)).then(
          () => file.readEntry(),
          reject,
        );
      });
      file.readEntry();
    });
  } finally {
    file.close();
  }
}

function opened(path: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    // Names are looked at by `partsOf`, which refuses where yauzl would rewrite.
    open(
      path,
      { lazyEntries: true, autoClose: false, validateEntrySizes: true, strictFileNames: true },
      (error, file) => {
        if (error === null) resolve(file);
        else reject(error);
      },
    );
  });
}

function contentOf(file: ZipFile, entry: ZipEntry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    file.openReadStream(entry, (error, stream) => {
      if (error === null) resolve(stream);
      else reject(error);
    });
  });
}

function typeOf({ fileName, externalFileAttributes }: ZipEntry): Entry['type'] {
  const type = (externalFileAttributes >>> 16) & TYPE_MASK;
  if (type !== 0 && type !== REGULAR && type !== DIRECTORY) return 'other';
  return fileName.endsWith('/') || type === DIRECTORY ? 'folder' : 'file';
}
