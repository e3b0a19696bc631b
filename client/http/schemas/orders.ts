import { z } from 'zod';
import { account, selection } from './status.ts';
import { label, shortText } from './vocabulary.ts';

const MOST_MS = 30 * 24 * 3600 * 1000;
const duration = z.int().min(1).max(MOST_MS).describe('Milliseconds, at most 30 days.');
const texts = z.array(z.string().max(2_000)).max(500);
const pairs = z.record(z.string().max(320), z.string().max(2_000));

const ignoreRule = z.strictObject({
  group: z.string().exactOptional(),
  kind: z.string(),
  name: z.string().exactOptional(),
  namespace: z.string().exactOptional(),
  jsonPointers: texts.exactOptional(),
  jqPathExpressions: texts.exactOptional(),
  managedFieldsManagers: texts.exactOptional(),
});

/** The choices of a sync; those of `syncline sync`. */
export const syncOptions = z
  .strictObject({
    prune: z.boolean().exactOptional(),
    allowEmpty: z.boolean().exactOptional(),
    maxPrune: z.int().min(0).exactOptional(),
    wait: z.boolean().exactOptional(),
    lenient: z.boolean().exactOptional(),
    forceConflicts: z.boolean().exactOptional(),
    validate: z.boolean().exactOptional(),
    timeoutMs: duration.exactOptional(),
    stuckPodGraceMs: duration.exactOptional(),
    approvalTimeoutMs: duration.exactOptional(),
    onFailure: z.enum(['fail', 'hold', 'rollback']).exactOptional(),
    holdForMs: duration.exactOptional(),
    from: z.string().max(100).exactOptional().describe('`PHASE` or `PHASE:WAVE`: what stands before it is left out.'),
    retryPauseMs: duration.exactOptional(),
    syncFailOnAbort: z.boolean().exactOptional(),
    adopt: z.boolean().exactOptional(),
    namespaceMetadata: z.strictObject({ labels: pairs, annotations: pairs }).exactOptional(),
    takeOver: z.boolean().exactOptional(),
    ifClosed: z
      .enum(['wait'])
      .exactOptional()
      .describe('Where a window of the application holds it back, it waits; absent = it fails.'),
    overrideWindow: z
      .string()
      .min(1)
      .max(500)
      .exactOptional()
      .describe('Why it begins although a window holds it back.'),
    syncOptions: pairs
      .exactOptional()
      .describe('Argo CD’s sync options for the whole application, e.g. {"Replace": "true"}.'),
    ignoreDifferences: z.array(ignoreRule).max(500).exactOptional(),
    selection: selection.exactOptional(),
    as: account
      .exactOptional()
      .describe('As which account the application’s objects are read and written; absent = the worker’s own.'),
  })
  .meta({ id: 'SyncOptions' });

const kubernetesObject = z.looseObject({ apiVersion: z.string(), kind: z.string() });

const manifest = z.union([
  kubernetesObject,
  z.strictObject({
    object: kubernetesObject,
    location: z.strictObject({ file: z.string().max(1_024), line: z.int().min(1) }),
  }),
]);

const helm = z.strictObject({
  releaseName: z.string().max(53).exactOptional(),
  values: texts.exactOptional().describe('Values files, as paths in the repository or archive.'),
  set: texts.exactOptional(),
  setString: texts.exactOptional(),
  setFile: texts.exactOptional(),
  kubeVersion: z.string().max(64).exactOptional(),
  apiVersions: texts.exactOptional(),
  repository: z.string().max(2_000).exactOptional(),
  version: z.string().max(128).exactOptional(),
});

/** Where manifests are rendered from. */
export const source = z
  .strictObject({
    location: z
      .string()
      .min(1)
      .max(2_000)
      .exactOptional()
      .describe('A git repository or a chart’s address; absent where an archive is uploaded.'),
    type: z.enum(['directory', 'helm', 'kustomize']).exactOptional(),
    ref: z.string().max(256).exactOptional().describe('Branch, tag or commit.'),
    path: z.string().max(1_024).exactOptional().describe('The folder or file in the repository or archive.'),
    include: texts.exactOptional(),
    exclude: texts.exactOptional(),
    helm: helm.exactOptional(),
  })
  .meta({ id: 'Source' });

const namespace = label(63).describe('Destination namespace of objects that name none, and home of the record.');

const subject = {
  manifests: z.array(manifest).min(1).max(20_000).exactOptional().describe('Kubernetes objects.'),
  files: z
    .array(z.strictObject({ file: z.string().min(1).max(1_024), text: z.string() }))
    .min(1)
    .max(5_000)
    .exactOptional()
    .describe('Files of YAML or JSON; errors name their lines.'),
  source: source.exactOptional(),
  bundle: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .exactOptional()
    .describe('The stored manifests of the application’s latest sync.'),
};

const turn = {
  ifRunning: z
    .enum(['reject', 'queue', 'supersede'])
    .exactOptional()
    .describe('Where a sync of the application runs: be refused, wait in line, or let it end at its next safe point.'),
  supersedeWithinMs: z
    .int()
    .min(0)
    .max(MOST_MS)
    .exactOptional()
    .describe('How long a sync that is superseded may take to that point before its hooks are stopped, ms; 10 min.'),
  syncId: label(40).exactOptional().describe('Names the request, so that it may be repeated: it begins one sync.'),
};

/**
 * What is to be synced: exactly one of `manifests`, `files`, `source`, `bundle`, `kept` and `rollback`; `source` alone goes with an
 * archive.
 */
export const syncOrder = z
  .strictObject({
    namespace: namespace.exactOptional().describe('Needed but for `kept` and `rollback`, whose own it is.'),
    ...subject,
    kept: z
      .literal(true)
      .exactOptional()
      .describe('The application as it is kept in its cluster, rendered by the server where a --source allows it.'),
    rollback: z
      .strictObject({ to: shortText.exactOptional() })
      .exactOptional()
      .describe(
        'What an earlier sync has synced: the one of this number or ID, else the last success before the latest.',
      ),
    ...turn,
    createNamespace: z.boolean().exactOptional(),
    revision: z.string().trim().min(1).max(255).exactOptional().describe('What people call these bytes.'),
    options: syncOptions.exactOptional(),
  })
  .meta({ id: 'SyncOrder' });

/** What is to be deleted; without manifests, with the hooks of the application's last sync. */
export const deletionOrder = z
  .strictObject({
    namespace,
    ...subject,
    ...turn,
    orphan: z.boolean().exactOptional().describe('Keep the objects and let go of them; no hook runs.'),
    skipHooks: z.boolean().exactOptional(),
    options: syncOptions
      .pick({
        lenient: true,
        validate: true,
        takeOver: true,
        as: true,
        syncOptions: true,
        timeoutMs: true,
        approvalTimeoutMs: true,
      })
      .exactOptional(),
  })
  .meta({ id: 'DeletionOrder' });

/** How a failed sync is to go on; at most one of `from`, `only` and `restart`, and the failed step where none is given. */
export const retryOrder = z
  .strictObject({
    from: z.string().max(100).exactOptional().describe('`PHASE` or `PHASE:WAVE`: everything from there on.'),
    only: shortText.exactOptional().describe('One step alone.'),
    restart: z.boolean().exactOptional(),
    reason: shortText.exactOptional(),
  })
  .meta({ id: 'RetryOrder' });

/** A step to be passed over. */
export const skipOrder = z.strictObject({ step: shortText, reason: shortText }).meta({ id: 'SkipOrder' });

const bound = {
  plan: z.string().max(100).exactOptional().describe('Digest of the plan that was looked at.'),
  gate: z.string().max(100).exactOptional().describe('The gate, as `<phase>/<wave>`.'),
};

/** A decision to let a sync go on. */
export const approval = z.strictObject({ ...bound, reason: shortText.exactOptional() }).meta({ id: 'ApprovalOrder' });

/** A decision to end a sync that waits. */
export const rejection = z.strictObject({ ...bound, reason: shortText }).meta({ id: 'RejectionOrder' });

/** An order to stop a sync. */
export const abortOrder = z.strictObject({ reason: shortText.exactOptional() }).meta({ id: 'AbortOrder' });
