/**
 * One of several processes that store, refer, release and collect in one folder at once: `store-process.ts ROOT NAME
 * OWN`. All of them store the same few contents. Prints `kept` when whatever it had referred to could be read.
 */
import { fileStore } from '../../../bundles/file-store.ts';

const [root = '', name = ''] = process.argv.slice(2);
const never = new AbortController().signal;
const store = fileStore(root);

for (let round = 0; round < 60; round += 1) {
  const bytes = Buffer.from(`content ${String(round % 5)}`);
  const digest = await referred(bytes);
  for (let check = 0; check < 3; check += 1) await store.get(digest, never);
  if (round % 2 === 0) await store.release(`process/${name}`, never);
  await store.collect(0, never);
}
process.stdout.write('kept\n');

/** With no grace period another process may collect the bytes before the reference protects them; then they are stored again. */
async function referred(bytes: Uint8Array): Promise<string> {
  for (;;) {
    const digest = await store.put(bytes, never);
    try {
      await store.refer(`process/${name}`, [digest], never);
      return digest;
    } catch (error) {
      if (!(error instanceof Error && 'type' in error && error.type === 'BundleNotFound')) throw error;
    }
  }
}
