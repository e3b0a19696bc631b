import type { z } from 'zod';
import { workflowIdOf } from '../../core/markers.ts';
import type { SyncHandle, WaitOptions } from '../handle.ts';
import type { SyncView } from '../following/view.ts';
import type { ServerConnection } from './connection.ts';
import {
  accepted,
  done,
  hookEvents,
  hookEvidence,
  hookList,
  hookLog,
  plan,
  resourceList,
  syncList,
} from './schemas/answers.ts';
import { syncView } from './schemas/status.ts';
import { followed } from './stream.ts';
import { viewsOf } from './views.ts';

/** Names one sync to a server. */
export interface HandleNames {
  readonly application: string;
  readonly cluster: string;
  readonly runId?: string;
  readonly syncId?: string;
  readonly workflowId?: string;
  readonly warnings?: readonly string[];
}

/** The address of an application. */
export function applicationPath({ cluster, application }: Pick<HandleNames, 'cluster' | 'application'>): string {
  return `/v1/clusters/${encodeURIComponent(cluster)}/applications/${encodeURIComponent(application)}`;
}

/** The handle of a sync that a server is asked about. */
export function serverHandle(connection: ServerConnection, names: HandleNames): SyncHandle {
  const { application, cluster, runId, syncId, warnings = [] } = names;
  const path = `${applicationPath(names)}/syncs/${encodeURIComponent(runId ?? syncId ?? 'latest')}`;
  const { workflowId = workflowIdOf(cluster, application) } = names;
  const status: SyncHandle['status'] = async ({ signal = never() } = {}) => viewIn(connection, path, signal);
  const watch: SyncHandle['watch'] = ({ signal = never(), after } = {}) =>
    followed(connection, `${path}/stream`, after, signal);
  return {
    ...{ application, cluster, workflowId, warnings, status, watch },
    ...(runId === undefined ? {} : { runId }),
    ...(syncId === undefined ? {} : { syncId }),
    views: ({ signal = never() } = {}) => viewsOf({ status, watch }, signal),
    result: async (options = {}) => {
      for await (const event of watch(options)) if (event.kind === 'ended') return event.result;
      throw new Error('the stream ended before the sync did');
    },
    ...reportsOf(connection, path, names),
    ...commandsOf(connection, path, names),
  };
}

async function viewIn(connection: ServerConnection, path: string, signal: AbortSignal): Promise<SyncView> {
  const { version: _, ...view } = await connection.ask(syncView, { path }, signal);
  return view;
}

type Reports = Pick<SyncHandle, 'plan' | 'resources' | 'hooks' | 'logs' | 'events' | 'evidence' | 'history'>;

function reportsOf(connection: ServerConnection, path: string, names: HandleNames): Reports {
  const read = <Schema extends z.ZodType>(
    schema: Schema,
    part: string,
    { signal = never(), ...query }: WaitOptions & Readonly<Record<string, unknown>> = {},
  ) => connection.ask(schema, { path: `${path}/${part}`, query: query as Record<string, string | number> }, signal);
  const ofHook = (hook: string, part: string): string => `hooks/${encodeURIComponent(hook)}/${part}`;
  return {
    plan: async (options) => await read(plan, 'plan', { ...options }),
    resources: async (options) => (await read(resourceList, 'resources', { ...options })).resources,
    hooks: async (options) => (await read(hookList, 'hooks', { ...options })).hooks,
    logs: (hook, options) => read(hookLog, ofHook(hook, 'logs'), { ...options }),
    events: (hook, options) => read(hookEvents, ofHook(hook, 'events'), { ...options }),
    evidence: (hook, options) => read(hookEvidence, ofHook(hook, 'evidence'), { ...options }),
    history: async ({ signal = never(), limit } = {}) =>
      (await connection.ask(syncList, { path: `${applicationPath(names)}/syncs`, query: { limit } }, signal)).syncs,
  };
}

type Commands = Pick<SyncHandle, 'retry' | 'skip' | 'approve' | 'reject' | 'abort'>;

/** Who asks is told by the token, not by the request. */
function commandsOf(connection: ServerConnection, path: string, names: HandleNames): Commands {
  const post = <Schema extends z.ZodType>(
    schema: Schema,
    verb: keyof Commands,
    { by: _, ...body }: { readonly by: string },
    { signal = never() }: WaitOptions = {},
  ) => connection.ask(schema, { method: 'POST', path: `${path}/${verb}`, body }, signal);
  const resumed = async (
    verb: 'retry' | 'skip',
    request: Parameters<typeof post>[2],
    options: WaitOptions | undefined,
  ) => {
    const { workflowId, runId, syncId, warnings } = await post(accepted, verb, request, options);
    return serverHandle(connection, {
      ...{ application: names.application, cluster: names.cluster, workflowId, warnings },
      ...(runId === undefined ? {} : { runId }),
      ...(syncId === undefined ? {} : { syncId }),
    });
  };
  return {
    retry: (request, options) => resumed('retry', request, options),
    skip: (request, options) => resumed('skip', request, options),
    approve: async (request, options) => {
      await post(done, 'approve', request, options);
    },
    reject: async (request, options) => {
      await post(done, 'reject', request, options);
    },
    abort: async (request, options) => {
      await post(done, 'abort', request, options);
    },
  };
}

function never(): AbortSignal {
  return new AbortController().signal;
}
