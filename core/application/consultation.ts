import type { Failure } from '../failures.ts';

/** What a client asks of an application's cluster, which only workers reach. What is long travels by its digest in the bundle store. */
export type Consultation =
  | { readonly kind: 'applications'; readonly cluster: string }
  | { readonly kind: 'application'; readonly cluster: string; readonly application: string }
  /** Keeps a definition: the digest of its JSON. */
  | { readonly kind: 'define'; readonly cluster: string; readonly definition: string }
  | { readonly kind: 'undefine'; readonly cluster: string; readonly application: string }
  /** `namespace`: of its record; absent = wherever the cluster has it. */
  | {
      readonly kind: 'history';
      readonly cluster: string;
      readonly application: string;
      readonly namespace?: string;
    };

/** The answer: the digest of its JSON in the bundle store; that there is no such thing; or why there is no answer. */
export type ConsultationAnswer =
  | { readonly kind: 'answered'; readonly digest: string }
  | { readonly kind: 'missing'; readonly failure: Failure }
  | { readonly kind: 'failed'; readonly failures: readonly Failure[] };
