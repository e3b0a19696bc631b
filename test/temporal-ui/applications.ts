import { parseManifests } from '../../core/manifests/parse.ts';
import type { Manifest } from '../../core/manifests/manifest.ts';

/** What the migration of an application does in the sandbox. */
interface Migration {
  readonly annotations?: Readonly<Record<string, string>>;
  /** The sandbox's stage directions for its pod. */
  readonly pod: Readonly<Record<string, string>>;
}

/** A migration in PreSync, then settings and a Deployment. */
function application(name: string, { annotations = {}, pod }: Migration): readonly Manifest[] {
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'db-migrate', annotations: { 'argocd.argoproj.io/hook': 'PreSync', ...annotations } },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { annotations: pod },
        spec: { restartPolicy: 'Never', containers: [{ name: 'migrate', image: `registry.example.com/${name}:2` }] },
      },
    },
  };
  const settings = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${name}-settings` },
    data: { currency: 'EUR' },
  };
  const labels = { app: name };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'app', image: `registry.example.com/${name}:2` }] },
      },
    },
  };
  const text = [job, settings, deployment].map((document) => JSON.stringify(document)).join('\n---\n');
  return parseManifests([{ file: `${name}.yaml`, text }]).manifests;
}

/** Its migration fails each time. */
export function orders(): readonly Manifest[] {
  return application('orders', {
    pod: {
      'sandbox.syncline.dev/exit-code': '1',
      'sandbox.syncline.dev/fail-after': '1s',
      'sandbox.syncline.dev/log': 'ERROR: relation "orders" does not exist',
    },
  });
}

/** Its migration waits for an approval. */
export function billing(): readonly Manifest[] {
  return application('billing', {
    annotations: { 'syncline.dev/approval': 'required' },
    pod: { 'sandbox.syncline.dev/succeed-after': '2s' },
  });
}

/** Its migration does not come to an end. */
export function stock(): readonly Manifest[] {
  return application('stock', { pod: { 'sandbox.syncline.dev/hang': 'true' } });
}
