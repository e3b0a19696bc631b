import type { Json } from '../../core/json.ts';
import type { ThreadRequest } from '../running-thread.ts';

/** What the thread is asked: the paths that an expression finds in a value. */
export interface PathsRequest extends ThreadRequest {
  readonly expression: string;
  readonly value: Json;
}

/** What jq says to an expression. */
export type PathsAnswer =
  | { readonly kind: 'paths'; readonly paths: Json }
  /** The expression can't be read, or names no paths. */
  | { readonly kind: 'wrong'; readonly why: string }
  /** It can't be evaluated for this value, e.g. because a list it goes through is missing. */
  | { readonly kind: 'inapplicable' };
