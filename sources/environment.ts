import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a program needs to reach a network as this user reaches it. */
const NETWORK = [
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR'],
];

/** Nobody listens there, so what goes through this proxy ends at once. */
const NOWHERE = 'http://127.0.0.1:9';

/**
 * The environment of a program that may use the network: homes and temporary files in the scratch folder, no
 * configuration, plugin or cluster of the user's, and of the user's variables only those that lead to the network.
 */
export function networkEnvironment(env: Environment, scratch: string): Readonly<Record<string, string>> {
  return { ...ownFolders(scratch), PATH: env['PATH'] ?? '', ...pick(env, NETWORK) };
}

/** The same for a program that must not use the network: no program is found in its PATH, and no proxy leads anywhere. */
export function isolatedEnvironment(scratch: string): Readonly<Record<string, string>> {
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].map((name) => [name, NOWHERE] as const);
  return { ...ownFolders(scratch), PATH: join(scratch, 'home'), ...Object.fromEntries(proxies) };
}

/** The variables of these names that are set. */
export function pick(env: Environment, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

function ownFolders(scratch: string): Readonly<Record<string, string>> {
  const home = join(scratch, 'home');
  return {
    HOME: home,
    TMPDIR: join(scratch, 'tmp'),
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_DATA_HOME: join(home, 'data'),
    HELM_PLUGINS: join(home, 'plugins'),
    KUSTOMIZE_PLUGIN_HOME: join(home, 'kustomize-plugins'),
    KUBECONFIG: '/dev/null',
    LC_ALL: 'C',
  };
}
