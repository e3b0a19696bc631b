import { z } from 'zod';
import { progress } from './progress.ts';
import { batchStatus, hookStatus, stepState, syncResult, syncStatus } from './status.ts';
import { moment, phase } from './vocabulary.ts';

const place = { at: moment, phase, wave: z.number().int() };

/** Something that happened to a sync. */
export const syncEvent = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('sync'), at: moment, state: syncStatus.shape.state }),
    z.object({ kind: z.literal('phase'), at: moment, phase, state: stepState }),
    z.object({ kind: z.literal('wave'), ...place, state: stepState }),
    z.object({ kind: z.literal('hook'), ...place, hook: hookStatus }),
    z.object({ kind: z.literal('batch'), ...place, batch: batchStatus }),
    z.object({ kind: z.literal('warning'), at: moment, message: z.string() }),
    z.object({
      kind: z.literal('progress'),
      phase: phase.exactOptional(),
      progress,
    }),
    z.object({ kind: z.literal('ended'), result: syncResult }),
  ])
  .meta({ id: 'SyncEvent' });
