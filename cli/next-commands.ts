import type { SyncView } from '../client/following/view.ts';
import type { HookStatus } from '../core/sync/status.ts';
import type { NextCommand } from './render/failure.ts';
import type { ServerFlags } from './flags/server-flags.ts';

/** The hooks of a sync that failed or were stopped. */
export function failedHooks(view: SyncView): readonly HookStatus[] {
  const steps = view.status.phases.flatMap((phase) => phase.waves.flatMap((wave) => wave.steps));
  return steps.filter(
    (step): step is HookStatus => step.kind === 'hook' && (step.state === 'failed' || step.state === 'aborted'),
  );
}

/** What to type after a failure. `again` is the command line that started the sync, where it is known. */
export function nextCommands(view: SyncView, names: CommandNames, again?: string): readonly NextCommand[] {
  const { application } = view.status;
  const [hook] = failedHooks(view);
  return [
    ...(view.status.plan === undefined
      ? []
      : [{ purpose: 'again from this step', command: `syncline retry ${application}${names.flags}` }]),
    ...(again === undefined ? [] : [{ purpose: 'with fixed manifests', command: again }]),
    ...(hook === undefined || !hasEvidence(hook)
      ? []
      : [
          { purpose: 'all of the log', command: `syncline logs ${application} ${hook.ref.name}${names.flags}` },
          { purpose: 'all of the events', command: `syncline events ${application} ${hook.ref.name}${names.flags}` },
        ]),
    ...(view.status.plan === undefined
      ? []
      : [{ purpose: 'what was done', command: `syncline resources ${application}${names.flags}` }]),
  ];
}

/** The status of a hook that was stopped names no evidence, which is found all the same. */
function hasEvidence({ evidence, state, startedAt }: HookStatus): boolean {
  return evidence !== undefined || (state === 'aborted' && startedAt !== undefined);
}

/** What must stand behind a command so that it means the same cluster: ` --cluster prod`, or nothing. */
export interface CommandNames {
  readonly flags: string;
}

/** The flags that say where a command finds what it asks. */
interface PlaceWords extends ServerFlags {
  readonly cluster?: string;
  readonly address?: string;
}

/** The flags that later commands need, from those that were given to this one. */
export function commandNames(flags: PlaceWords): CommandNames {
  const words = [
    ['--cluster', flags.cluster],
    ['--address', flags.address],
    ['--server', flags.server],
    ['--token-file', flags.tokenFile],
    ['--server-ca', flags.serverCa],
  ] as const;
  const given = words.flatMap(([flag, value]) => (value === undefined ? [] : [` ${flag} ${value}`]));
  return { flags: given.join('') + (flags.plainHttp === true ? ' --plain-http' : '') };
}
