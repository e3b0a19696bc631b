import { utf8Length } from '../manifests/text-size.ts';
import type { LogLimits, LogTail } from './evidence.ts';

/**
 * The end of a log within limits, in whole lines; of a line that alone is longer than the limit, its end is kept. A line
 * break at the very end begins no line, and a carriage return keeps what was written after it, as a terminal does.
 */
export function tailOf(text: string, limits: LogLimits): LogTail {
  const all = linesOf(text);
  const kept: string[] = [];
  let bytes = 0;
  for (const line of all.slice(Math.max(0, all.length - limits.maxLines)).reverse()) {
    bytes += utf8Length(line) + 1;
    if (bytes > limits.maxBytes) break;
    kept.push(line);
  }
  const last = all.at(-1);
  if (kept.length === 0 && last !== undefined) kept.push(endOf(last, limits.maxBytes));
  const whole = kept.length === all.length && kept.at(-1) === all[0];
  return { lines: kept.reverse(), total: all.length, truncated: !whole };
}

function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  return body.split('\n').map((line) => line.replace(/\r$/, '').replace(/^.*\r/s, ''));
}

/** The longest end of a line that fits; never half of a surrogate pair. */
function endOf(line: string, maxBytes: number): string {
  let from = line.length;
  let bytes = 0;
  while (from > 0) {
    const step = /[\uDC00-\uDFFF]/.test(line.charAt(from - 1)) ? 2 : 1;
    bytes += utf8Length(line.slice(Math.max(0, from - step), from));
    if (bytes >= maxBytes) break;
    from -= step;
  }
  return line.slice(Math.max(0, from));
}
