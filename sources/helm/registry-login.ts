import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where Helm finds the user's logins to registries: its own file, and Docker's behind it. Helm reads the path from these
 * variables where it would else look below its home.
 */
export function registryLogin(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const home = env['HOME'] ?? homedir();
  const preferences = process.platform === 'darwin' ? join(home, 'Library/Preferences') : join(home, '.config');
  const helm = env['HELM_CONFIG_HOME'] ?? join(env['XDG_CONFIG_HOME'] ?? preferences, 'helm');
  return {
    HELM_REGISTRY_CONFIG: env['HELM_REGISTRY_CONFIG'] ?? join(helm, 'registry/config.json'),
    DOCKER_CONFIG: env['DOCKER_CONFIG'] ?? join(home, '.docker'),
  };
}
