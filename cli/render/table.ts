import { oneLine, padEnd, padStart, widthOf } from './cells.ts';

/** A column of a table: its heading, and whether its cells stand at the right. */
export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/** Renders rows under headings, two spaces between the columns. Ends without a line break; cells become single lines. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map((column) => column.title), ...rows.map((row) => row.map(oneLine))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => widthOf(line[at] ?? ''))));
  return lines
    .map((line) =>
      columns
        .map((column, at) => (column.right === true ? padStart : padEnd)(line[at] ?? '', widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
