import type { SyncHandle } from '../../client/handle.ts';
import type { SyncView } from '../../client/following/view.ts';
import { SynclineError } from '../../core/failures.ts';
import { EXIT } from '../exit-codes.ts';
import type { Explanation } from '../explanation.ts';
import { explain, lastWords } from '../explanation.ts';
import { heardView } from '../heard-view.ts';
import { commandNames, failedHooks } from '../next-commands.ts';
import type { Registration } from '../registration.ts';
import { renderExplanation } from '../render/explanation.ts';
import type { KubeconfigFlags, OutputFlags, PlaceFlags } from '../settings.ts';
import { clusterName, withClient, withKubeconfig, withOutput, withPlace } from '../settings.ts';
import type { ChosenFlags } from '../flags/turn-flags.ts';
import { chosenSync, withChosenSync } from '../flags/turn-flags.ts';

type ExplainFlags = ChosenFlags & PlaceFlags & KubeconfigFlags & OutputFlags;

/** `syncline explain APP`: the one thing that the latest sync waits for, why, and what helps. */
export function registerExplain({ program, console, end }: Registration): void {
  const command = program
    .command('explain <app>')
    .description("say what an application's sync waits for and why, what waits behind it, and the command that helps");
  withOutput(withKubeconfig(withPlace(withChosenSync(command)))).action(
    async (application: string, flags: ExplainFlags) => {
      const cluster = clusterName(flags, console.env);
      await withClient(flags, console, async (client) => {
        const handle = client.handle(application, { cluster, ...chosenSync(flags) });
        const view = await heardView(client, handle, console.interrupted);
        const explanation = await withLog(
          explain(view, console.now(), commandNames(flags)),
          view,
          handle,
          console.interrupted,
        );
        const { syncId } = view.status;
        console.print(
          flags.output === 'json'
            ? JSON.stringify({ version: 1, application, syncId, ...explanation }, undefined, 2)
            : renderExplanation(application, explanation, {
                now: console.now(),
                width: console.width(),
                style: console.style,
              }),
        );
      });
      end(EXIT.succeeded);
    },
  );
}

/** Adds the last words of the hook that failed, or that its log has been collected; whatever else keeps it from being read is no matter here. */
async function withLog(
  explanation: Explanation,
  view: SyncView,
  handle: SyncHandle,
  signal: AbortSignal,
): Promise<Explanation> {
  const [hook] = failedHooks(view);
  if ((explanation.kind !== 'over' && explanation.kind !== 'hold') || hook === undefined) return explanation;
  try {
    const log = lastWords(await handle.evidence(hook.ref.name, { signal }));
    return log.length === 0 ? explanation : { ...explanation, log };
  } catch (error) {
    const collected = error instanceof SynclineError && error.type === 'EvidenceCollected';
    return collected && explanation.kind === 'over' ? { ...explanation, gone: error.failures[0].message } : explanation;
  }
}
