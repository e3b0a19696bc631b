import { request } from 'node:http';
import { z } from 'zod';

const healthSchema = z.object({ health: z.literal('true') });

/** Asks etcd through its socket whether it is healthy; throws when it does not answer. */
export async function isEtcdHealthy(socketPath: string, signal: AbortSignal): Promise<boolean> {
  const text = await new Promise<string>((resolve, reject) => {
    const call = request({ socketPath, path: '/health', signal }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve(body));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end();
  });
  return healthSchema.safeParse(JSON.parse(text)).success;
}
