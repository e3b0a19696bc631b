import { recordName } from '../../../core/markers.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import type { Cluster } from '../../../kubernetes/cluster.ts';
import { ConnectionError } from '../../../kubernetes/errors.ts';
import type { Call } from '../engine/call.ts';
import type { Process, Scheduler } from '../engine/scheduler.ts';
import { APPLICATION } from '../names.ts';
import type { ModelApiServer } from '../../fakes/api-server/model-api-server.ts';
import type { Audit } from './audit.ts';
import { sharedViews } from './views.ts';
import type { Random } from '../engine/random.ts';

/** What a cluster as one worker reaches it is made of. */
export interface ClusterWorld {
  readonly server: ModelApiServer;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly call: Call;
  readonly audit: Audit;
  /** Whether a write of a resource comes later than any is assumed to come. */
  readonly isTooLate: (by: Process | undefined) => boolean;
}

/** Kinds the model serves; the others are not there. */
const SERVED: Readonly<Record<string, { readonly plural: string; readonly namespaced: boolean }>> = {
  Namespace: { plural: 'namespaces', namespaced: false },
  ConfigMap: { plural: 'configmaps', namespaced: true },
  Pod: { plural: 'pods', namespaced: true },
  Job: { plural: 'jobs', namespaced: true },
};

/** The Cluster port over the model: each call takes effect, and is answered, when the scheduler says so. */
export function clusterPort({ server, scheduler, random, call, audit, isTooLate }: ClusterWorld): Cluster {
  const views = sharedViews(server, scheduler, random);
  const inTime = <T>(by: Process | undefined, effect: () => T): T => {
    if (isTooLate(by)) throw new ConnectionError('the request took too long');
    return effect();
  };
  return {
    name: 'model',
    server: 'model:',
    servedKind: (apiVersion, kind) => {
      const served = SERVED[kind];
      return Promise.resolve(
        served && {
          apiVersion,
          kind,
          ...served,
          verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
        },
      );
    },
    capabilities: () => Promise.reject(new Error('a model has no version')),
    get: (ref, signal) => {
      const by = audit.caller();
      return call('get', ref, signal, () => {
        const object = server.get(ref);
        if (object !== undefined && ref.name === recordName(APPLICATION)) audit.looked(by);
        return object;
      });
    },
    list: (query, signal) => call('list', query, signal, () => server.list(query)),
    create: (object, { dryRun }, signal) => call('create', named(object), signal, () => server.create(object, dryRun)),
    replace: (object, _, signal) => call('replace', named(object), signal, () => server.replace(object)),
    apply: (object, options, signal) => {
      const by = audit.caller();
      const what = options.dryRun === true ? 'dry run' : 'apply';
      return call(what, named(object), signal, () =>
        inTime(by, () => {
          if (options.dryRun !== true) audit.applying(object, by);
          return server.apply(object, options);
        }),
      );
    },
    patch: (ref, steps, signal) => call('patch', ref, signal, () => server.patch(ref, steps)),
    delete: (ref, options, signal) => {
      const by = audit.caller();
      return call('delete', { ...ref, ...options }, signal, () => {
        if (options.dryRun !== true) audit.deleting(server.get(ref), options, by);
        const isResource = ref.kind === 'ConfigMap';
        return isResource ? inTime(by, () => server.delete(ref, options)) : server.delete(ref, options);
      });
    },
    logs: (query, signal) => call('logs', query, signal, () => 'done\n'),
    view: (query, signal) => views.open(query, signal, call),
    close: () => Promise.resolve(),
  };
}

function named({ apiVersion, kind, metadata }: KubernetesObject): unknown {
  const { name, namespace, resourceVersion } = (metadata ?? {}) as Readonly<Record<string, unknown>>;
  return { apiVersion, kind, namespace, name, resourceVersion };
}
