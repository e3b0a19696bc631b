import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { parse, stringify } from 'yaml';
import type { JsonObject } from '../../../core/json.ts';
import { untilGranted } from '../../support/authorization.ts';
import type { World } from './world.ts';

interface Kubeconfig {
  readonly clusters: readonly {
    readonly name: string;
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly { readonly name: string; readonly user: { readonly token: string } }[];
}

/** The text of a kubeconfig for a new ServiceAccount that may do what the rules say and nothing else. */
export async function restrictedKubeconfig(
  world: World,
  namespace: string,
  rules: readonly JsonObject[],
): Promise<string> {
  const { admin } = world;
  const signal = AbortSignal.timeout(60_000);
  const name = `restricted-${namespace}`;
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name } };
  const group = 'rbac.authorization.k8s.io';
  await admin.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } }, {}, signal);
  await admin.create({ ...rbac, kind: 'ClusterRole', rules }, {}, signal);
  await admin.create(
    {
      ...rbac,
      kind: 'ClusterRoleBinding',
      roleRef: { apiGroup: group, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    {},
    signal,
  );
  await untilGranted(admin, { user: `system:serviceaccount:${namespace}:${name}` }, namespace, rules);
  const config = parse(await readFile(world.sandbox.kubeconfigs.admin, 'utf8')) as Kubeconfig;
  const token = await tokenOf(config, namespace, name);
  return stringify({ ...config, users: [{ name: config.users[0]!.name, user: { token } }] });
}

/** The text of a kubeconfig for a cluster that nobody serves. */
export async function unreachableKubeconfig(world: World): Promise<string> {
  const text = await readFile(world.sandbox.kubeconfigs.admin, 'utf8');
  return text.replace(/server: .*/, 'server: https://127.0.0.1:1');
}

/** Asks the TokenRequest API for a ServiceAccount's token. */
async function tokenOf(config: Kubeconfig, namespace: string, name: string): Promise<string> {
  const { server, 'certificate-authority-data': authority } = config.clusters[0]!.cluster;
  const dispatcher = new Agent({ connect: { ca: Buffer.from(authority, 'base64').toString() } });
  const { body } = await request(`${server}/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
    method: 'POST',
    dispatcher,
    headers: { authorization: `Bearer ${config.users[0]!.user.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }),
  });
  const answer = (await body.json()) as { readonly status: { readonly token: string } };
  await dispatcher.close();
  return answer.status.token;
}
