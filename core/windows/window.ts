import { Cron } from 'croner';
import { parseDuration } from '../annotations/duration.ts';

/** A time that comes again and again, in which syncs may begin (`allow`) or may not (`deny`), as Argo CD's sync windows have it. */
export interface Window {
  readonly kind: 'allow' | 'deny';
  /** As it was written. */
  readonly text: string;
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** How long it stays open, ms of real time: over a change of the clocks it is neither longer nor shorter. */
  readonly durationMs: number;
  /** IANA name of the time zone of `cron`. */
  readonly timezone: string;
}

/** A text that is no window; `problem` goes on after the text. */
export interface NoWindow {
  readonly problem: string;
}

const FORM =
  'is no window such as "deny 0 9 * * 1-5 8h Europe/Berlin": allow or deny, five cron fields, a duration, a time zone (UTC)';

/** Reads `allow|deny CRON DURATION [TIMEZONE]`. */
export function parseWindow(text: string): Window | NoWindow {
  const parts = text.trim().split(/\s+/);
  const [kind] = parts;
  const durationMs = parseDuration(parts[6] ?? '');
  const timezone = parts[7] ?? 'UTC';
  if ((kind !== 'allow' && kind !== 'deny') || durationMs === undefined || parts.length > 8) return { problem: FORM };
  const window: Window = { kind, text: parts.join(' '), cron: parts.slice(1, 6).join(' '), durationMs, timezone };
  try {
    if (cronOf(window).nextRun() === null) return { problem: 'never opens' };
    return window;
  } catch {
    return { problem: FORM };
  }
}

/** The windows of texts that have been checked; what is none is left out. */
export function windowsOf(texts: readonly string[]): readonly Window[] {
  return texts.map(parseWindow).filter((window): window is Window => 'kind' in window);
}

/** Whether a sync may begin now; times are ms since 1970. */
export type Opening =
  | { readonly kind: 'open' }
  /** `window` is what holds it back; `opensAt` is absent where no opening is found. */
  | { readonly kind: 'closed'; readonly window: Window; readonly opensAt?: number };

/**
 * Judges a moment by Argo CD's rule (user-guide/sync_windows): a deny window that is active holds back, whatever else is; where there are
 * allow windows, one has to be active; without any window syncs may always begin.
 */
export function openingAt(windows: readonly Window[], at: number): Opening {
  const window = closedBy(windows, at);
  if (window === undefined) return { kind: 'open' };
  const opensAt = nextOpening(windows, at);
  return { kind: 'closed', window, ...(opensAt === undefined ? {} : { opensAt }) };
}

/** So many changes of windows are looked at for the next opening; more only an odd pair of windows needs. */
const MOST_CHANGES = 500;

function nextOpening(windows: readonly Window[], from: number): number | undefined {
  let at = from;
  for (let changes = 0; changes < MOST_CHANGES; changes += 1) {
    const changed = windows.flatMap((window) => activeUntil(window, at) ?? nextStart(window, at) ?? []);
    if (changed.length === 0) return undefined;
    at = Math.min(...changed);
    if (closedBy(windows, at) === undefined) return at;
  }
  return undefined;
}

function closedBy(windows: readonly Window[], at: number): Window | undefined {
  const denial = windows.find((window) => window.kind === 'deny' && activeUntil(window, at) !== undefined);
  const allowing = windows.filter(({ kind }) => kind === 'allow');
  if (denial !== undefined || allowing.length === 0) return denial;
  return allowing.some((window) => activeUntil(window, at) !== undefined) ? undefined : allowing[0];
}

/** When a window that is active at a moment closes; its first moment is in it, its last one is not. */
function activeUntil(window: Window, at: number): number | undefined {
  // The latest start at or before this moment; the library looks at whole seconds before the one it is given.
  const [start] = cronOf(window).previousRuns(1, new Date(Math.floor(at / 1000) * 1000 + 1000));
  const end = start === undefined ? undefined : start.getTime() + window.durationMs;
  return end !== undefined && end > at ? end : undefined;
}

function nextStart(window: Window, at: number): number | undefined {
  return cronOf(window).nextRun(new Date(at))?.getTime();
}

function cronOf({ cron, timezone }: Pick<Window, 'cron' | 'timezone'>): Cron {
  return new Cron(cron, { timezone, paused: true, mode: '5-part' });
}
