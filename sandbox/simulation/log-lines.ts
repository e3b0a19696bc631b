/** One line a container printed, and when. */
export interface LogLine {
  readonly at: number;
  readonly text: string;
}

/** One run of a container, from its start to its end. */
export interface ContainerRun {
  readonly startedAt: number;
  /** Absent while it runs. */
  readonly endedAt?: number;
  readonly texts: readonly string[];
  /** Time between two lines; 0 prints all at the start. */
  readonly intervalMs: number;
}

/** Which lines somebody wants, as in the API server's request. */
export interface LogSelection {
  readonly sinceMs?: number;
  readonly tailLines?: number;
  readonly timestamps: boolean;
}

/**
 * The lines a run has printed by a moment. A program that has ended has printed everything, so what its interval
 * left over comes at its end.
 */
export function printedLines(run: ContainerRun, now: number): readonly LogLine[] {
  const limit = Math.min(now, run.endedAt ?? now);
  return run.texts.flatMap((text, index) => {
    const due = run.startedAt + index * run.intervalMs;
    if (due <= limit) return [{ at: due, text }];
    return run.endedAt === undefined ? [] : [{ at: run.endedAt, text }];
  });
}

/** When the next line comes after this many; `undefined` when none will. */
export function nextLineAt(run: ContainerRun, printed: number): number | undefined {
  return printed < run.texts.length ? run.startedAt + printed * run.intervalMs : undefined;
}

/** Applies `sinceTime`/`sinceSeconds` and `tailLines`. */
export function selectLines(lines: readonly LogLine[], selection: LogSelection): readonly LogLine[] {
  const { sinceMs, tailLines } = selection;
  const recent = sinceMs === undefined ? lines : lines.filter(({ at }) => at >= sinceMs);
  return tailLines === undefined ? recent : recent.slice(Math.max(0, recent.length - tailLines));
}

/** A line as it is sent, with its time in front when asked for. */
export function formatLine(line: LogLine, timestamps: LogSelection['timestamps']): string {
  return timestamps ? `${new Date(line.at).toISOString().replace('Z', '000000Z')} ${line.text}\n` : `${line.text}\n`;
}
