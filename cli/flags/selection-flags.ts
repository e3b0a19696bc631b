import type { Command } from 'commander';
import { Option } from 'commander';
import { isPartial } from '../../core/selection/selection.ts';
import type { Selection } from '../../core/selection/selection.ts';

/** The flags that choose a part of an application. */
export interface SelectionFlags {
  readonly resource: readonly string[];
  readonly selector?: string;
  readonly onlyHooks: boolean;
  readonly skipHooks: boolean;
}

/** Adds the flags that choose a part of an application. */
export function withSelection(command: Command): Command {
  return command
    .option(
      '--resource <reference>',
      'only this resource, as GROUP:KIND:[NAMESPACE/]NAME; * stands for any text, a leading ! leaves out; repeatable',
      (text: string, known: readonly string[]) => [...known, text],
      [],
    )
    .option('--selector <labels>', 'only resources with these labels, e.g. tier=front,track!=canary')
    .addOption(new Option('--only-hooks', 'run the hooks alone').default(false).conflicts('skipHooks'))
    .option('--skip-hooks', 'run no hooks', false);
}

/** The `selection` of sync options that the flags ask for; nothing for all of the application. */
export function selectionOf(flags: SelectionFlags): { readonly selection?: Selection } {
  const { resource, selector, onlyHooks, skipHooks } = flags;
  const selection: Selection = {
    ...(resource.length === 0 ? {} : { resources: resource }),
    ...(selector === undefined ? {} : { selector }),
    ...(onlyHooks ? { hooks: 'only' } : skipHooks ? { hooks: 'skip' } : {}),
  };
  return isPartial(selection) ? { selection } : {};
}
