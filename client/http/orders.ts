import type { ApplicationSource } from '../../core/application/application.ts';
import type { DeletionOrder, SyncOrder } from '../starting/request.ts';

/** An order of a sync or a comparison as a server takes it. Who asks is told by the token. */
export function syncBody(order: SyncOrder): object {
  const {
    application: _,
    cluster: _cluster,
    requestedBy: _by,
    fingerprint: _print,
    rollback,
    serverRenders,
    ...said
  } = order;
  const { manifests: _given, bundle: _bundle, options = {}, ...rest } = said;
  const { dryRun: _dry, ...asked } = options;
  const subject = rollback === undefined ? manifestsOf(order) : { rollback: { to: rollback.syncId } };
  return { ...rest, ...(serverRenders === undefined ? subject : renderedBody(serverRenders)), options: asked };
}

function renderedBody(rendered: NonNullable<SyncOrder['serverRenders']>): object {
  return rendered === 'kept' ? { kept: true } : { source: sourceBody(rendered) };
}

/** A source as a server takes it: what is said of folders and git stands beside its location. How long it may take is the server's to say. */
export function sourceBody({ location, type, directory, git, helm }: ApplicationSource) {
  return {
    location,
    ...(type === undefined ? {} : { type }),
    ...directory,
    ...git,
    ...(helm === undefined ? {} : { helm }),
  };
}

/** An order of a deletion as a server takes it. */
export function deletionBody(order: DeletionOrder): object {
  const { application: _, cluster: _cluster, requestedBy: _by, fingerprint: _print, ...said } = order;
  const { manifests: _given, bundle: _bundle, options = {}, ...rest } = said;
  const { lenient, validate, takeOver, as, syncOptions, timeoutMs, approvalTimeoutMs } = options;
  return {
    ...rest,
    ...manifestsOf(order),
    options: { lenient, validate, takeOver, as, syncOptions, timeoutMs, approvalTimeoutMs },
  };
}

/** Manifests go with their places, so that errors name the files of whoever sends them. */
function manifestsOf({ manifests, bundle }: Pick<SyncOrder, 'manifests' | 'bundle'>): object {
  if (bundle !== undefined) return { bundle };
  return manifests === undefined ? {} : { manifests: manifests.map(({ object, location }) => ({ object, location })) };
}
