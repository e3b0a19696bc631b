import type { SyncView } from '../../client/following/view.ts';
import { titleOf } from '../../core/objects.ts';
import { formatDuration, formatElapsed } from './times.ts';

/** `holds for 4m10s of 24h`: how long a failed sync has waited for a decision; undefined where it does not. `now` is in ms since 1970. */
export function holdWords({ status }: SyncView, now: number): string | undefined {
  const { hold } = status;
  if (hold === undefined) return undefined;
  return `holds after a failure, for ${formatElapsed(now - hold.since)} of ${formatDuration(hold.deadlineMs)}`;
}

/** Why a sync holds and the commands that help; `application` is as commands name it. */
export function holdNotes({ status }: SyncView, application: string): readonly string[] {
  const steps = status.phases.flatMap(({ waves }) => waves.flatMap((wave) => wave.steps));
  const failed = steps.find((step) => step.kind === 'hook' && step.state === 'failed');
  const skip = failed?.kind === 'hook' ? [`syncline skip ${application} ${titleOf(failed.ref)} --reason …`] : [];
  const commands = [`syncline retry ${application}`, ...skip, `syncline abort ${application}`];
  return [...status.failures.slice(0, 3).map(({ message }) => message), `→ ${commands.join(' · ')}`];
}
