import { createHash } from 'node:crypto';
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { Failure } from '../../core/failures.ts';
import type { Notification, NotificationKind } from '../../core/notifications/notification.ts';
import type { RollbackTo } from '../../core/history/rollback.ts';
import { followsWithRollback } from '../../core/history/rollback.ts';
import type { CompactPlan } from '../../core/sync/compact-plan.ts';
import type { Trigger } from '../../core/triggers/trigger.ts';
import { requestOfTrigger, turnOfTrigger } from '../../core/triggers/trigger.ts';
import type {
  ClaimInput,
  Fenced,
  FinishInput,
  HookAnswer,
  PrepareAnswer,
  NotificationActivities,
  SyncActivities,
  SyncScope,
  TriggerActivities,
} from '../../workflows/activities.ts';

/** What a hook of the fake does. `wait`: runs until it is told to end, or cancelled; `fail-once`, `fail-twice`: fails the first times it is run. */
export type HookBehaviour = 'succeed' | 'fail' | 'fail-once' | 'fail-twice' | 'wait';

/** How often a hook fails that succeeds afterwards. */
const FAILURES: Readonly<Partial<Record<HookBehaviour, number>>> = { fail: Infinity, 'fail-once': 1, 'fail-twice': 2 };

/** What the activities of one application do, and a way to wait for it. */
export interface ApplicationScript {
  readonly plan: CompactPlan;
  /** By the hook's name; the others succeed. */
  readonly hooks?: Readonly<Record<string, HookBehaviour>>;
  readonly planFailures?: readonly Failure[];
  readonly claimFailures?: readonly Failure[];
  /** Answers of `applySegment` in place of success; a batch that waits ends with its cancellation. */
  readonly batch?: 'fail' | 'wait' | 'throw';
  /** A wait for health ends with its cancellation alone. */
  readonly health?: 'wait';
  readonly healthFailures?: readonly Failure[];
  /** Once a call has been cancelled, no activity is answered any more. */
  readonly lostOnCancel?: boolean;
  readonly stopFailures?: readonly Failure[];
  /** What a failed sync that asks for it is to be followed by. */
  readonly rollback?: RollbackTo;
  /** The address of the repository whose pushes start it. */
  readonly listensTo?: string;
  /** What rendering it for the n-th trigger comes to; absent: a request that supersedes for a push, and waits for a schedule. */
  readonly prepared?: (times: number) => Exclude<PrepareAnswer, { readonly kind: 'ready' }> | undefined;
  /** A window holds the first plan back, and opens so much later, ms. */
  readonly opensInMs?: number;
  /** What the worker's targets want to be told of it; nothing by default. */
  readonly heard?: readonly NotificationKind[];
  /** The first claim of a root or a phase waits until everything is told to end. */
  readonly heldClaim?: ClaimInput['claimant'];
  /** How often a hook's first requests are answered with `fenced` although the fence stands. */
  readonly fencedHooks?: number;
}

/** One application in memory: a record with an epoch, a ledger, and a log of what was asked. */
export interface FakeApplication {
  readonly script: ApplicationScript;
  /** What was asked, in order: `PreSync runHook db-migrate`. */
  readonly calls: readonly string[];
  /** What its one target was told, in order. */
  readonly told: readonly Notification[];
  /** Resolves once a call has been made for the n-th time. */
  called(call: string, times?: number): Promise<void>;
  /** Lets every hook and batch that waits end well, now and later. */
  finish(): void;
  /** The next claim of a root or a phase waits; answers what lets it go on. */
  holdClaim(claimant: ClaimInput['claimant']): () => void;
}

interface State extends FakeApplication {
  readonly calls: string[];
  readonly told: Notification[];
  readonly waiting: { readonly call: string; readonly times: number; readonly resolve: () => void }[];
  readonly succeeded: Set<string>;
  readonly finished: PromiseWithResolvers<undefined>;
  held?: { readonly claimant: ClaimInput['claimant']; readonly released: Promise<undefined> };
  epoch: number;
  run: string;
  rootRun: string;
  fenced: number;
}

/** Activities that touch no cluster. Each application follows its script; fences work as the real ones do. */
export interface FakeActivities {
  readonly activities: SyncActivities & TriggerActivities & NotificationActivities;
  script(application: string, script: ApplicationScript): FakeApplication;
}

/** Makes the activities of a worker. */
export function fakeActivities(): FakeActivities {
  const states = new Map<string, State>();
  const stateOf = (application: string): State => {
    const state = states.get(application);
    if (state === undefined) throw ApplicationFailure.nonRetryable(`no script for ${application}`);
    return state;
  };
  const fenced = async <Answer>(
    scope: SyncScope,
    call: string,
    act: (state: State) => Answer | Promise<Answer>,
  ): Promise<Answer | Fenced> => {
    const state = stateOf(scope.request.application);
    if (state.script.lostOnCancel === true && state.calls.includes('cancelled')) throw new Error('no route to host');
    if (scope.epoch !== state.epoch || Context.current().info.workflowExecution?.runId !== state.run) {
      note(state, `fenced ${call}`);
      return { kind: 'fenced' };
    }
    note(state, call);
    return act(state);
  };
  const activities: FakeActivities['activities'] = {
    findTriggered: async ({ push }) => ({
      kind: 'found',
      applications: [...states].flatMap(
        ([
          application,
          {
            script: { listensTo },
          },
        ]) => (listensTo !== undefined && push.repositories.includes(listensTo) ? [application] : []),
      ),
      ignored: [],
      failures: [],
    }),
    async prepareTrigger({ trigger, name }) {
      const state = stateOf(trigger.application);
      note(state, 'prepareTrigger');
      const told = state.script.prepared?.(countOf(state, 'prepareTrigger'));
      return told ?? readyFor(trigger, name);
    },
    async planSync({ application, resume }) {
      const state = stateOf(application);
      note(state, resume === undefined ? 'planSync' : `planSync again ${resume.plan}`);
      const { plan, planFailures, opensInMs, heard = [] } = state.script;
      if (opensInMs !== undefined && countOf(state, 'planSync') === 1) {
        const failure = { type: 'WindowClosed', message: 'syncs are held back' } as const;
        return { kind: 'failed', failures: [failure], opensAt: Date.now() + opensInMs, heard };
      }
      if (planFailures !== undefined) return { kind: 'failed', failures: planFailures, heard };
      return { kind: 'planned', plan, heard };
    },
    async targetsOf({ application, kind }) {
      return stateOf(application).script.heard?.includes(kind) === true ? ['team'] : [];
    },
    async tellTarget({ notification, target }) {
      stateOf(notification.application).told.push(notification);
      return { target, kind: 'delivered' };
    },
    claimRecord: async (input) => claim(stateOf(input.request.application), input),
    applySegment: ({ scope, phase, wave, segment }) =>
      fenced(scope, `${phase} applySegment ${String(wave)}/${String(segment)}`, applied),
    startHook: ({ scope, phase, hook }) =>
      fenced(scope, `${phase} startHook ${hook.ref.name}`, () => ({ kind: 'started' as const })),
    runHook: ({ scope, phase, hook, ask, round, since, begunOnly = false }) => {
      const rounds = round === undefined ? '' : ` round ${String(round)} since ${String(since)}`;
      const asks = ask === 1 ? '' : ` ask ${String(ask)}`;
      const call = `${phase} runHook ${hook.ref.name}`;
      if (!begunOnly)
        return fenced(scope, `${call}${asks}${rounds}`, (state) => hookAnswer(state, phase, hook.ref.name));
      return fenced(scope, `${phase} await ${hook.ref.name} if begun`, (state) =>
        countOf(state, call) > 0 ? hookAnswer(state, phase, hook.ref.name) : { kind: 'failed' as const, failures: [] },
      );
    },
    awaitHealthy: ({ scope, phase, wave }) =>
      fenced(scope, `${phase} awaitHealthy ${String(wave)}`, async (state) => {
        const { health, healthFailures } = state.script;
        if (health === 'wait') await endOrCancel(state);
        return healthFailures === undefined
          ? { kind: 'healthy' as const }
          : { kind: 'failed' as const, failures: healthFailures };
      }),
    settleHooks: ({ scope, phase, hooks }) =>
      fenced(scope, `${phase} settleHooks ${hooks.map(({ ref }) => ref.name).join(' ')}`, () => DONE),
    stopHooks: ({ scope, phase, hooks }) =>
      fenced(scope, `${phase} stopHooks ${hooks.map(({ ref }) => ref.name).join(' ')}`, ({ script }) =>
        script.stopFailures === undefined ? DONE : { kind: 'failed' as const, failures: script.stopFailures },
      ),
    finishSync: ({ scope, outcome, verify, leftOut = [] }) =>
      fenced(scope, `finishSync ${outcome}${verify ? ' verified' : ''}${leftOutWords(leftOut)}`, ({ script }) => ({
        kind: 'done' as const,
        repaired: 0,
        warnings: [],
        ...(outcome === 'Failed' && followsWithRollback(scope.request) && script.rollback !== undefined
          ? { rollback: script.rollback }
          : {}),
      })),
  };
  return {
    activities,
    script(application, script) {
      const state = newState(script);
      states.set(application, state);
      return state;
    },
  };
}

function leftOutWords(leftOut: NonNullable<FinishInput['leftOut']>): string {
  return leftOut.map(({ phase, wave }) => ` without ${phase}/${String(wave)}`).join('');
}

function readyFor(trigger: Trigger, name: string): PrepareAnswer {
  const { application, cause } = trigger;
  const definition = { version: 1, application, namespace: 'shop', source: { location: 'git' } } as const;
  const revision = cause.kind === 'push' ? cause.push.commit : 'rendered';
  const request = requestOfTrigger(trigger, definition, {
    syncId: `t${createHash('sha256').update(name).digest('hex').slice(0, 24)}`,
    ...{ bundle: 'sha256:rendered', revision, at: Date.now() },
  });
  const series = cause.kind === 'schedule' ? { series: 'the schedule' } : {};
  return { kind: 'ready', joining: { request, ifRunning: turnOfTrigger(cause, definition), ...series } };
}

const DONE = { kind: 'done' as const, deleted: 0, warnings: [] };

function newState(script: ApplicationScript): State {
  const finished = Promise.withResolvers<undefined>();
  const { heldClaim } = script;
  const state: State = {
    script,
    ...(heldClaim === undefined ? {} : { held: { claimant: heldClaim, released: finished.promise } }),
    calls: [],
    told: [],
    waiting: [],
    succeeded: new Set(),
    finished,
    epoch: 0,
    run: '',
    rootRun: '',
    fenced: 0,
    finish: () => finished.resolve(undefined),
    holdClaim: (claimant) => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      state.held = { claimant, released: promise };
      return () => resolve(undefined);
    },
    called: (call, times = 1) =>
      new Promise((resolve) => {
        if (countOf(state, call) >= times) resolve();
        else state.waiting.push({ call, times, resolve });
      }),
  };
  return state;
}

function note(state: State, call: string): void {
  state.calls.push(call);
  for (const waiting of state.waiting) if (countOf(state, waiting.call) >= waiting.times) waiting.resolve();
}

function countOf(state: State, call: string): number {
  return state.calls.filter((known) => known === call).length;
}

async function claim(state: State, { claimant, rootRun }: ClaimInput) {
  const held = state.held?.claimant === claimant ? state.held : undefined;
  if (held !== undefined) delete state.held;
  note(state, `claim ${claimant}`);
  if (held !== undefined) await endOrCancel(state, held.released);
  const { claimFailures } = state.script;
  if (claimFailures !== undefined) return { kind: 'failed' as const, failures: claimFailures };
  if (claimant === 'phase' && rootRun !== state.rootRun) {
    const message = 'another run has taken over';
    return { kind: 'failed' as const, failures: [{ type: 'Superseded' as const, message }] };
  }
  state.epoch += 1;
  state.rootRun = rootRun;
  state.run = Context.current().info.workflowExecution?.runId ?? '';
  return { kind: 'claimed' as const, epoch: state.epoch, number: 7 };
}

async function applied(state: State) {
  const { batch } = state.script;
  if (batch === 'throw') throw ApplicationFailure.nonRetryable('no such verb', 'Forbidden');
  if (batch === 'wait') await endOrCancel(state);
  if (batch === 'fail') {
    return { kind: 'failed' as const, failures: [{ type: 'ApplyFailed' as const, message: 'it was refused' }] };
  }
  return { kind: 'done' as const, applied: 2, unchanged: 1, pruned: 0 };
}

async function hookAnswer(state: State, phase: string, name: string): Promise<HookAnswer> {
  const { hooks = {}, fencedHooks = 0 } = state.script;
  if (state.fenced < fencedHooks) {
    state.fenced += 1;
    return { kind: 'fenced' };
  }
  const behaviour = hooks[name] ?? 'succeed';
  if (behaviour === 'wait' && !state.succeeded.has(name)) await endOrCancel(state);
  note(state, `${phase} ended ${name}`);
  const attempt = countOf(state, `${phase} ended ${name}`);
  const outcome = attempt <= (FAILURES[behaviour] ?? 0) ? 'failed' : 'succeeded';
  const failure: Failure = {
    type: 'HookFailed',
    object: `Job shop/${name}`,
    message: `hook ${name} failed: exit code 1`,
  };
  if (outcome === 'succeeded') state.succeeded.add(name);
  const verdict = { outcome, at: 2_000, message: 'done', ...(outcome === 'failed' ? { failure } : {}) } as const;
  return { kind: 'settled', uid: `uid-${name}`, attempt, startedAt: 1_000, gated: true, verdict };
}

/** Heartbeats until it is told to end; a cancellation of whatever cause passes through. */
async function endOrCancel(state: State, end: Promise<undefined> = state.finished.promise): Promise<void> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), 50);
  try {
    await Promise.race([end, context.cancelled]);
  } catch (error) {
    if (!(error instanceof CancelledFailure)) throw error;
    note(state, 'cancelled');
    throw error;
  } finally {
    clearInterval(timer);
  }
}
