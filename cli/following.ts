import { createLogUpdate } from 'log-update';
import type { SyncHandle } from '../client/handle.ts';
import type { SyncView } from '../client/following/view.ts';
import type { Console } from './console.ts';
import type { LiveLogs } from './live-logs.ts';
import type { LineMemory } from './render/lines.ts';
import { emptyMemory, renderLines } from './render/lines.ts';
import { renderTree } from './render/tree.ts';

/** How a sync is followed. */
export interface FollowOptions {
  /** Show progress on standard error, and never by repainting: standard output is for JSON. */
  readonly json: boolean;
  /** Ends the watching. */
  readonly signal: AbortSignal;
  /** The line under the tree: what Ctrl-C does. */
  readonly footer: string;
  /** The application as commands name it, with the flags they need. */
  readonly application: string;
  readonly link?: string;
  readonly logs: LiveLogs;
}

/** How the watching ended. The view is the last one, undefined where there was none. */
export type Followed =
  { readonly kind: 'ended'; readonly view: SyncView } | { readonly kind: 'left'; readonly view: SyncView | undefined };

/** Shows a sync's progress until it is over or the signal aborts. */
export async function follow(handle: SyncHandle, console: Console, options: FollowOptions): Promise<Followed> {
  const progress =
    options.json || console.screen === undefined
      ? appended(console, options)
      : repainted(console, console.screen, options);
  let last: SyncView | undefined;
  try {
    for await (const view of handle.views({ signal: options.signal })) {
      last = view;
      progress.show(view);
      if (view.result !== undefined) return { kind: 'ended', view };
    }
    return { kind: 'left', view: last };
  } catch (error) {
    if (options.signal.aborted) return { kind: 'left', view: last };
    throw error;
  } finally {
    progress.end();
  }
}

interface ProgressDisplay {
  show(view: SyncView): void;
  end(): void;
}

function appended(console: Console, { json, application }: FollowOptions): ProgressDisplay {
  const write = json ? console.tell : console.print;
  let memory: LineMemory = emptyMemory(console.now());
  return {
    show: (view) => {
      const said = renderLines(memory, view, console.now(), application);
      memory = said.memory;
      for (const line of said.lines) write(line);
    },
    end: () => undefined,
  };
}

const REPAINT_MS = 250;

function repainted(console: Console, screen: NodeJS.WriteStream, options: FollowOptions): ProgressDisplay {
  const update = createLogUpdate(screen);
  let current: SyncView | undefined;
  const paint = (): void => {
    if (current === undefined) return;
    const over = current.result !== undefined;
    const frame = renderTree(current, {
      now: console.now(),
      width: console.width(),
      height: over ? Infinity : screen.rows,
      style: console.style,
      logs: options.logs.current(),
      application: options.application,
      ...(options.link === undefined ? {} : { link: options.link }),
      ...(over ? {} : { footer: options.footer }),
    });
    update(frame);
  };
  const ticker = setInterval(paint, REPAINT_MS);
  return {
    show: (view) => {
      options.logs.refresh(view);
      current = view;
      paint();
    },
    end: () => {
      clearInterval(ticker);
      update.done();
    },
  };
}
