import { connect, planFiles, readSource, SynclineError } from 'syncline';

const signal = AbortSignal.timeout(30 * 60_000);
const { files, revision } = await readSource('./deploy', signal);
const { manifests, plan } = planFiles(files, { namespace: 'shop' });
console.log(plan.phases.map(({ phase, waves }) => `${phase}: ${String(waves.length)} waves`));

const client = await connect();
const place = { application: 'shop', cluster: 'prod', namespace: 'shop' };
try {
  const named = revision === undefined ? {} : { revision };
  const handle = await client.sync({ ...place, ...named, manifests, requestedBy: 'ci', options: { prune: true } });
  const result = await handle.result({ signal });
  console.log(result.outcome, result.counts, result.failures);
} catch (error) {
  // Everything that a person can mend says what it is about, and what helps.
  if (!(error instanceof SynclineError)) throw error;
  for (const { message, location, remedy } of error.failures) console.error(location, message, remedy);
} finally {
  await client.close();
}
