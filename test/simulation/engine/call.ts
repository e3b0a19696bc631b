import { reasonOf } from '../../../kubernetes/pause.ts';
import type { Process, Scheduler } from './scheduler.ts';
import { currentProcess, processOf } from './scheduler.ts';

/** What becomes of a request on its way. */
export type Fate =
  | { readonly kind: 'fine' }
  /** It never arrives, or its answer does not: the caller is told so by this error. */
  | { readonly kind: 'request-lost' | 'answer-lost'; readonly error: () => Error }
  /** It is refused without effect. */
  | { readonly kind: 'refused'; readonly error: () => Error };

/** Where requests go while nothing holds them. */
export const NETWORK = processOf('network');

/** What becomes of requests, how one is called while it is under way, and who hears of those that have taken effect. */
export interface Calls {
  readonly fateOf: (caller: Process, what: string) => Fate;
  readonly nameOf: (what: string, about: unknown) => string;
  readonly happened: (name: string, caller: Process) => void;
}

/**
 * Makes a request as the process whose code calls: it takes effect when its turn comes, and its answer arrives when its turn
 * comes. Rejects at once when the signal aborts, whether it has taken effect or not.
 */
export function callOf(scheduler: Scheduler, { fateOf, nameOf, happened }: Calls) {
  return async <T>(what: string, about: unknown, signal: AbortSignal, effect: () => T): Promise<T> => {
    const caller = currentProcess.getStore();
    if (caller === undefined) throw new Error(`${what} was called by nobody`);
    signal.throwIfAborted();
    const fate = fateOf(caller, what);
    const name = nameOf(what, about);
    caller.asking = name;
    return new Promise<T>((resolve, reject) => {
      const stop = (): void => reject(reasonOf(signal));
      signal.addEventListener('abort', stop, { once: true });
      const answer = (told: string, settle: () => void): void =>
        scheduler.soon(caller, `${told} ${what}`, undefined, () => {
          signal.removeEventListener('abort', stop);
          caller.asking = undefined;
          settle();
        });
      const arrive = (): void => {
        if (fate.kind === 'request-lost' || fate.kind === 'refused') {
          answer(fate.kind, () => reject(fate.error()));
          return;
        }
        try {
          const value = effect();
          happened(name, caller);
          if (fate.kind === 'answer-lost') answer('loses the answer of', () => reject(fate.error()));
          else answer('has the answer of', () => resolve(value));
        } catch (error) {
          answer('is refused', () => reject(error instanceof Error ? error : new Error(String(error))));
        }
      };
      scheduler.soon(NETWORK, what, about, arrive, caller);
    });
  };
}

/** Makes requests that take effect and are answered between two steps. */
export const atOnce: Call = async (_what, _about, _signal, effect) => effect();

/** A request as `callOf` makes it. */
export type Call = ReturnType<typeof callOf>;
