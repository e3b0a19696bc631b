import { open } from 'node:fs/promises';

/** The last lines of a log file, for an error message; empty when there is no log. */
export async function readLogTail(path: string, maxBytes = 4096): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const start = Math.max(0, size - maxBytes);
      const buffer = Buffer.alloc(size - start);
      await file.read(buffer, 0, buffer.length, start);
      return buffer.toString('utf8').trim().split('\n').slice(-12).join('\n');
    } finally {
      await file.close();
    }
  } catch {
    return '';
  }
}
