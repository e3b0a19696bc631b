import { stripVTControlCharacters } from 'node:util';

/** Width of text on a terminal, in columns; colour codes count for nothing. */
export function widthOf(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}

/** Columns that the names of these phases need; eight at the least, so that most tables look alike. */
export function phaseWidth(phases: readonly string[]): number {
  return Math.max(8, ...phases.map(widthOf));
}

/** Text filled with spaces on its right up to a width. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Text filled with spaces on its left up to a width. */
export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** Plain text cut to a width; a cut shows as `…`. */
export function fit(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  return width <= 1
    ? '…'.slice(0, Math.max(0, width))
    : `${Array.from(text)
        .slice(0, width - 1)
        .join('')}…`;
}

/** One line from a foreign text (a log, a message): no control codes that could move the cursor, tabs as spaces. */
export function oneLine(text: string): string {
  return harmless(stripVTControlCharacters(text).replaceAll(/\s*[\r\n]+\s*/g, ' ')).trimEnd();
}

/** A foreign line as it is, but for tabs, which become spaces, and control codes, which go. */
export function harmless(line: string): string {
  return stripVTControlCharacters(line)
    .replaceAll('\t', '    ')
    .replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '');
}

/** Plain text broken between words into lines of at most a width; a word that is longer stands on a line of its own, cut. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').filter((part) => part !== '')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (widthOf(joined) <= width || line === '') line = joined;
    else {
      lines.push(line);
      line = word;
    }
  }
  if (line !== '') lines.push(line);
  return lines.map((each) => fit(each, width));
}
