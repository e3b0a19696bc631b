import { EXIT } from '../exit-codes.ts';
import { explain } from '../explanation.ts';
import { commandNames } from '../next-commands.ts';
import type { Registration } from '../registration.ts';
import { renderExplanation } from '../render/explanation.ts';
import type { KubeconfigFlags, OutputFlags, PlaceFlags } from '../settings.ts';
import { clusterName, withClient, withKubeconfig, withOutput, withPlace } from '../settings.ts';

type ExplainFlags = PlaceFlags & KubeconfigFlags & OutputFlags;

/** `syncline explain APP`: the one thing that the latest sync waits for, why, and what helps. */
export function registerExplain({ program, console, end }: Registration): void {
  const command = program
    .command('explain <app>')
    .description("say what an application's sync waits for and why, what waits behind it, and the command that helps");
  withOutput(withKubeconfig(withPlace(command))).action(async (application: string, flags: ExplainFlags) => {
    const cluster = clusterName(flags, console.env);
    await withClient(flags, console, async (client) => {
      const view = await client.handle(application, { cluster }).status({ signal: console.interrupted });
      const explanation = explain(view, console.now(), commandNames(flags));
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
  });
}
