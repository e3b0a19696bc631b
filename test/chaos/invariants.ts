import { numberAt } from '../../core/json.ts';
import { recordName } from '../../core/markers.ts';
import type { AuditWrite } from './trace/audit-log.ts';
import type { HookObject } from './trace/hook-objects.ts';
import { SYNCLINE } from './trace/hook-objects.ts';
import type { Ending, PlannedStep, PlannedWave, Snapshot, SyncTrace } from './trace/sync-trace.ts';

/** What must hold of every sync, whatever was done to it; each answers what broke it, in words. */
export const INVARIANTS: Readonly<Record<string, (trace: SyncTrace) => readonly string[]>> = {
  'every sync ends': ends,
  'a sync ends as an undisturbed one, or as what was done to it allows': endsAsAllowed,
  'a sync leaves what an undisturbed one leaves': leavesTheSame,
  'an attempt of a hook runs one object': runsOnce,
  'a hook starts by one release, after its intent is written': startsByRelease,
  'what has succeeded does not run again in its sync': doesNotRunAgain,
  'nothing that dies costs a hook an attempt': spendsNoAttempt,
  'only an abort stops a running hook': isNotStopped,
  'no step begins before its wave’s turn': keepsOrder,
  'there is evidence for each hook': hasEvidence,
};

/** The faults of a sync, each with the invariant it breaks. */
export function faultsOf(trace: SyncTrace): readonly string[] {
  return Object.entries(INVARIANTS).flatMap(([name, judge]) =>
    judge(trace).map((what) => `${trace.title}: ${name}: ${what}`),
  );
}

function ends({ ending }: SyncTrace): readonly string[] {
  return ending === undefined ? ['it is still open'] : [];
}

function endsAsAllowed(trace: SyncTrace): readonly string[] {
  const { ending, calm } = trace;
  if (ending === undefined || isSame(ending, calm.ending) || isAllowed(trace, ending)) return [];
  return [`it ended ${describe(ending)}, undisturbed it ends ${describe(calm.ending)}`];
}

/** The model of what else may come of a sync: a hook that somebody deletes may be lost, and who aborts it may be in time. */
function isAllowed({ interference }: SyncTrace, { outcome, failures }: Ending): boolean {
  if (interference.aborted && outcome === 'Aborted') return true;
  return interference.deleted.length > 0 && outcome === 'Failed' && failures.includes('HookLost');
}

function isSame(a: Ending, b: Ending): boolean {
  return a.outcome === b.outcome && a.failures.join() === b.failures.join();
}

function describe({ outcome, failures }: Ending): string {
  return failures.length === 0 ? outcome : `${outcome} (${failures.join(', ')})`;
}

/** A sync that ended otherwise than undisturbed may have done less, but nothing that its manifests do not have. */
function leavesTheSame(trace: SyncTrace): readonly string[] {
  const { ending, calm, state, interference } = trace;
  if (ending === undefined || !isSame(ending, calm.ending)) return [];
  const gone = new Set(interference.deleted.flatMap((name) => [`Job/${name}`, `Pod/${name}`]));
  return differences(calm.state, state).filter((text) => !gone.has(text.split(' ')[0] ?? ''));
}

/** What two snapshots differ in, each beginning with `Kind/name`. */
export function differences(wanted: Snapshot, found: Snapshot): readonly string[] {
  const keys = [...new Set([...Object.keys(wanted), ...Object.keys(found)])].sort();
  return keys
    .filter((key) => wanted[key] !== found[key])
    .map((key) => `${key} is ${found[key] ?? 'not there'}, undisturbed it is ${wanted[key] ?? 'not there'}`);
}

function hasRun({ releases, pods }: HookObject): boolean {
  return releases.length > 0 || pods.length > 0;
}

/** A gated duplicate that never ran and was removed is allowed. */
function runsOnce({ hooks }: SyncTrace): readonly string[] {
  const ran = Object.groupBy(
    hooks.filter(hasRun),
    ({ phase, kind, name, attempt }) => `${phase} ${kind}/${name} attempt ${attempt}`,
  );
  return Object.entries(ran).flatMap(([attempt, objects = []]) =>
    objects.length <= 1 ? [] : [`${attempt} ran ${objects.length} times: ${objects.map(({ uid }) => uid).join(', ')}`],
  );
}

function startsByRelease({ hooks, writes, application }: SyncTrace): readonly string[] {
  const records = writes.filter(
    ({ resource, name, user }) => resource === 'configmaps' && name === recordName(application) && user === SYNCLINE,
  );
  return hooks.flatMap(({ kind, name, attempt, uid, askedAt, releases, pods }) => {
    const title = `${kind}/${name} attempt ${attempt} (${uid})`;
    const [release] = releases;
    const early = pods.filter((at) => release === undefined || at < release);
    if (early.length > 0) return [`${title} ran at ${early[0]!}, before it was released at ${release ?? 'no time'}`];
    if (release === undefined) return [];
    const intended = records.some(({ receivedAt, answeredAt }) => receivedAt > askedAt && answeredAt < release);
    return [
      ...(releases.length > 1 ? [`${title} was released ${releases.length} times`] : []),
      ...(intended ? [] : [`${title} was released at ${release}, and no record was written since it was made`]),
    ];
  });
}

function doesNotRunAgain({ hooks }: SyncTrace): readonly string[] {
  return hooks.filter(hasRun).flatMap((again) => {
    const done = hooks.find(
      (hook) =>
        hook.uid !== again.uid &&
        `${hook.phase} ${hook.kind}/${hook.name}` === `${again.phase} ${again.kind}/${again.name}` &&
        hook.succeeded &&
        hook.endedAt! < (again.releases[0] ?? again.pods[0] ?? ''),
    );
    return done === undefined ? [] : [`${again.kind}/${again.name} ran again after ${done.uid} had succeeded`];
  });
}

/** A run that follows a reset makes another attempt of what had failed, and so may a sync whose hook was deleted. */
function spendsNoAttempt({ hooks, waves, interference }: SyncTrace): readonly string[] {
  if (interference.resets > 0 || interference.deleted.length > 0) return [];
  const planned = waves.flatMap(({ steps }) => steps);
  return planned.flatMap(({ kind, name, runs, attempts }) => {
    const own = hooks.filter((hook) => runs && hook.kind === kind && hook.name === name && hasRun(hook));
    return own.length <= attempts ? [] : [`${kind}/${name} was tried ${own.length} times in place of ${attempts}`];
  });
}

function isNotStopped({ hooks, interference }: SyncTrace): readonly string[] {
  if (interference.aborted) return [];
  return hooks.flatMap(({ kind, name, uid, deletion, endedAt, ...hook }) => {
    if (deletion?.by !== SYNCLINE || !hasRun({ kind, name, uid, ...hook })) return [];
    if (endedAt !== undefined && endedAt < deletion.at) return [];
    return [`${kind}/${name} (${uid}) was deleted at ${deletion.at}, when it had not ended`];
  });
}

/** Each wave’s first write must come after all of the waves before it has ended well. */
function keepsOrder(trace: SyncTrace): readonly string[] {
  return trace.waves.flatMap((wave, index) => {
    const began = wave.steps.flatMap((step) => beginOf(trace, step) ?? []).sort()[0];
    if (began === undefined) return [];
    return trace.waves.slice(0, index).flatMap((before) => lateIn(trace, before, wave, began));
  });
}

function lateIn(trace: SyncTrace, before: PlannedWave, wave: PlannedWave, began: string): readonly string[] {
  return before.steps.flatMap((step) => {
    const ended = endOf(trace, step);
    // What is as it should be already is not written.
    if (ended === undefined && !trace.first && !step.runs) return [];
    if (ended !== undefined && ended < began) return [];
    return [
      `${wave.title} began at ${began}, ${step.kind}/${step.name} of ${before.title} ended well at ${ended ?? 'no time'}`,
    ];
  });
}

function beginOf(trace: SyncTrace, step: PlannedStep): string | undefined {
  if (step.runs) return runsOf(trace, step).map(({ askedAt }) => askedAt)[0];
  return creationOf(trace, step)?.receivedAt;
}

function endOf(trace: SyncTrace, step: PlannedStep): string | undefined {
  if (step.runs) return runsOf(trace, step).find(({ succeeded }) => succeeded)?.endedAt;
  const made = creationOf(trace, step);
  if (made === undefined || step.kind !== 'Deployment') return made?.answeredAt;
  return trace.writes.find((write) => isOf(write, step) && isAvailable(write))?.receivedAt;
}

function runsOf({ hooks }: SyncTrace, { kind, name }: PlannedStep): readonly HookObject[] {
  return hooks.filter((hook) => hook.kind === kind && hook.name === name);
}

function creationOf({ writes }: SyncTrace, step: PlannedStep): AuditWrite | undefined {
  return writes.find(
    (write) => isOf(write, step) && write.user === SYNCLINE && write.code === 201 && write.subresource === undefined,
  );
}

function isOf({ resource, name }: AuditWrite, step: PlannedStep): boolean {
  return resource === step.resource && name === step.name;
}

function isAvailable({ object }: AuditWrite): boolean {
  return object !== undefined && (numberAt(object, 'status', 'availableReplicas') ?? 0) > 0;
}

/** A hook that came to an end, or was stopped, has evidence, of an object that the API server knows. */
function hasEvidence({ reports, hooks }: SyncTrace): readonly string[] {
  const ended = reports.filter(({ state }) => state === 'succeeded' || state === 'failed' || state === 'aborted');
  return ended.flatMap(({ name, attempt, evidence }) => {
    const own = hooks.filter((hook) => hook.name === name);
    // Stopped before anything was made.
    if (own.every((hook) => !hasRun(hook))) return [];
    if (evidence === undefined) return [`there is none of ${name}`];
    if (!own.some(({ uid }) => uid === evidence.uid)) return [`that of ${name} is of ${evidence.uid}, which never was`];
    return evidence.attempt === attempt ? [] : [`that of ${name} is of attempt ${evidence.attempt}, not ${attempt}`];
  });
}

/** What is left of an application once everything has ended, by its live objects: nothing may be. */
export function leftOf(objects: readonly LeftObject[]): readonly string[] {
  return objects.flatMap(({ title, gated, unfinished, holder }) => [
    ...(gated ? [`${title} is still gated`] : []),
    ...(unfinished ? [`${title} still runs`] : []),
    ...(holder === undefined ? [] : [`${title} is still held by ${holder}`]),
  ]);
}

/** A live object as far as it may be left over. */
export interface LeftObject {
  readonly title: string;
  readonly gated: boolean;
  /** A Job or Pod of a hook that has not ended. */
  readonly unfinished: boolean;
  /** Of a record: who holds it. */
  readonly holder?: string;
}

/** The secrets that a text holds, as they are or in base64. */
export function leaksIn(text: string, secrets: readonly string[]): readonly string[] {
  return secrets.filter((secret) => {
    const encoded = Buffer.from(secret).toString('base64').replace(/=+$/, '');
    return text.includes(secret) || text.includes(encoded);
  });
}
