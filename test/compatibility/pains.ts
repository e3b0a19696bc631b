import type { Section } from './row.ts';
import { differs } from './row.ts';

/** What users of Argo CD report of its syncs, and what is done about it here. */
export const PAINS: Section = {
  id: '6',
  title: 'What users of Argo CD report',
  rows: [
    differs(
      'unseen-end',
      'A hook goes on “waiting” although its Job is done (argo-cd#4979, #9018)',
      'its watch is listed anew when it is silent, and now and then in any case',
    ),
    differs(
      'ttl',
      'A Job’s TTL deletes it before its verdict is read, or leaves a finalizer behind (argo-cd#21055, #29464)',
      'the TTL is withheld until the verdict is recorded; there is no finalizer',
    ),
    differs(
      'timeouts',
      'No time-out for a single hook or wave (argo-cd#6055, #15932)',
      '`syncline.dev/timeout`, else a default; what is over its time is stopped, with its log',
    ),
    differs(
      'own-outcome',
      'HookSucceeded and HookFailed follow the sync, not the hook (argo-cd#27506)',
      'they follow the hook',
    ),
    differs(
      'skipped-migration',
      'A finished Job of an earlier sync is taken for this one’s (argo-cd#25475)',
      'every sync runs its hooks; what another sync left counts for nothing',
    ),
    differs(
      'stale-hook',
      'A named hook that was kept can’t be applied again (argo-cd#7430, #13100)',
      'it is deleted, awaited until it and its pods are gone, and created',
    ),
    differs(
      'prerequisites',
      'A PreSync Job needs a ConfigMap or ServiceAccount, which goes too early as a hook (argo-cd#9891, #13429)',
      'hooks without an end are there before the Jobs of their wave, and stay to the end of the sync',
    ),
    differs(
      'resume',
      'A restart or a retry begins anew, migrations too (argo-cd#27507)',
      'a sync goes on at its step, whatever process died; a hook that succeeded in it is not run again',
    ),
    differs(
      'terminate',
      'A sync that hangs can’t be terminated (argo-cd#17155, #18613)',
      'an abort stops its hooks and waits for nothing but them',
    ),
    differs(
      'suspended',
      'A suspended or paused resource blocks the sync (argo-cd#10600)',
      'not in the last wave; before it up to its deadline',
    ),
    differs(
      'vanished',
      'A resource that is deleted during the sync hangs it (argo-cd#25323)',
      'a failure that names it',
    ),
    differs(
      'causes',
      'A failure without its cause; a wave that waits without saying for what (argo-cd#9721, #3516)',
      'exit code, pod, events, the end of the log, and what was not run, in the command’s own output',
    ),
    differs(
      'kept-logs',
      'A hook’s log goes with its object (argo-cd#18884)',
      'it is kept, without the values of Secrets',
    ),
    differs(
      'prune-cap',
      'One wrong commit prunes everything (argo-cd#7412)',
      '`--max-prune`, and no application is emptied without `--allow-empty`',
    ),
  ],
};
