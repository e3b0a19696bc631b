import { effectiveSyncOptions, readSyncOptions } from '../../core/annotations/sync-options.ts';
import type { WriteMode } from '../../core/apply/write-mode.ts';
import { writeModeOf } from '../../core/apply/write-mode.ts';
import { gateFor, gatedObject, isGated, takeOverPatch } from '../../core/hooks/gated-object.ts';
import type { LiveHook } from '../../core/hooks/live-hook.ts';
import { classifyLiveHook, isKept } from '../../core/hooks/live-hook.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { annotationsOf, describeRef, refOf, resourceVersionOf, uidOf } from '../../core/objects.ts';
import type { LedgerEntry } from '../../core/record/record.ts';
import { holds } from '../../core/record/transitions.ts';
import { ConnectionError, isApiError, isPatchRefused } from '../../kubernetes/errors.ts';
import type { HookAnswer } from '../../workflows/activities.ts';
import { writeObject } from '../apply/write-object.ts';
import { fenceHolds, fenceOf } from '../record/fence.ts';
import { failureOf } from '../failures.ts';
import { deleteAndAwait, awaitGone } from './deletion.ts';
import type { HookRun } from './hook-run.ts';
import { markOf, marksOf } from './hook-run.ts';

/** The object of an attempt, ready for its intent; its entry, where another process has begun it; or the answer that ends the request. */
export type Obtained =
  | { readonly kind: 'object'; readonly object: KubernetesObject }
  | { readonly kind: 'begun'; readonly entry: LedgerEntry }
  | { readonly kind: 'answer'; readonly answer: HookAnswer };

/** More looks than a name can need: each follows a change that somebody else made to it. */
const MOST_LOOKS = 20;

/** So many come at once; then there is a pause before each, ms, twice as long each time. */
const LOOKS_AT_ONCE = 3;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Finds or creates the object of an attempt. What is over under the hook's name is deleted first, what runs for somebody
 * else is left alone (`HookConflict`), and a lost answer to the creation means looking again.
 */
export async function obtainObject(run: HookRun, attempt: number): Promise<Obtained> {
  const ref = run.refAt(attempt);
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    if (look >= LOOKS_AT_ONCE) await rest(run, FIRST_PAUSE_MS * 2 ** (look - LOOKS_AT_ONCE));
    const live = await run.cluster.get(ref, run.runtime.signal);
    const found = classifyLiveHook(live, run.input.hook, markOf(run, attempt));
    const obtained = await actOn(run, attempt, found);
    if (obtained !== undefined) return obtained;
  }
  return conflict(run, attempt, 'it is deleted and created again by somebody else, time and again');
}

/** Lets whoever changes the name, or keeps answers from coming, take a while. */
async function rest({ cluster, runtime, input }: HookRun, ms: number): Promise<void> {
  const { apiVersion, kind, namespace } = input.hook.ref;
  const until = runtime.now() + Math.min(ms, LONGEST_PAUSE_MS);
  const view = await cluster.view(
    { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) },
    runtime.signal,
  );
  try {
    for (let left = until - runtime.now(); left > 0; left = until - runtime.now()) {
      await view.changed(left, runtime.signal);
    }
  } finally {
    view.close();
  }
}

/** Acts on what stands under the name; undefined means: look again. */
async function actOn(run: HookRun, attempt: number, found: LiveHook): Promise<Obtained | undefined> {
  switch (found.kind) {
    case 'own':
      return takeOver(run, attempt, found.live);
    case 'running':
      return conflict(run, attempt, 'an object of that name is running and is not of this sync');
    case 'leaving':
      await awaitGone(run, found.live);
      return undefined;
    case 'replace':
      return clear(run, attempt, found.live);
    case 'keep':
      return modeOf(run).kind === 'recreate' ? clear(run, attempt, found.live) : make(run, attempt);
    case 'absent':
      return make(run, attempt);
  }
}

/**
 * Takes an object over that was made for this attempt; undefined means: look again. One of an earlier claim is changed first:
 * whoever has found since that it is nobody's (a sweep, an abort, another sync), and is slow to delete it, must not take it away
 * once the ledger counts on it.
 */
async function takeOver(run: HookRun, attempt: number, live: KubernetesObject): Promise<Obtained | undefined> {
  const isGateable = gateFor(run.manifest) !== 'none';
  const patch = isGateable ? takeOverPatch(live, marksOf(run, attempt).claim) : undefined;
  if (patch === undefined) return { kind: 'object', object: live };
  const hindrance = await hindranceOf(run, attempt);
  if (hindrance !== undefined) return hindrance;
  try {
    return { kind: 'object', object: await run.cluster.patch(refOf(live), patch, run.runtime.signal) };
  } catch (error) {
    if (isPatchRefused(error)) return undefined;
    throw error;
  }
}

/** Takes what is over out of the way; undefined means: look again. */
async function clear(run: HookRun, attempt: number, live: KubernetesObject): Promise<Obtained | undefined> {
  const hindrance = await hindranceOf(run, attempt);
  if (hindrance !== undefined) return hindrance;
  await deleteAndAwait(run, live);
  return undefined;
}

/** What is kept is applied over at the next sync: its first write must be an apply too, or it would conflict with that. */
async function make(run: HookRun, attempt: number): Promise<Obtained | undefined> {
  const hindrance = await hindranceOf(run, attempt);
  if (hindrance !== undefined) return hindrance;
  return isKept(run.input.hook) ? writeOver(run, attempt) : create(run, attempt);
}

/**
 * What keeps an attempt from being begun: the fence, or that it has been meanwhile; undefined for nothing. What was found under
 * its name before is of no attempt that follows it then, which is made once the ledger has a verdict of this one: whoever was
 * left behind by several others would take the object of the latest for one that is in its way.
 */
async function hindranceOf({ record, input, runtime }: HookRun, attempt: number): Promise<Obtained | undefined> {
  const known = await record.read(runtime.signal);
  if (!holds(known, fenceOf(input.scope, runtime))) return fenced();
  const entry = known.ledger[input.hook.id]?.find((each) => each.attempt === attempt);
  return entry === undefined ? undefined : { kind: 'begun', entry };
}

function fenced(): Obtained {
  return { kind: 'answer', answer: { kind: 'fenced' } };
}

/** POST, never apply: two creations of one name can't both succeed. */
async function create(run: HookRun, attempt: number): Promise<Obtained | undefined> {
  const object = gatedObject(run.manifest, marksOf(run, attempt));
  try {
    const { validation } = modeOf(run);
    return { kind: 'object', object: await run.cluster.create(object, { validation }, run.runtime.signal) };
  } catch (error) {
    // AlreadyExists, or no answer at all: whether it was created is told by a look at the name.
    if (isApiError(error, 409) || error instanceof ConnectionError) return undefined;
    return refusedBy(run, attempt, error);
  }
}

/** For kinds without an end that are to be kept (a PersistentVolumeClaim, say): the manifest is written over the live object. */
async function writeOver(run: HookRun, attempt: number): Promise<Obtained> {
  const { cluster, runtime, input, record } = run;
  const object = gatedObject(run.manifest, marksOf(run, attempt));
  const mayWrite = () => fenceHolds(record, input.scope, runtime);
  const writing = { cluster, runtime, request: input.scope.request, dryRun: false, mayWrite };
  try {
    const written = await writeObject(writing, object, keptMode(modeOf(run)));
    return written.kind === 'fenced' ? fenced() : { kind: 'object', object: written.object };
  } catch (error) {
    return refusedBy(run, attempt, error);
  }
}

/** Whatever had to be deleted first is gone by the time a kept hook is written. */
function keptMode(mode: WriteMode): WriteMode {
  return mode.kind === 'recreate' ? { ...mode, kind: 'replace' } : mode;
}

function modeOf({ input, manifest }: HookRun): WriteMode {
  const own = readSyncOptions(annotationsOf(manifest)).options;
  return writeModeOf(input.hook.ref, effectiveSyncOptions(input.scope.request.options.syncOptions, own));
}

function refusedBy(run: HookRun, attempt: number, error: unknown): Obtained {
  const failure = failureOf(error, { ref: run.refAt(attempt), redact: (text) => run.redact(text) });
  if (failure === undefined) throw error;
  return { kind: 'answer', answer: { kind: 'failed', failures: [failure] } };
}

function conflict(run: HookRun, attempt: number, why: string): Obtained {
  const object = describeRef(run.refAt(attempt));
  return {
    kind: 'answer',
    answer: {
      kind: 'failed',
      failures: [
        {
          type: 'HookConflict',
          object,
          message: `hook ${object} was not started: ${why}`,
          remedy:
            'wait for it to end, or delete it (`syncline sweep --running` where its sync is over), then sync again',
        },
      ],
    },
  };
}

/**
 * Deletes an object of ours that turned out to be one too many. Only while it is still gated: UID and resourceVersion are
 * preconditions, so that one which somebody has released meanwhile stays.
 */
export async function discard(run: HookRun, object: KubernetesObject): Promise<void> {
  if (gateFor(run.manifest) === 'none') return;
  const live = await run.cluster.get(refOf(object), run.runtime.signal);
  if (live === undefined || uidOf(live) !== uidOf(object) || !isGated(live)) return;
  try {
    await run.cluster.delete(
      refOf(live),
      { uid: uidOf(live), resourceVersion: resourceVersionOf(live), propagation: 'Background' },
      run.runtime.signal,
    );
  } catch (error) {
    if (!isApiError(error, 409)) throw error;
  }
}
