/** Which step of the ladder gave a program. */
export type BinarySource = 'variable' | 'path' | 'cache' | 'download' | 'build';

/** What happens on the way to the programs; `elapsedMs` counts from the start of the step. */
export type BinaryProgress =
  | { readonly kind: 'looking'; readonly names: readonly string[] }
  | { readonly kind: 'waiting'; readonly what: string; readonly holderPid: number; readonly elapsedMs: number }
  | { readonly kind: 'repairing'; readonly name: string; readonly reason: string }
  | {
      readonly kind: 'downloading';
      readonly name: string;
      readonly version: string;
      readonly url: string;
      readonly receivedBytes: number;
      readonly totalBytes: number | undefined;
      readonly elapsedMs: number;
    }
  | { readonly kind: 'download-failed'; readonly name: string; readonly reason: string }
  | {
      readonly kind: 'building';
      readonly names: readonly string[];
      readonly version: string;
      /** About how long a first build takes. */
      readonly expectedSeconds: number;
      readonly elapsedMs: number;
    }
  | {
      readonly kind: 'ready';
      readonly name: string;
      readonly path: string;
      readonly source: BinarySource;
      readonly elapsedMs: number;
    };

/** Says in one line what happens. */
export function describeProgress(event: BinaryProgress): string {
  switch (event.kind) {
    case 'looking':
      return `looking for ${event.names.join(', ')}`;
    case 'waiting':
      return `waiting for process ${event.holderPid}, which prepares ${event.what}… ${duration(event.elapsedMs)}`;
    case 'repairing':
      return `replacing the cached ${event.name}: ${event.reason}`;
    case 'downloading': {
      const total = event.totalBytes === undefined ? '' : ` of ${megabytes(event.totalBytes)}`;
      const received = `${megabytes(event.receivedBytes)}${total} MB`;
      return `downloading ${event.name} ${event.version} (first time only)… ${received}, ${duration(event.elapsedMs)}`;
    }
    case 'download-failed':
      return `no download of ${event.name}: ${event.reason}`;
    case 'building': {
      const expected = duration(event.expectedSeconds * 1000);
      const names = event.names.join(', ');
      const hint = `first time only, up to ${expected} on 2 cores`;
      return `building ${names} ${event.version} with Go (${hint})… ${duration(event.elapsedMs)}`;
    }
    case 'ready':
      return `${event.name}: ${SOURCES[event.source]} (${event.path})${took(event)}`;
  }
}

/** Where lines of progress go. */
export interface LineSink {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Writes progress as lines. */
export interface ProgressLines {
  /** Writes a line that says one thing in changing words: repaints it on a terminal, writes it rarely elsewhere. */
  update(key: string, text: string): void;
  /** Writes a line that stays. */
  line(text: string): void;
}

const QUIET_MS = 30_000;

/** Makes a writer: a terminal sees one line that changes, a log file a new line every half minute. */
export function createProgressLines(sink: LineSink): ProgressLines {
  let open: string | undefined;
  const lastWritten = new Map<string, number>();
  const close = (): void => {
    if (open !== undefined && sink.isTTY === true) sink.write('\n');
    open = undefined;
  };
  return {
    line: (text) => {
      close();
      sink.write(`${text}\n`);
    },
    update: (key, text) => {
      if (sink.isTTY === true) {
        if (open !== key) close();
        sink.write(`\r\u001b[2K${text}`);
        open = key;
        return;
      }
      const now = Date.now();
      if (now - (lastWritten.get(key) ?? 0) < QUIET_MS) return;
      lastWritten.set(key, now);
      sink.write(`${text}\n`);
    },
  };
}

/** Writes one event of the ladder with a writer of lines; steps that cost nothing are not worth a line. */
export function renderProgress(lines: ProgressLines, event: BinaryProgress): void {
  switch (event.kind) {
    case 'looking':
      return;
    case 'ready':
      if (event.source === 'download' || event.source === 'build') lines.line(describeProgress(event));
      return;
    case 'repairing':
    case 'download-failed':
      lines.line(describeProgress(event));
      return;
    case 'waiting':
      lines.update(`waiting ${event.what}`, describeProgress(event));
      return;
    case 'downloading':
      lines.update(`downloading ${event.name}`, describeProgress(event));
      return;
    case 'building':
      lines.update(`building ${event.names.join()}`, describeProgress(event));
  }
}

const SOURCES: Readonly<Record<BinarySource, string>> = {
  variable: 'named by its environment variable',
  path: 'found in PATH',
  cache: 'cached',
  download: 'downloaded',
  build: 'built',
};

function took(event: Extract<BinaryProgress, { kind: 'ready' }>): string {
  return event.source === 'download' || event.source === 'build' ? ` in ${duration(event.elapsedMs)}` : '';
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const rest = `${seconds % 60}s`;
  return seconds < 60 ? rest : `${Math.floor(seconds / 60)}m${rest.padStart(3, '0')}`;
}
