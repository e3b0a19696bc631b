import type { SyncView } from '../../client/following/view.ts';
import { isOver } from '../../client/following/view.ts';
import { fit, oneLine, padEnd, padStart, phaseWidth, widthOf, wrap } from './cells.ts';
import type { WaveFact } from './facts.ts';
import { wavesOf } from './facts.ts';
import { foldWaves } from './folding.ts';
import { holdNotes, holdWords } from './hold.ts';
import { markOf } from './marks.ts';
import type { Row, RowContext } from './rows.ts';
import type { Style } from './style.ts';
import { formatDuration, formatElapsed } from './times.ts';
import { destinationLine } from './destination.ts';
import { waitingWords } from './queue.ts';
import { rootWorkLine } from './root-work.ts';

/** How the tree is to be laid out. */
export interface TreeOptions extends RowContext {
  /** Columns of the terminal. */
  readonly width: number;
  /** Rows of the terminal: where the waves are more than that, the far ones fold. */
  readonly height: number;
  readonly style: Style;
  /** Address of the sync in Temporal's UI, where it is known. */
  readonly link?: string;
  /** The last line, e.g. what Ctrl-C does. */
  readonly footer?: string;
}

/** Renders where a sync stands as a tree of phases and waves. Every line fits the width. Ends without a line break. */
export function renderTree(view: SyncView, options: TreeOptions): string {
  const waves = wavesOf(view).filter((wave) => wave.phase !== 'SyncFail' || hasBegun(wave));
  const rows = foldWaves(waves, Math.max(4, options.height - 5), options);
  const body = layOut(rows, options);
  const root = rootWorkLine(view, options.now);
  const destination = destinationLine(view);
  const stale = view.stale ? [' ! no worker answers; this is what Temporal last knew'] : [];
  const footer = options.footer === undefined ? [] : [options.style.dim(fit(` ${options.footer}`, options.width))];
  return [
    header(view, options),
    ...(destination === undefined ? [] : [options.style.dim(fit(` ${destination}`, options.width))]),
    ...stale.map((line) => options.style.yellow(fit(line, options.width))),
    ...body,
    ...holdLines(view, options),
    ...(root === undefined ? [] : [` ${markOf('running', options.style)} ${fit(root, options.width - 3)}`]),
    ...waitingWords(view, options.now).map((line) => options.style.dim(fit(` ${line}`, options.width))),
    ...footer,
  ].join('\n');
}

function holdLines(view: SyncView, options: TreeOptions): readonly string[] {
  const words = holdWords(view, options.now);
  if (words === undefined) return [];
  const notes = holdNotes(view, options.application).flatMap((note) => wrap(oneLine(note), options.width - 5));
  return [
    ` ${markOf('waiting', options.style)} ${fit(words, options.width - 3)}`,
    ...notes.map((line) => ` ${options.style.dim('│')}   ${line}`),
  ];
}

function age({ status }: SyncView, now: number): string {
  if (isOver(status) && status.finishedAt !== undefined) return formatDuration(status.finishedAt - status.startedAt);
  return formatElapsed(now - status.startedAt);
}

/** SyncFail is shown only where it was needed. */
function hasBegun(wave: WaveFact): boolean {
  return wave.state !== 'pending' && wave.state !== 'skipped';
}

function header(view: SyncView, options: TreeOptions): string {
  const { status } = view;
  const what = status.operation === 'delete' ? 'deletion' : 'sync';
  const name = `${what} ${status.number ?? status.syncId}`;
  const rest = fit(` · ${name} · ${age(view, options.now)}`, options.width - widthOf(status.application));
  const left = options.style.bold(status.application) + rest;
  const room = options.width - widthOf(left) - 2;
  if (options.link === undefined || widthOf(options.link) > room) return left;
  return `${left}  ${options.style.dim(padStart(options.link, room))}`;
}

/** Widths of the columns, from what stands in them and from what the terminal has. */
interface Layout {
  readonly phase: number;
  readonly wave: string;
  readonly title: number;
  readonly time: number;
  /** 0 where there is no room: then details stand below. */
  readonly detail: number;
}

function layOut(rows: readonly Row[], options: TreeOptions): readonly string[] {
  const word = options.width >= 70 ? 'wave ' : '';
  // Wide enough for most times from the beginning, so that the columns stay where they are while it runs.
  const time = Math.max(options.width >= 70 ? 13 : 0, ...rows.map((row) => widthOf(row.time)));
  const phase = phaseWidth(rows.map((row) => row.phase));
  const room = options.width - prefixWidth(phase, word) - 2 - time;
  const wanted = Math.max(8, ...rows.filter(isFull).map((row) => widthOf(row.title)));
  const hasDetail = rows.some((row) => row.detail !== '');
  const title = Math.max(1, Math.min(wanted, hasDetail && room >= 50 ? Math.floor(room * 0.45) : room));
  const left = room - title - 3;
  const layout = { phase, wave: word, title, time, detail: left >= 20 ? left : 0 };
  return rows.flatMap((row) => rowLines(row, layout, options));
}

/** Whether anything stands behind the title; where nothing does, the title may have all of the line. */
function isFull(row: Row): boolean {
  return row.time !== '' || row.detail !== '';
}

/** ` ✓ PreSync  wave  -5   `: the mark, the phase, the wave. */
function prefixWidth(phase: number, word: string): number {
  return 3 + phase + 2 + word.length + 3 + 3;
}

function rowLines(row: Row, layout: Layout, options: TreeOptions): readonly string[] {
  const { style } = options;
  const wave = row.wave === '' ? ' '.repeat(layout.wave.length + 3) : layout.wave + padStart(row.wave, 3);
  const detail = oneLine(row.detail);
  const beside = layout.detail > 0 ? `   ${style.dim(fit(detail, layout.detail))}` : '';
  const start = ` ${markOf(row.state, style)} ${padEnd(row.phase, layout.phase)}  ${wave}   `;
  const first = isFull(row)
    ? `${start}${padEnd(fit(row.title, layout.title), layout.title)}  ${padStart(row.time, layout.time)}`
    : start + fit(row.title, options.width - widthOf(start));
  const notes = [...(layout.detail > 0 || detail === '' ? [] : [detail]), ...row.notes];
  const below = [...notes.flatMap((note) => wrap(oneLine(note), options.width - 5)), ...row.log.map(oneLine)];
  return [
    (detail === '' ? first : first + beside).trimEnd(),
    ...below.map((line) => ` ${style.dim('│')}   ${fit(line, options.width - 5)}`),
  ];
}
