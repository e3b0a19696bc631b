import { isAbsolute, join } from 'node:path';
import type { Cluster, User } from '@kubernetes/client-node';
import { parse } from 'yaml';
import type { Json, JsonObject } from '../core/json.ts';
import { arrayAt, isJsonObject, stringAt } from '../core/json.ts';

/**
 * The users of a kubeconfig with what client-node leaves out of them: it knows no `tokenFile`, and takes the relative
 * path of an exec plugin from the working directory instead of the file's (as kubectl does).
 */
export function completedUsers(users: readonly User[], kubeconfig: string, directory: string): User[] {
  const written = arrayAt(parse(kubeconfig) as Json, 'users');
  return users.map((user) => {
    const tokenFile = stringAt(
      written.find((entry) => stringAt(entry, 'name') === user.name),
      'user',
      'tokenFile',
    );
    const exec = execOf(user);
    return {
      ...user,
      ...(tokenFile === undefined || user.token ? {} : fromFile(inDirectory(directory, tokenFile))),
      ...(exec === undefined
        ? {}
        : { exec: { ...exec, command: commandIn(directory, stringAt(exec, 'command') ?? '') } }),
    };
  });
}

/**
 * The user with the environment variable an exec plugin is told of its task by
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins), which client-node
 * does not set. Plugins are told that nobody is there to answer questions.
 */
export function withExecInfo(user: User, cluster: Cluster): User {
  const exec = execOf(user);
  if (exec === undefined) return user;
  const info = {
    apiVersion: stringAt(exec, 'apiVersion') ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, ...(exec['provideClusterInfo'] === true ? { cluster: clusterInfo(cluster) } : {}) },
  };
  const variable = { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) };
  return { ...user, exec: { ...exec, env: [...arrayAt(exec, 'env'), variable] } };
}

function execOf(user: User): JsonObject | undefined {
  const exec: unknown = user.exec;
  return isJsonObject(exec) ? exec : undefined;
}

function fromFile(tokenFile: string): Pick<User, 'authProvider'> {
  return { authProvider: { name: 'tokenFile', config: { tokenFile } } };
}

function commandIn(directory: string, command: string): string {
  return command.includes('/') || command.includes('\\') ? inDirectory(directory, command) : command;
}

function inDirectory(directory: string, path: string): string {
  return isAbsolute(path) ? path : join(directory, path);
}

function clusterInfo(cluster: Cluster): JsonObject {
  return {
    server: cluster.server,
    'insecure-skip-tls-verify': cluster.skipTLSVerify,
    'certificate-authority-data': cluster.caData,
    'tls-server-name': cluster.tlsServerName,
    'proxy-url': cluster.proxyUrl,
  };
}
