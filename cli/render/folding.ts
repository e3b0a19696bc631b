import type { WaveFact } from './facts.ts';
import type { Row, RowContext } from './rows.ts';
import { rowsOf } from './rows.ts';
import { formatDuration } from './times.ts';

/** The rows of all waves; where they are more than fit, the oldest finished and the farthest waiting ones become one row each. */
export function foldWaves(waves: readonly WaveFact[], height: number, context: RowContext): readonly Row[] {
  const rows = waves.flatMap((wave) => rowsOf(wave, context));
  let excess = rows.reduce((sum, row) => sum + 1 + row.notes.length + row.log.length, 0) - height;
  if (excess <= 0) return rows;
  const done = leading(waves, (wave) => wave.state === 'succeeded' || wave.state === 'skipped');
  const early = Math.min(done, excess + 1);
  excess -= Math.max(0, early - 1);
  const waiting = leading([...waves].reverse(), (wave) => wave.state === 'pending');
  const late = excess <= 0 ? 0 : Math.min(waiting, excess + 1);
  return [
    ...(early > 1 ? [doneRow(waves.slice(0, early))] : waves.slice(0, early).flatMap((wave) => rowsOf(wave, context))),
    ...waves.slice(early, waves.length - late).flatMap((wave) => rowsOf(wave, context)),
    ...(late > 1
      ? [foldedRow('pending', `${late} more waves`, '')]
      : waves.slice(waves.length - late).flatMap((wave) => rowsOf(wave, context))),
  ];
}

function leading(waves: readonly WaveFact[], matches: (wave: WaveFact) => boolean): number {
  const end = waves.findIndex((wave) => !matches(wave));
  return end < 0 ? waves.length : end;
}

function doneRow(waves: readonly WaveFact[]): Row {
  const start = waves.at(0)?.startedAt;
  const end = waves.at(-1)?.finishedAt;
  const took = start === undefined || end === undefined ? '' : formatDuration(end - start);
  return foldedRow('succeeded', `${waves.length} waves done`, took);
}

function foldedRow(state: Row['state'], title: string, time: string): Row {
  return { state, phase: '', wave: '', title, time, detail: '', notes: [], log: [] };
}
