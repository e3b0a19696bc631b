import type { Command } from 'commander';
import type { SyncHandle } from '../../client/handle.ts';
import type { SyncView } from '../../client/following/view.ts';
import { failure } from '../../core/failures.ts';
import type { ApprovalStatus } from '../../core/sync/approval.ts';
import type { PhaseStatus } from '../../core/sync/status.ts';
import type { ExitCode } from '../exit-codes.ts';
import { EXIT } from '../exit-codes.ts';
import { heardView } from '../heard-view.ts';
import { commandNames } from '../next-commands.ts';
import type { Registration } from '../registration.ts';
import { wavesOf } from '../render/facts.ts';
import { waveTitle } from '../render/rows.ts';
import type { KubeconfigFlags, PlaceFlags } from '../settings.ts';
import { clusterName, noWorker, requester, withClient, withPlace } from '../settings.ts';

type DecisionFlags = PlaceFlags & KubeconfigFlags & { readonly reason?: string };

/** What a command decides: bound to the plan and the gate that its sender has seen. */
interface Decision {
  readonly by: string;
  readonly plan: string;
  readonly gate: string;
}

/** `syncline approve APP` and `syncline reject APP --reason …`: decide on the gate that waits. */
export function registerDecisions(registration: Registration): void {
  const { program } = registration;
  const approve = program
    .command('approve <app>')
    .description('let the sync or the deletion go on that waits for an approval')
    .option('--reason <text>', 'why, for the record');
  register(registration, approve, 'approved', (handle, decision, flags, signal) =>
    handle.approve({ ...decision, ...(flags.reason === undefined ? {} : { reason: flags.reason }) }, { signal }),
  );
  const reject = program
    .command('reject <app>')
    .description('end the sync or the deletion that waits for an approval: it fails, and what waits is not done')
    .requiredOption('--reason <text>', 'why, for the record');
  register(registration, reject, 'rejected', (handle, decision, flags, signal) =>
    handle.reject({ ...decision, reason: flags.reason ?? '' }, { signal }),
  );
}

type Send = (handle: SyncHandle, decision: Decision, flags: DecisionFlags, signal: AbortSignal) => Promise<void>;

function register({ console, end }: Registration, command: Command, verdict: string, send: Send): void {
  withPlace(command).action(async (application: string, flags: DecisionFlags) => {
    const cluster = clusterName(flags, console.env);
    await withClient(flags, console, async (client) => {
      const signal = console.interrupted;
      const handle = client.handle(application, { cluster });
      const view = await heardView(client, handle, signal, tellsGates);
      if (view.stale) throw noWorker(client.place);
      const { plan, approval, title } = waitingGate(view);
      await send(handle, { by: requester(console.env), plan, gate: approval.gate }, flags, signal);
      console.print(`${verdict}: ${title} (${approval.reasons.join('; ')})`);
      console.print(
        `${verdict === 'approved' ? 'see it go on' : 'see how it ends'} with: syncline status ${application} --watch${commandNames(flags).flags}`,
      );
    });
    end(EXIT.succeeded satisfies ExitCode);
  });
}

/** Whether a worker has answered for the sync and for the phase that runs: one that has begun nothing may be one that nobody told of. */
function tellsGates({ stale, status }: SyncView): boolean {
  const begun = ({ state, waves }: PhaseStatus) =>
    state !== 'running' || waves.some((wave) => wave.state !== 'pending');
  return !stale && status.phases.every(begun);
}

/** The gate that waits, with what will run behind it. Throws `InvalidRequest` where none does. */
function waitingGate(view: SyncView): {
  readonly plan: string;
  readonly approval: ApprovalStatus;
  readonly title: string;
} {
  const { application, plan } = view.status;
  const waiting = wavesOf(view).find(({ state }) => state === 'waiting');
  if (plan === undefined || waiting?.approval === undefined) {
    throw failure('InvalidRequest', `nothing of ${application} waits for an approval`, {
      remedy: `see where it stands with \`syncline status ${application}\``,
    });
  }
  const title = `${waiting.phase} wave ${waiting.wave}: ${waveTitle(waiting.steps)}`;
  return { plan, approval: waiting.approval, title };
}
