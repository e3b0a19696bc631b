import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const PAGE_BYTES = 4096;

/**
 * How much memory a process has resident, in bytes; undefined where it is gone or that can't be told. Read from `/proc` on
 * Linux (in its smallest page, so that a larger one is counted too low rather than too high), elsewhere asked of `ps`.
 */
export async function residentMemory(pid: number): Promise<number | undefined> {
  try {
    if (process.platform === 'linux') {
      const [, pages = ''] = (await readFile(`/proc/${String(pid)}/statm`, 'utf8')).split(' ');
      return wholeNumber(pages, PAGE_BYTES);
    }
    const { stdout } = await promisify(execFile)('/bin/ps', ['-o', 'rss=', '-p', String(pid)]);
    return wholeNumber(stdout.trim(), 1024);
  } catch {
    return undefined;
  }
}

function wholeNumber(text: string, unit: number): number | undefined {
  return /^\d+$/.test(text) ? Number(text) * unit : undefined;
}
