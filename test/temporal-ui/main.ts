import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { SynclineClient, SyncOptions, SyncView } from '../../client/index.ts';
import { connect } from '../../client/index.ts';
import type { Manifest } from '../../core/manifests/manifest.ts';
import { endProcess, startWorkerProcess } from '../../examples/demo/processes.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { billing, orders, stock } from './applications.ts';
import type { TemporalUi } from './browser.ts';
import { openTemporalUi } from './browser.ts';

/**
 * Steers syncs by the buttons of Temporal's own web UI in a real browser, checks that each did what the documentation says,
 * and takes the pictures of `docs/temporal-ui.md`. Run it with `npm run docs:temporal-ui` on a machine that has Chromium.
 */
const PICTURES = fileURLToPath(new URL('../../docs/images/temporal-ui/', import.meta.url));
/** Who presses the buttons. */
const ANA = 'ana';

await mkdir(PICTURES, { recursive: true });
const sandbox = await startSandbox();
const worker = await startWorkerProcess(sandbox.env);
Object.assign(process.env, sandbox.env);
const client = await connect();
const ui = await openTemporalUi(sandbox.temporalUiUrl, PICTURES);
try {
  await holdAndDecide(client, ui);
  await approve(client, ui);
  await cancelAndTerminate(client, ui);
} finally {
  await ui.close();
  await client.close();
  await endProcess(worker, 'SIGTERM');
  await sandbox.stop();
}

/** A failed migration holds: a wrong step is refused, `retry` makes a second attempt, `skip` goes on without it. */
async function holdAndDecide(syncs: SynclineClient, page: TemporalUi): Promise<void> {
  await start(syncs, 'orders', orders(), { onFailure: 'hold' });
  await when(syncs, 'orders', 'it holds', ({ status }) => status.state === 'holding');
  await start(syncs, 'billing', billing());
  await when(syncs, 'billing', 'it waits for an approval', waitsForApproval);
  await page.list("SynclinePhase IN ('Holding', 'AwaitingApproval') AND ExecutionStatus = 'Running'");
  await page.picture('list');
  await page.workflow('sync/default/orders');
  await page.picture('workflow');
  await page.workflow('sync/default/orders', 'User Metadata');
  await page.picture('details');

  const refused = await page.action('Send an Update');
  await refused.fill('skip', { by: ANA, step: 'db-migration', reason: 'done by hand' });
  await refused.submit();
  await refused.says(/there is no step db-migration/);
  await page.picture('update-refused');

  await page.workflow('sync/default/orders');
  const retry = await page.action('Send an Update');
  await retry.fill('retry', { by: ANA });
  await page.picture('update-retry');
  await retry.submit();
  await when(syncs, 'orders', 'it holds after a second attempt', (view) => attemptOf(view) === 2 && isHolding(view));

  await page.workflow('sync/default/orders');
  const skip = await page.action('Send an Update');
  await skip.fill('skip', { by: ANA, step: 'db-migrate', reason: 'done by hand' });
  await skip.submit();
  await when(syncs, 'orders', 'it has succeeded', ({ result }) => result?.outcome === 'Succeeded');
  await page.workflow('sync/default/orders', 'User Metadata');
  await page.picture('details-skipped');
}

/** The signal `approve` opens the gate. */
async function approve(syncs: SynclineClient, page: TemporalUi): Promise<void> {
  await page.workflow('sync/default/billing');
  const signal = await page.action('Send a Signal');
  await signal.fill('approve', { by: ANA, reason: 'backup checked', gate: 'PreSync/0' });
  await page.picture('signal-approve');
  await signal.submit();
  await when(syncs, 'billing', 'it has succeeded', ({ result }) => result?.outcome === 'Succeeded');
  await page.workflow('sync/default/billing/PreSync');
  await page.picture('phase', 'Event History');
}

/** A cancellation ends like an abort; after a termination the next sync finds its way. */
async function cancelAndTerminate(syncs: SynclineClient, page: TemporalUi): Promise<void> {
  await start(syncs, 'stock', stock());
  await when(syncs, 'stock', 'its migration runs', migrationRuns);
  await page.workflow('sync/default/stock');
  const cancel = await page.requestCancellation();
  await page.picture('cancel');
  await cancel.submit();
  await when(syncs, 'stock', 'it was aborted', ({ result }) => result?.outcome === 'Aborted');
  await page.workflow('sync/default/stock');
  const reset = await page.reset();
  await reset.choosePoint(2);
  await page.picture('reset');
  await reset.reason('the database is back');
  await reset.submit();
  await when(syncs, 'stock', 'the reset run goes on', migrationRuns);
  await page.workflow('sync/default/stock');
  const terminate = await page.action('Terminate');
  await terminate.reason('for the picture');
  await page.picture('terminate');
  await terminate.submit();
  await when(syncs, 'stock', 'it was terminated', ({ result }) => result !== undefined);
}

async function start(
  syncs: SynclineClient,
  name: string,
  manifests: readonly Manifest[],
  options: Partial<SyncOptions> = {},
): Promise<void> {
  const order = { application: name, cluster: 'default', namespace: name, createNamespace: true, requestedBy: ANA };
  await syncs.sync({ ...order, manifests, options });
}

/** Waits until a sync stands as it should; throws after a minute, with how it stands. */
async function when(
  syncs: SynclineClient,
  application: string,
  what: string,
  stands: (view: SyncView) => boolean,
): Promise<void> {
  const handle = syncs.handle(application, { cluster: 'default' });
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    if (stands(await handle.status())) {
      process.stdout.write(`${application}: ${what}\n`);
      return;
    }
    await delay(300);
  }
  throw new Error(`${application}: not so within a minute: ${what}: ${JSON.stringify((await handle.status()).status)}`);
}

function isHolding({ status }: SyncView): boolean {
  return status.state === 'holding';
}

function waitsForApproval({ status }: SyncView): boolean {
  return status.phases.some(({ waves }) => waves.some(({ state }) => state === 'waiting'));
}

/** Whether a worker has the migration in hand and has seen it. */
function migrationRuns({ result, work }: SyncView): boolean {
  return (
    result === undefined && work.some(({ activity, progress }) => activity === 'runHook' && progress !== undefined)
  );
}

/** The attempt of the migration that ended last; absent before the first has. */
function attemptOf({ status }: SyncView): number | undefined {
  const steps = status.phases.flatMap(({ waves }) => waves.flatMap((wave) => wave.steps));
  return steps.flatMap((step) => (step.kind === 'hook' ? [step.attempt] : [])).at(0);
}
