import { printablePlan } from '../../core/plan/printable.ts';
import { EXIT } from '../exit-codes.ts';
import { readPlan } from '../../client/starting/read-plan.ts';
import type { Registration } from '../registration.ts';
import { renderPlan } from '../render/plan.ts';
import type { SelectionFlags } from '../flags/selection-flags.ts';
import { selectionOf, withSelection } from '../flags/selection-flags.ts';
import type { OutputFlags } from '../settings.ts';
import { withOutput } from '../settings.ts';
import type { SourceFlags } from '../flags/source-flags.ts';
import { SOURCE_ARGUMENT, describedSource, readingWith, withSource } from '../flags/source-flags.ts';

type PlanFlags = OutputFlags &
  SelectionFlags &
  SourceFlags & { readonly app?: string; readonly namespace?: string; readonly lenient: boolean };

/** `syncline plan SOURCE`: what a sync would do, from the manifests alone. */
export function registerPlan({ program, console, end }: Registration): void {
  const command = program
    .command('plan')
    .argument('<source>', SOURCE_ARGUMENT)
    .description('show phases, waves and their order; needs neither a cluster nor Temporal')
    .option('--app <name>', "the application, whose name a chart's release takes")
    .option('-n, --namespace <name>', 'destination namespace of objects that name none')
    .option('--lenient', 'read misspelled annotations as Argo CD does, with a warning', false);
  withOutput(withSelection(withSource(command))).action(async (source: string, flags: PlanFlags) => {
    const release = { application: flags.app, namespace: flags.namespace };
    const options = { ...flags, ...selectionOf(flags) };
    const { plan } = await readPlan(describedSource(source, flags), release, options, readingWith(console));
    if (flags.output === 'json') {
      console.print(JSON.stringify(printablePlan(plan), undefined, 2));
      for (const warning of plan.warnings) console.tell(`warning: ${warning}`);
    } else {
      console.print(renderPlan(plan, { width: console.width(), style: console.style }));
    }
    end(EXIT.succeeded);
  });
}
