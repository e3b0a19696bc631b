import { Conflict, NotFound } from '../../client/errors.ts';
import type { SynclineClient } from '../../client/syncline-client.ts';
import type { SyncHandle } from '../../client/handle.ts';
import type { Schedule } from '../../client/applications/schedule-view.ts';
import type { SyncListing } from '../../client/listing/sync-listing.ts';
import type { DeletionOrder, SyncOrder } from '../../client/starting/request.ts';
import type { SyncView } from '../../client/following/view.ts';
import type { ApplicationDefinition } from '../../core/application/application.ts';
import { initialStatus } from '../../core/sync/initial-status.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../core/sync/request.ts';
import type { Push } from '../../core/triggers/push.ts';

/** What a fake client was asked to do, in order. */
export type Asked =
  | { readonly verb: 'sync' | 'diff'; readonly order: SyncOrder }
  | { readonly verb: 'delete'; readonly order: DeletionOrder }
  | { readonly verb: 'schedule'; readonly how: string; readonly by: string }
  | { readonly verb: 'pushed'; readonly push: Push; readonly clusters: readonly string[] }
  | {
      readonly verb: 'retry' | 'skip' | 'approve' | 'reject' | 'abort';
      readonly run?: string;
      readonly request: unknown;
    };

/** A client without Temporal: it knows the application `shop` of the cluster `prod`, and writes down what it is asked to do. */
export interface FakeClient extends SynclineClient {
  readonly asked: readonly Asked[];
}

/** The run of the application `shop`. */
export const SHOP_RUN = '0199c1de-5b9a-7e4b-9c60-1d9a42f0a001';

const REQUEST: SyncRequest = {
  version: 1,
  syncId: 'sabc',
  application: 'shop',
  cluster: 'prod',
  namespace: 'shop',
  createNamespace: false,
  bundle: `sha256:${'a'.repeat(64)}`,
  revision: 'aaaaaaa',
  requestedBy: 'test',
  requestedAt: 1_000,
  indexed: true,
  options: DEFAULT_SYNC_OPTIONS,
};

const DEFINITION: ApplicationDefinition = {
  version: 1,
  application: 'shop',
  namespace: 'shop',
  source: { location: 'https://git.example.com/shop' },
};

const VIEW: SyncView = {
  workflowId: 'sync/prod/shop',
  runId: SHOP_RUN,
  status: initialStatus(REQUEST, 1_000),
  work: [],
  waiting: [],
  stale: false,
};

/** Makes a fake client; `parts` replace what it does. */
export function fakeClient(parts: Partial<SynclineClient> = {}): FakeClient {
  const asked: Asked[] = [];
  const client: FakeClient = {
    asked,
    place: { kind: 'temporal', address: 'fake:7233', namespace: 'default' },
    sync: async (order) => {
      asked.push({ verb: 'sync', order });
      return handle(asked, order.application, order.cluster);
    },
    diff: async (order) => {
      asked.push({ verb: 'diff', order });
      const counts = {
        added: 1,
        changed: 0,
        remade: 0,
        removed: 0,
        extra: 0,
        unpredicted: 0,
        marked: 0,
        hook: 0,
        unchanged: 0,
      };
      return { view: VIEW, diff: { version: 1, counts, objects: [] }, warnings: [] };
    },
    latestOrder: async (application, { cluster }) => {
      refuseUnknown(application, cluster);
      const { namespace, bundle, revision, requestedBy, options } = REQUEST;
      return { application, cluster, namespace, bundle, revision, requestedBy, options };
    },
    isUnderWay: async () => false,
    applications: {
      list: async () => [DEFINITION],
      get: async (application) => {
        refuseUnknown(application, 'prod');
        return DEFINITION;
      },
      set: async () => undefined,
      delete: async () => undefined,
    },
    schedules: fakeSchedules(asked),
    history: async (application, { cluster }) => {
      refuseUnknown(application, cluster);
      return { version: 1, namespace: 'shop', entries: [] };
    },
    rollbackOrder: async (application, { cluster, requestedBy }) => {
      refuseUnknown(application, cluster);
      const { namespace, bundle, revision, options } = REQUEST;
      return { application, cluster, namespace, bundle, revision, requestedBy, options };
    },
    syncState: async () => ({ state: 'in-sync' }),
    delete: async (order) => {
      asked.push({ verb: 'delete', order });
      return handle(asked, order.application, order.cluster);
    },
    deletionPlan: async ({ application, cluster }) => {
      refuseUnknown(application, cluster);
      return { version: 1, phases: [], skipped: [], warnings: [] };
    },
    pushed: async (push, clusters) => {
      const isNew = !asked.some((each) => each.verb === 'pushed' && each.push.id === push.id);
      asked.push({ verb: 'pushed', push, clusters });
      return { workflowId: `push/${push.sender}/${push.id}`, isNew };
    },
    handle: (application, { cluster, runId }) => handle(asked, application, cluster, runId),
    list: async ({ includes = () => true } = {}) => {
      const names = ['shop', 'other'].map((application) => ({ application, cluster: 'prod' }));
      return names.filter(includes).map(listingOf);
    },
    workers: async () => [{ identity: '1@fake', lastSeenAt: 1_000 }],
    close: async () => undefined,
    ...parts,
  };
  return client;
}

const SCHEDULE: Schedule = {
  ...{ application: 'shop', cluster: 'prod', crons: ['0 3 * * *'], timezone: 'Europe/Berlin', jitterMs: 60_000 },
  ...{ paused: false, nextAt: 10_800_000, ifRunning: 'queue', by: 'ana' },
  recent: [{ at: 1_000, workflowId: 'trigger/prod/shop/schedule-1970', state: 'asked' }],
};

function fakeSchedules(asked: Asked[]): SynclineClient['schedules'] {
  const told =
    (how: string) => async (application: string, options: { readonly cluster: string; readonly by?: string }) => {
      refuseUnknown(application, options.cluster);
      asked.push({ verb: 'schedule', how, by: options.by ?? '' });
    };
  return {
    set: async (application, spec, options) => {
      refuseUnknown(application, options.cluster);
      asked.push({ verb: 'schedule', how: `set ${JSON.stringify(spec)}`, by: options.by });
    },
    get: async (application, { cluster }) => {
      refuseUnknown(application, cluster);
      return SCHEDULE;
    },
    list: async () => [SCHEDULE, { ...SCHEDULE, application: 'other' }],
    pause: (application, options) => told(`pause ${options.reason ?? ''}`)(application, options),
    resume: told('resume'),
    trigger: async (application, options) => {
      await told('trigger')(application, options);
      return { kind: 'asked', syncId: 'tabc', revision: 'aaaaaaa', bundle: REQUEST.bundle };
    },
    delete: told('delete'),
  };
}

function listingOf(names: { readonly application: string; readonly cluster: string }): SyncListing {
  return {
    ...names,
    ...{ namespace: 'shop', syncId: 'sabc', revision: 'aaaaaaa', requestedBy: 'test', startedAt: 1_000 },
    outcome: 'Running',
    workflowId: `sync/prod/${names.application}`,
    runId: SHOP_RUN,
  };
}

function refuseUnknown(application: string, cluster: string): void {
  if (application !== 'shop' || cluster !== 'prod') throw new NotFound(`there is no sync of ${application}`);
}

function handle(asked: Asked[], application: string, cluster: string, run?: string): SyncHandle {
  const known =
    <T>(value: T) =>
    async (): Promise<T> => {
      refuseUnknown(application, cluster);
      if (run !== undefined && run !== SHOP_RUN) throw new NotFound(`there is no run ${run} of ${application}`);
      return value;
    };
  const hooked =
    <T>(value: T) =>
    async (hook: string): Promise<T> => {
      if (hook !== 'db-migrate') throw new NotFound(`this sync of ${application} has no hook ${hook}`);
      return known(value)();
    };
  const told = (verb: 'approve' | 'reject' | 'abort') => async (request: { readonly reason?: string }) => {
    await known(undefined)();
    if (request.reason === 'too late') throw new Conflict(`no sync of ${application} is running`);
    asked.push({ verb, ...(run === undefined ? {} : { run }), request });
  };
  const resumed = (verb: 'retry' | 'skip') => async (request: object) => {
    await known(undefined)();
    asked.push({ verb, ...(run === undefined ? {} : { run }), request });
    return handle(asked, application, cluster, SHOP_RUN);
  };
  const events = [
    {
      at: '2026-01-01T00:00:00Z',
      type: 'Normal',
      reason: 'Started',
      object: 'Pod/db-migrate-x',
      message: 'm',
      count: 1,
    },
  ] as const;
  return {
    application,
    cluster,
    workflowId: `sync/${cluster}/${application}`,
    ...(run === undefined ? {} : { runId: run }),
    warnings: [],
    status: known(VIEW),
    async *views() {
      yield await known(VIEW)();
    },
    async *watch() {
      yield { kind: 'sync', at: 1_000, state: (await known(VIEW)()).status.state, id: `${SHOP_RUN}.1.0` };
    },
    plan: known({ version: 1, phases: [], skipped: [], warnings: [] } as const),
    resources: known([]),
    hooks: known([]),
    logs: hooked({
      live: true,
      attempt: 1,
      state: 'pod db-migrate-x Running',
      containers: [{ container: 'main', lines: ['a'] }],
    } as const),
    events: hooked({ live: false, events }),
    evidence: hooked({
      ...{ version: 1, hook: { apiVersion: 'batch/v1', kind: 'Job', name: 'db-migrate' }, uid: 'u', attempt: 1 },
      ...{ outcome: 'succeeded', message: 'm', capturedAt: '2026-01-01T00:00:00Z', containers: [], events: [] },
    } as const),
    history: async () => [listingOf({ application, cluster })],
    result: async () => {
      throw new Error('the fake never ends');
    },
    retry: resumed('retry'),
    skip: resumed('skip'),
    approve: told('approve'),
    reject: told('reject'),
    abort: told('abort'),
  };
}
