import type { BinaryProgress } from '../programs/progress.ts';
import { createProgressLines, renderProgress, type ProgressLines } from '../programs/progress.ts';
import type { Console } from './console.ts';

/** Writes beside the answer what happens while programs are downloaded or built. */
export function programLines(console: Console): ProgressLines {
  return createProgressLines({
    isTTY: console.screen !== undefined,
    write: (text) => process.stderr.write(text),
  });
}

/** The same as an `onProgress`. */
export function programProgress(console: Console): (event: BinaryProgress) => void {
  const lines = programLines(console);
  return (event) => renderProgress(lines, event);
}
