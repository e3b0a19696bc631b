import type { SyncRequest } from '../../core/sync/request.ts';
import type { Opening } from '../../core/windows/window.ts';
import { openingAt, windowsOf } from '../../core/windows/window.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { Failed } from '../../workflows/activities.ts';
import { DEFAULT_DEFINITIONS_NAMESPACE, getDefinition } from '../applications/definitions.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { ActivityRuntime } from '../runtime.ts';

/** Whether a sync may begin now, or why not, and when it may. */
export type WindowCheck =
  | { readonly kind: 'open' }
  | (Failed & { readonly opensAt?: number })
  /** A window would hold it back, and its requester says that it shall not. */
  | { readonly kind: 'overridden'; readonly warning: string };

const OPEN = { kind: 'open' } as const;

/**
 * Judges a request by the windows that its application keeps. Held back are starts of syncs; a dry run, a sync that goes on, a rollback and a
 * deletion are not. Throws as reading a definition does.
 */
export async function checkWindows(
  request: SyncRequest,
  { signal, now }: Pick<ActivityRuntime, 'signal' | 'now'>,
  deps: Pick<ActivityDependencies, 'cluster' | 'definitions'>,
): Promise<WindowCheck> {
  const { options, resume, rollback, deletion, application } = request;
  if (options.dryRun || resume !== undefined || rollback !== undefined || deletion !== undefined) return OPEN;
  const cluster = await deps.cluster(request.cluster);
  const home = deps.definitions ?? DEFAULT_DEFINITIONS_NAMESPACE;
  const definition = await getDefinition(cluster, home, application, signal).catch((error: unknown) => {
    // Whoever may not read definitions keeps none either.
    if (isApiError(error, 403)) return undefined;
    throw error;
  });
  const { windows = [] } = definition ?? {};
  const opening = openingAt(windowsOf(windows), now());
  if (opening.kind === 'open') return OPEN;
  const { overrideWindow: reason } = options;
  if (reason === undefined) return closed(request, opening);
  const warning = `Begun by ${request.requestedBy} although window "${opening.window.text}" holds it back: ${reason}.`;
  return { kind: 'overridden', warning };
}

function closed({ application }: SyncRequest, { window, opensAt }: Extract<Opening, { kind: 'closed' }>): WindowCheck {
  const until = opensAt === undefined ? 'with no end in sight' : `until ${new Date(opensAt).toISOString()}`;
  const what = window.kind === 'deny' ? 'is active' : 'is not open';
  const failure = {
    type: 'WindowClosed' as const,
    message: `syncs of ${application} are held back ${until}: window "${window.text}" ${what}`,
    remedy: 'wait for it with --if-closed wait, or begin anyway with --override-window REASON',
  };
  return { kind: 'failed', failures: [failure], ...(opensAt === undefined ? {} : { opensAt }) };
}
