import type { HookSpec } from '../schedules/schedule.ts';
import type { World } from '../schedules/world.ts';

/** Something that was begun: a hook that ran, or a resource that was applied. */
export interface Begun {
  readonly what: string;
  readonly place: string;
  readonly syncId: string;
  readonly at: number;
}

/** Where a hook stands, as `<phase>/<wave>`. */
export function placeOf({ phase, wave }: HookSpec): string {
  return `${phase}/${String(wave)}`;
}

/** All that was begun, in every sync. */
export function begunIn({ audit, schedule }: World): readonly Begun[] {
  const ran = audit.runs.flatMap(({ name, syncId, startedAt }) => {
    const hook = schedule.hooks.find((each) => each.name === name);
    return hook === undefined ? [] : [{ what: name, place: placeOf(hook), syncId, at: startedAt }];
  });
  const waves: Readonly<Record<string, string>> = { settings: 'Sync/0', extra: 'Sync/1' };
  const applied = audit.applied.flatMap(({ name, syncId, at }) =>
    waves[name] === undefined ? [] : [{ what: name, place: waves[name], syncId, at }],
  );
  return [...ran, ...applied];
}

const PHASES = ['PreSync', 'Sync', 'PostSync'];

/** Where a place stands in a sync; alerts stand nowhere. */
export function orderOf(place: string): number {
  const [phase = '', wave] = place.split('/');
  return PHASES.indexOf(phase) * 10 + Number(wave);
}
