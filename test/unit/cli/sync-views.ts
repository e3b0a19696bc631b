import type { SyncView, Work } from '../../../client/following/view.ts';
import type {
  BatchStatus,
  HookStatus,
  PhaseStatus,
  StepState,
  SyncStatus,
  WaveStatus,
} from '../../../core/sync/status.ts';

/** A moment in the local time zone, so that clock times in expectations hold everywhere. */
export const T0 = new Date(2026, 10, 20, 12, 0, 0).getTime();

/** So many seconds after the beginning. */
export const at = (seconds: number): number => T0 + seconds * 1000;

/** A hook's standing. */
export function aHook(name: string, state: StepState, rest: Partial<HookStatus> = {}): HookStatus {
  const ref = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'shop', name };
  return { kind: 'hook', id: `hook/${name}`, ref, state, deadlineMs: 1_800_000, guarantee: 'exactly-once', ...rest };
}

/** A batch of applied objects. */
export function aBatch(titles: readonly string[], state: StepState, rest: Partial<BatchStatus> = {}): BatchStatus {
  return { kind: 'apply', state, count: titles.length, changed: titles.length, titles: titles.slice(0, 3), ...rest };
}

/** A wave. */
export function aWave(
  wave: number,
  state: StepState,
  steps: WaveStatus['steps'],
  rest: Partial<WaveStatus> = {},
): WaveStatus {
  return { wave, state, steps, ...rest };
}

/** A phase whose state follows from its waves, unless it is given. */
export function aPhase(
  phase: PhaseStatus['phase'],
  waves: readonly WaveStatus[],
  state: StepState = waves[0]!.state,
): PhaseStatus {
  return { phase, state, waves };
}

/** A view of a sync of `shop` that began at T0. */
export function aView(
  phases: readonly PhaseStatus[],
  rest: Partial<SyncStatus> = {},
  work: readonly Work[] = [],
): SyncView {
  const status: SyncStatus = {
    version: 1,
    application: 'shop',
    cluster: 'prod',
    namespace: 'shop',
    syncId: 's1',
    number: 41,
    revision: '3f9a1c2',
    bundle: 'sha256:3f',
    state: 'running',
    requestedBy: 'ci',
    startedAt: T0,
    phases,
    failures: [],
    warnings: [],
    ...rest,
  };
  return { workflowId: 'sync/prod/shop', runId: 'r1', status, work, waiting: [], stale: false };
}

/** What a worker says of a hook it waits for. */
export function hookWork(name: string, rest: object = {}): Work {
  const progress = {
    kind: 'hook' as const,
    id: `hook/${name}`,
    uid: 'u1',
    attempt: 1,
    since: at(17),
    state: `pod ${name}-x7k Running`,
    ...rest,
  };
  return { phase: 'PreSync', activity: 'runHook', tries: 1, progress };
}
