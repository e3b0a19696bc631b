import type { ApplicationSource } from '../core/application/application.ts';
import { failure } from '../core/failures.ts';
import { readLocation } from '../sources/location.ts';

/** Throws `InvalidRequest` for a source that no server could render: one of this machine's, or an overlay that loads what is elsewhere. */
export function checkForServer(source: ApplicationSource): void {
  const { location, kustomize } = source;
  const { kind } = readLocation(location, source);
  if (kind === 'path' || kind === 'stdin' || /^(git\+)?file:/i.test(location)) {
    const what = kind === 'stdin' ? 'standard input' : location;
    throw failure('InvalidRequest', `${what} is on this machine, where no server could read it`, {
      remedy: 'leave --render-on-server out: it is rendered here then, and sent',
    });
  }
  if (kustomize?.allowRemote !== true) return;
  throw failure(
    'InvalidRequest',
    'an overlay that loads what is elsewhere is rendered on the machine of its user alone',
    {
      remedy: 'leave --render-on-server out, or keep what it loads in its repository',
    },
  );
}
