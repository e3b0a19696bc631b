import type { SynclineError } from '../../core/failures.ts';
import { failure } from '../../core/failures.ts';

/** What an archive may hold. Sizes in bytes, unpacked. */
export const ARCHIVE_LIMITS = { bytes: 25 * 1024 * 1024, entries: 5_000, pathLength: 1_024, depth: 32 } as const;

/** What an entry of an archive is, as its header says. */
export interface Entry {
  readonly path: string;
  readonly type: 'file' | 'folder' | 'other';
}

/** Counts what comes out of an archive. */
export interface Toll {
  /** Throws `InvalidManifest` where there are more entries than an archive may have. */
  entry(): void;
  /** Throws `InvalidManifest` where more comes out than an archive may hold. */
  bytes(count: number): void;
}

/** Makes the toll of one archive. `named` is what messages call it. */
export function tollOf(named: string): Toll {
  let entries = 0;
  let bytes = 0;
  return {
    entry: () => {
      entries += 1;
      if (entries > ARCHIVE_LIMITS.entries) throw tooMuch(named, `${String(ARCHIVE_LIMITS.entries)} entries`);
    },
    bytes: (count) => {
      bytes += count;
      if (bytes > ARCHIVE_LIMITS.bytes)
        throw tooMuch(named, `${String(ARCHIVE_LIMITS.bytes / 1024 / 1024)} MiB unpacked`);
    },
  };
}

/**
 * The path of an entry below the archive's root, by its parts; empty for the root itself. Throws `InvalidManifest` for whatever could
 * reach or point out of it: absolute paths, `..`, links and devices.
 */
export function partsOf(named: string, { path, type }: Entry): readonly string[] {
  if (type === 'other')
    throw refused(named, path, 'it is neither a file nor a folder: links and devices are not unpacked');
  if (path.length > ARCHIVE_LIMITS.pathLength) throw refused(named, `${path.slice(0, 60)}…`, 'its path is too long');
  if (path.includes('\0') || path.includes('\\'))
    throw refused(named, path, 'its path has characters that are not allowed');
  if (path.startsWith('/')) throw refused(named, path, 'its path is absolute');
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refused(named, path, 'its path leads out of the archive');
  if (parts.length > ARCHIVE_LIMITS.depth) throw refused(named, path, 'it lies too deep');
  return parts;
}

/** The error for an archive that is none, or is damaged. */
export function damaged(named: string, cause?: unknown): SynclineError {
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return failure(
    'InvalidManifest',
    `${named} can't be unpacked${why}.`,
    { remedy: 'Pack the folder with `tar -czf` or as a zip file, without encryption.' },
    { cause },
  );
}

/** The error for an entry that is not unpacked. */
export function refused(named: string, path: string, why: string): SynclineError {
  return failure('InvalidManifest', `${named} is refused: of ${JSON.stringify(path)}, ${why}.`, {
    remedy: 'Pack plain files and folders alone, below the folder that is packed.',
  });
}

function tooMuch(named: string, limit: string): SynclineError {
  return failure('InvalidManifest', `${named} is refused: it holds more than ${limit}.`, {
    remedy: 'Leave out what is no manifest, or split the application.',
  });
}
