import type { Failure } from '../../core/failures.ts';
import type { Verdict } from '../../core/record/record.ts';

/** How an attempt's wait ended, before it is written down. */
export interface Ending {
  readonly outcome: Verdict['outcome'];
  readonly at: number;
  readonly message: string;
  readonly failure?: Failure;
}
