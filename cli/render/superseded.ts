import type { SyncView } from '../../client/following/view.ts';
import type { CommandNames } from '../next-commands.ts';
import { wavesOf } from './facts.ts';
import { waveTitle } from './rows.ts';
import type { Style } from './style.ts';
import { formatDuration } from './times.ts';

/** The last words about a sync that gave way to a newer one: neither a success nor a failure. Ends without a line break. */
export function renderSuperseded(view: SyncView, { flags, style }: CommandNames & { readonly style: Style }): string {
  const { application, supersededBy, startedAt, finishedAt = startedAt } = view.status;
  const to = supersededBy === undefined ? '' : ` by revision ${supersededBy.revision} of ${supersededBy.by}`;
  const left = wavesOf(view).filter(
    ({ phase, state, steps }) => phase !== 'SyncFail' && (state === 'skipped' || steps.some(isLeft)),
  );
  const names = left.map((wave) => `${wave.phase} wave ${wave.wave} (${waveTitle(wave.steps)})`);
  const follow =
    supersededBy === undefined
      ? []
      : [`  follow that one  syncline status ${application} --sync ${supersededBy.syncId} --watch${flags}`];
  return [
    `${style.yellow('»')} ${style.bold(application)} was superseded${to} after ${formatDuration(finishedAt - startedAt)}`,
    ...(names.length === 0 ? [] : [`    not run: ${names.join(', ')}`]),
    ...view.status.failures.filter(({ type }) => type !== 'Superseded').map(({ message }) => `    ${message}`),
    ...follow,
  ].join('\n');
}

function isLeft({ state }: { readonly state: string }): boolean {
  return state === 'skipped' || state === 'pending';
}
