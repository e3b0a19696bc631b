import { isGated, releasePatch } from '../../core/hooks/gated-object.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { refOf } from '../../core/objects.ts';
import { isPatchRefused } from '../../kubernetes/errors.ts';
import type { HookRun } from './hook-run.ts';

/**
 * Opens the gate of a hook whose intent is in the ledger. The patch tests UID and gate, so a second release, or one of an
 * object that is no longer the same, changes nothing; the wait that follows looks again and judges what it finds.
 */
export async function releaseHook(run: HookRun, object: KubernetesObject): Promise<void> {
  if (!isGated(object)) return;
  try {
    await run.cluster.patch(refOf(object), releasePatch(object, run.manifest), run.runtime.signal);
  } catch (error) {
    if (isPatchRefused(error)) return;
    throw error;
  }
}
