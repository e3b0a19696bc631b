import type { Readable } from 'node:stream';
import type { Style } from './render/style.ts';

/** What a command has of the outer world: where it writes, what it is told by its surroundings, and when it must stop. */
export interface Console {
  /** Writes a line of the answer. With `-o json` only JSON goes here. */
  readonly print: (text: string) => void;
  /** Writes a line for people that is no part of the answer: errors, hints, and progress beside `-o json`. */
  readonly tell: (text: string) => void;
  readonly stdin: Readable;
  /** Asks the person at the terminal and answers the line that is typed; undefined where there is none. */
  readonly ask?: (question: string) => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The terminal that may be repainted; undefined in a pipe, in CI, and where the terminal can't. */
  readonly screen: NodeJS.WriteStream | undefined;
  /** Columns of the terminal; 100 in a pipe. */
  readonly width: () => number;
  readonly style: Style;
  /** Aborts at Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** Now, ms since 1970. */
  readonly now: () => number;
}
