import { z } from 'zod';
import type { Progress } from '../../../core/sync/progress.ts';
import { moment, objectRef } from './vocabulary.ts';

const count = z.number().int();
const problem = z.object({ reason: z.string(), message: z.string(), since: moment.exactOptional() });
const standing = z
  .array(
    z.object({ pod: z.string(), family: z.enum(['scheduling', 'image', 'configuration', 'crash']), since: moment }),
  )
  .exactOptional()
  .describe('Problems of its pods, where a grace period is set.');

/** What a worker says of a piece of work that it has in hand. */
export const progress = z
  .discriminatedUnion('kind', [
    z.object({
      ...{ kind: z.literal('hook'), id: z.string(), uid: z.string(), attempt: count, since: moment, state: z.string() },
      problem: problem.exactOptional(),
      lastEvent: z.string().exactOptional(),
      pod: z.object({ namespace: z.string(), name: z.string() }).exactOptional(),
      standing,
    }),
    z.object({
      ...{ kind: z.literal('health'), since: moment, healthy: count, total: count },
      waiting: z.array(
        z.object({ ref: objectRef, status: z.string(), message: z.string(), problem: problem.exactOptional() }),
      ),
      standing,
    }),
    z.object({ kind: z.literal('batch'), done: count, total: count }),
  ])
  .meta({ id: 'Progress' }) satisfies z.ZodType<Progress>;
