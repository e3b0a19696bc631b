import { createProgressLines, renderProgress, type LineSink } from '../programs/progress.ts';
import type { SandboxProgress } from './sandbox.ts';

/** Makes an `onProgress` that writes lines for people, to the terminal's standard error if nothing else is said. */
export function createProgressWriter(sink: LineSink = process.stderr): (event: SandboxProgress) => void {
  const lines = createProgressLines(sink);
  return (event) => {
    if (event.kind === 'server') lines.line(event.text);
    else renderProgress(lines, event);
  };
}
