import type { KubernetesObject } from '../../core/objects.ts';
import type { ThreadRequest } from '../../threads/running-thread.ts';

/** What the thread is told as it starts. */
export interface ThreadSettings {
  /** A shared array of one number: the line that is being run. */
  readonly line: Int32Array;
}

/** What the thread is asked: to evaluate a script for an object, or, without one, to compile it. */
export interface CheckRequest extends ThreadRequest {
  readonly code: string;
  readonly object?: KubernetesObject;
}

/** What a script says of an object, before its words are given a meaning. */
export type CheckAnswer =
  | { readonly kind: 'health'; readonly status: string; readonly message: string }
  /** It returned nothing, or an empty table. */
  | { readonly kind: 'blank' }
  /** It failed; `line` is 0 where none is known. */
  | { readonly kind: 'error'; readonly message: string; readonly line: number };
