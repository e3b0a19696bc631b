import { createServer } from 'node:net';
import { once } from 'node:events';

/** The only address anything of a sandbox listens on. */
export const LOOPBACK = '127.0.0.1';

/**
 * Finds TCP ports of the loopback address that are free at this moment.
 *
 * All are held until the last is known, so they differ. Somebody else may still take one before the server binds
 * it: whoever starts a server must be ready to try again with another.
 */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const holders = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(
      holders.map(async (holder) => {
        holder.listen(0, LOOPBACK);
        await once(holder, 'listening');
        const address = holder.address();
        if (address === null || typeof address === 'string') throw new Error('the system gave no port');
        return address.port;
      }),
    );
  } finally {
    await Promise.all(holders.map((holder) => new Promise((done) => holder.close(done))));
  }
}
