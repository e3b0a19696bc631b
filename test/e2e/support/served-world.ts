import type { GitServer } from '../../sources/support/repository.ts';
import { serveRepositories } from '../../sources/support/repository.ts';
import type { RunningServer } from './api.ts';
import { startServer } from './api.ts';
import type { World } from './world.ts';
import { sharedWorld } from './world.ts';

/** The shared world with a server of its own, which may read the repositories of a folder. */
export interface ServedWorld {
  readonly world: World;
  readonly server: RunningServer;
  readonly repositories: GitServer;
  /** The folder whose repositories are served. */
  readonly root: string;
  stop(): Promise<void>;
}

/** Starts the server of a test file. */
export async function servedWorld(): Promise<ServedWorld> {
  const world = await sharedWorld();
  const root = await world.folder({});
  const repositories = await serveRepositories(root);
  const server = await startServer(world, '--cluster', 'default', '--source', `${repositories.address}/*`);
  return {
    ...{ world, server, repositories, root },
    async stop() {
      await server.stop();
      repositories.close();
      await world.stop();
    },
  };
}
