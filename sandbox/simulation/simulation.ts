import type { ApiClient } from '../cluster/api.ts';
import type { ClusterCredentials } from '../cluster/credentials.ts';
import { watchCollection } from '../cluster/watch.ts';
import { podSchema } from '../cluster/objects.ts';
import { createAttemptCounter } from './attempts.ts';
import { createLogBook } from './log-book.ts';
import { startKubeletEndpoint, type KubeletEndpoint } from './kubelet-endpoint.ts';
import { createPodEventWriter } from './pod-events.ts';
import { exposeAddresses } from './addresses.ts';
import { provisionVolumes } from './volumes.ts';

/** What the sandbox does where kwok cannot: counting over pods, events, logs, volumes and addresses. */
export interface Simulation {
  /** Starts the endpoint the API server reads container logs from; gives its port. */
  readonly startKubelet: (files: ClusterCredentials['files']) => Promise<number>;
  /** Starts the controllers. */
  attach(api: ApiClient): void;
  stop(): Promise<void>;
}

/** Prepares the simulation; it ends with the signal, or by `stop`. */
export function startSimulation(signal: AbortSignal): Simulation {
  const ending = new AbortController();
  const until = AbortSignal.any([signal, ending.signal]);
  const logs = createLogBook();
  let endpoint: KubeletEndpoint | undefined;
  let client: ApiClient | undefined;
  return {
    startKubelet: async (files) => {
      endpoint = await startKubeletEndpoint(files, logs);
      return endpoint.port;
    },
    attach: (api) => {
      client = api;
      const attempts = createAttemptCounter(api, until);
      const events = createPodEventWriter(api, until);
      void watchCollection({
        api,
        path: '/api/v1/pods',
        schema: podSchema,
        signal: until,
        onChange: (change) => {
          logs.note(change);
          attempts.note(change);
          events.note(change);
        },
      });
      void provisionVolumes(api, until);
      void exposeAddresses(api, until);
    },
    stop: async () => {
      ending.abort();
      await endpoint?.close();
      await client?.close();
    },
  };
}
