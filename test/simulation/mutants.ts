import type { Seed } from './schedules/seeds.ts';

/** A change of product code that takes one step of the protocol away. */
export interface Mutant {
  readonly name: string;
  /** Why no schedule can find it. */
  readonly equivalent?: string;
  /** The first seed that finds it, of all schedules or of a plot; absent where none can. */
  readonly found?: Seed;
  readonly changes: readonly Change[];
}

/** A text of a file that stands there once, and what stands in its place. */
interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const HOOKS = 'activities/hooks';
const TRANSITIONS = 'core/record/transitions.ts';

/** Each step of the hook protocol and of the epoch, taken away. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the ledger is not read',
    found: 11,
    changes: [
      {
        file: TRANSITIONS,
        from: "if (latest === undefined) return { kind: 'free', attempt: 1 };",
        to: "if (latest === undefined || latest !== undefined) return { kind: 'free', attempt: 1 };",
      },
      {
        file: `${HOOKS}/protocol.ts`,
        from: 'if (known !== undefined) {\n      decision',
        to: 'if (known === null) {\n      decision',
      },
    ],
  },
  {
    name: 'a success is not reused',
    found: 8,
    changes: [{ file: TRANSITIONS, from: 'if (counts || own) return', to: 'if (own) return' }],
  },
  {
    name: 'a hook is created without its gate',
    found: 2,
    changes: [
      { file: 'core/hooks/gated-object.ts', from: 'return { ...rest, suspend: true };', to: 'return rest;' },
      {
        file: 'core/hooks/gated-object.ts',
        from: 'schedulingGates: [{ name: SCHEDULING_GATE }, ...arrayAt',
        to: 'schedulingGates: [...arrayAt',
      },
    ],
  },
  {
    name: 'the fence is not checked before a creation',
    equivalent:
      'a creation that comes late is gated; the intent that follows is refused by the same fence, and the object is discarded or swept',
    changes: [
      {
        file: `${HOOKS}/obtain-object.ts`,
        from: `  const hindrance = await hindranceOf(run, attempt);
  if (hindrance !== undefined) return hindrance;
  return isKept`,
        to: '  return isKept',
      },
    ],
  },
  {
    name: 'the fence is not checked before a predecessor is deleted',
    found: 676,
    changes: [
      {
        file: `${HOOKS}/obtain-object.ts`,
        from: `  const hindrance = await hindranceOf(run, attempt);
  if (hindrance !== undefined) return hindrance;
  await deleteAndAwait`,
        to: '  await deleteAndAwait',
      },
    ],
  },
  {
    name: 'the release comes before the intent',
    found: 3,
    changes: [
      {
        file: `${HOOKS}/protocol.ts`,
        from: 'const intent = await writeIntent(run, next, obtained.object);',
        to: 'await releaseHook(run, obtained.object);\n  const intent = await writeIntent(run, next, obtained.object);',
      },
    ],
  },
  {
    name: 'no intent is written',
    found: 1,
    changes: [
      {
        file: `${HOOKS}/protocol.ts`,
        from: 'return withEntry(record, input.hook.id, entry);\n  }, runtime.signal);\n  return decision;',
        to: 'return undefined;\n  }, runtime.signal);\n  return decision;',
      },
    ],
  },
  {
    name: 'the intent is written under any epoch',
    found: 579,
    changes: [
      {
        file: `${HOOKS}/protocol.ts`,
        from: `    if (!holds(record, fenceOf(input.scope, runtime))) return undefined;
    const known`,
        to: `    if (record === undefined) return undefined;
    const known`,
      },
    ],
  },
  {
    name: 'an intent takes the place of another',
    found: 69,
    changes: [
      {
        file: `${HOOKS}/protocol.ts`,
        from: 'if (known !== undefined) {\n      decision',
        to: 'if (known === null) {\n      decision',
      },
    ],
  },
  {
    name: 'an object that is one too many is not discarded',
    changes: [
      {
        file: `${HOOKS}/obtain-object.ts`,
        from: "if (gateFor(run.manifest) === 'none') return;",
        to: 'if (gateFor(run.manifest) !== undefined) return;',
      },
    ],
    equivalent: 'what is gated and of a sync that is over is swept, and what is of the same attempt is adopted by it',
  },
  {
    name: 'an object that was released meanwhile is discarded too',
    equivalent:
      'nobody can release what is discarded: what a run of the same sync may adopt is left, and an abort raises the epoch first',
    changes: [
      {
        file: `${HOOKS}/obtain-object.ts`,
        from: '|| !isGated(live)) return;',
        to: ') return;',
      },
      {
        file: `${HOOKS}/obtain-object.ts`,
        from: '{ uid: uidOf(live), resourceVersion: resourceVersionOf(live), propagation',
        to: '{ uid: uidOf(live), propagation',
      },
    ],
  },
  {
    name: 'the release tests neither UID nor gate',
    found: 870,
    changes: [
      {
        file: 'core/hooks/gated-object.ts',
        from: "const tests: ReleaseStep[] = [{ op: 'test', path: '/metadata/uid', value: uidOf(live) }];",
        to: 'const tests: ReleaseStep[] = [];',
      },
      {
        file: 'core/hooks/gated-object.ts',
        from: "tests.push({ op: 'test', path: GATE_PATH, value: gate }, { op: 'remove', path: GATE_PATH });",
        to: "tests.push({ op: 'remove', path: GATE_PATH });",
      },
    ],
  },
  {
    name: 'a release that is refused is a failure',
    changes: [
      {
        file: `${HOOKS}/release.ts`,
        from: 'if (isPatchRefused(error)) return;',
        to: '',
      },
    ],
    equivalent: 'the attempt is tried again, and its successor looks again by itself',
  },
  {
    name: 'what stands in the way is deleted without preconditions',
    found: 514,
    changes: [
      {
        file: `${HOOKS}/deletion.ts`,
        from: '{ ...preconditions, propagation }',
        to: '{ propagation }',
      },
    ],
  },
  {
    name: 'what stands in the way is deleted by its UID alone',
    found: 'late-creation:130',
    changes: [
      {
        file: `${HOOKS}/deletion.ts`,
        from: 'const preconditions = { uid: uidOf(live), resourceVersion: resourceVersionOf(live) };',
        to: 'const preconditions = { uid: uidOf(live) };',
      },
    ],
  },
  {
    name: 'what runs for somebody else is replaced',
    found: 309,
    changes: [
      {
        file: 'core/hooks/live-hook.ts',
        from: "kind: hookVerdict(live).kind === 'running' ? 'running' : 'replace'",
        to: "kind: hookVerdict(live).kind === 'running' ? 'replace' : 'replace'",
      },
    ],
  },
  {
    name: 'what was deleted is not waited for',
    equivalent: 'a creation under its name is refused until it is gone, and a look again finds it leaving',
    changes: [{ file: `${HOOKS}/deletion.ts`, from: '  await awaitGone(run, live);\n}', to: '}' }],
  },
  {
    name: 'a predecessor is deleted without its pods',
    found: 3,
    changes: [
      {
        file: `${HOOKS}/deletion.ts`,
        from: '{ ...preconditions, propagation }',
        to: "{ ...preconditions, propagation: 'Orphan' }",
      },
    ],
  },
  {
    name: 'a verdict overwrites the one that is there',
    found: 87,
    changes: [
      {
        file: `${HOOKS}/verdict.ts`,
        from: `if (known === undefined || known.verdict !== undefined) return undefined;
    return withVerdict`,
        to: `if (known === undefined) return undefined;
    return withVerdict`,
      },
      {
        file: TRANSITIONS,
        from: 'if (entry === undefined || entry.verdict !== undefined) return record;',
        to: 'if (entry === undefined) return record;',
      },
    ],
  },
  {
    name: 'a verdict is not written',
    found: 1,
    changes: [
      {
        file: `${HOOKS}/verdict.ts`,
        from: 'return withVerdict(record, input.hook.id, entry.attempt, verdict);',
        to: 'known = { ...known, verdict };\n    return undefined;',
      },
    ],
  },
  {
    name: 'the record is written without compare-and-swap',
    found: 16,
    changes: [
      {
        file: 'activities/record/record-store.ts',
        from: '...(resourceVersion === undefined ? {} : { resourceVersion }),',
        to: "...(resourceVersion === '' ? { resourceVersion } : {}),",
      },
    ],
  },
  {
    name: 'a view is believed about a missing object',
    found: 5,
    changes: [
      {
        file: `${HOOKS}/await-verdict.ts`,
        from: 'const live = await run.cluster.get(ref, run.runtime.signal);\n  return live !== undefined',
        to: 'const live = seen;\n  return live !== undefined',
      },
    ],
  },
  {
    name: 'a view is believed about a hook whose time is over',
    found: 'late-look:4179',
    changes: [
      {
        file: `${HOOKS}/await-verdict.ts`,
        from: 'if (isKnown && now < deadlineOf(entry, seen)) return seen;',
        to: 'if (isKnown) return seen;',
      },
    ],
  },
  {
    name: 'an attempt that is left stops its hook',
    found: 7,
    changes: [
      {
        file: `${HOOKS}/await-verdict.ts`,
        from: '  } finally {\n    view.close();',
        to: `  } catch (error) {
    await run.cluster.delete(ref, { uid: entry.uid, propagation: 'Foreground' }, new AbortController().signal);
    throw error;
  } finally {
    view.close();`,
      },
    ],
  },
  {
    name: 'a late release does not renew the intent',
    found: 'released-and-left:1509',
    changes: [
      {
        file: `${HOOKS}/await-verdict.ts`,
        from: 'const known = entry === intended ? await renewIntent(run, entry) : entry;',
        to: 'const known: LedgerEntry | undefined = entry;',
      },
    ],
  },
  {
    name: 'who cleans up is cancelled with whoever shared its claim',
    found: 246_166,
    changes: [
      {
        file: 'workflows/fenced-activities.ts',
        from: 'if (!isCancellation(error) || !outlives()) throw error;',
        to: 'if (!isCancellation(error) || !outlives() || claiming === undefined) throw error;',
      },
    ],
  },
  {
    name: 'the TTL is not withheld',
    found: 25,
    changes: [
      {
        file: 'core/hooks/gated-object.ts',
        from: 'const { ttlSecondsAfterFinished, ...rest } = spec;',
        to: 'const rest = spec;',
      },
    ],
  },
  {
    name: 'hooks of an aborted sync are not stopped',
    found: 165,
    changes: [
      {
        file: 'workflows/interpreter/phase.ts',
        from: 'await effects.stopHooks(hooks);',
        to: "{ kind: 'done', deleted: 0, warnings: [] };",
      },
    ],
  },
  {
    name: 'an abort does not raise the epoch before it looks',
    found: 'late-attempt:25',
    changes: [
      {
        file: `${HOOKS}/stop-hooks.ts`,
        from: '{ ...record, epoch: record.epoch + 1 } : undefined',
        to: '{ ...record, epoch: record.epoch } : undefined',
      },
    ],
  },
  {
    name: 'an abort deletes before it writes the verdict',
    found: 7,
    changes: [
      {
        file: `${HOOKS}/stop-hooks.ts`,
        from: 'const stopped = entry.verdict === undefined ? await writeVerdictOfStop(run, entry, why) : entry;',
        to: 'await stopObject(run, entry);\n  const stopped = entry.verdict === undefined ? await writeVerdictOfStop(run, entry, why) : entry;',
      },
    ],
  },
  {
    name: 'what was never released is left by an abort',
    changes: [
      {
        file: `${HOOKS}/stop-hooks.ts`,
        from: 'await discard(run, live);',
        to: 'return;',
      },
    ],
    equivalent: 'the sweep removes it',
  },
  {
    name: 'the clean-up deletes whatever has the name',
    found: 611,
    changes: [
      {
        file: `${HOOKS}/settle-hooks.ts`,
        from: 'run.cluster.delete(ref, { uid: entry.uid, propagation }, signal)',
        to: 'run.cluster.delete(ref, { propagation }, signal)',
      },
    ],
  },
  {
    name: 'a claim does not raise the epoch',
    equivalent:
      'each claim is made by another run, which the fence compares too; an abort, which no claim precedes, raises it by itself',
    changes: [
      { file: TRANSITIONS, from: 'epoch: (record?.epoch ?? 0) + 1,', to: 'epoch: Math.max(1, record?.epoch ?? 1),' },
    ],
  },
  {
    name: 'the fence does not compare runs',
    changes: [{ file: TRANSITIONS, from: 'record.holder.run === fence.run', to: 'fence.run !== undefined' }],
    equivalent: 'each claim raises the epoch, which the fence compares too',
  },
  {
    name: 'the fence compares syncs alone',
    found: 'late-attempt:14',
    changes: [
      { file: TRANSITIONS, from: 'record.holder.run === fence.run', to: 'fence.run !== undefined' },
      { file: TRANSITIONS, from: 'record.epoch === fence.epoch &&', to: '' },
    ],
  },
  {
    name: 'a late claim is granted',
    found: 292,
    changes: [{ file: TRANSITIONS, from: 'if (isLate(record, claim) || isOvertaken', to: 'if (isOvertaken' }],
  },
  {
    name: 'an overtaken run takes the record back',
    found: 309,
    changes: [
      {
        file: TRANSITIONS,
        from: 'if (isLate(record, claim) || isOvertaken(record, claim))',
        to: 'if (isLate(record, claim))',
      },
    ],
  },
  {
    name: 'a phase claims for a root that is not the holder',
    found: 8,
    changes: [
      {
        file: TRANSITIONS,
        from: "    claim.claimant === 'phase' &&\n    (holder",
        to: "    claim.claimant === 'neither' &&\n    (holder",
      },
    ],
  },
  {
    name: 'a record held by another Temporal is taken',
    found: 77,
    changes: [
      {
        file: TRANSITIONS,
        from: 'holder.temporal !== claim.holder.temporal && !claim.takeOver',
        to: "holder.temporal === ''",
      },
    ],
  },
  {
    name: 'the fence is not checked before an apply',
    found: 2_074,
    changes: [
      {
        file: 'activities/apply/apply-groups.ts',
        from: "if (!(await mayWrite(sync))) return { kind: 'fenced' };",
        to: '',
      },
    ],
  },
  {
    name: 'the fence is not checked before a prune',
    found: 'late-prune:9',
    changes: [
      {
        file: 'activities/apply/prune-steps.ts',
        from: "if (!(await mayWrite(sync))) return { kind: 'fenced' };",
        to: '',
      },
    ],
  },
  {
    name: 'a sync succeeds without its last comparison',
    found: 3_177,
    changes: [
      {
        file: 'activities/finish/finish-sync.ts',
        from: 'input.verify ? await verify(sync, live, input.leftOut)',
        to: 'false ? await verify(sync, live, input.leftOut)',
      },
    ],
  },
  {
    name: 'the root does not take the record back before its last comparison',
    equivalent: 'a phase holds the record then, so the fence refuses the finish, and the root claims and asks again',
    changes: [
      {
        file: 'activities/finish/finish-sync.ts',
        from: "await takeRecord({ request, rootRun: runtime.run, claimant: 'root', renews: true }, runtime, deps);",
        to: "({ kind: 'taken', record: (await (await import('../record/record-store.ts')).openRecord(await deps.cluster(request.cluster), request).read(runtime.signal)) } as Awaited<ReturnType<typeof takeRecord>>);",
      },
    ],
  },
  {
    name: 'the record is not released',
    found: 1,
    changes: [
      {
        file: 'activities/finish/finish-sync.ts',
        from: "released(changed || outcome === 'Succeeded' ? applied(held) : held)",
        to: 'held',
      },
    ],
  },
  {
    name: 'the sweep removes hooks of a sync that runs',
    found: 'swept-at-work:2',
    changes: [
      {
        file: 'activities/record/forsaken-hook.ts',
        from: 'temporal: holder.temporal }, signal)))',
        to: 'temporal: holder.temporal }, signal)) === undefined)',
      },
    ],
  },
  {
    name: 'the sweep removes what was released meanwhile',
    found: 'late-sweep:40',
    changes: [
      {
        file: 'activities/record/sweep.ts',
        from: 'const preconditions = { uid: uidOf(object), resourceVersion: resourceVersionOf(object) };',
        to: 'const preconditions = { uid: uidOf(object) };',
      },
    ],
  },
  {
    name: 'nothing is swept',
    found: 52,
    changes: [
      {
        file: 'activities/record/sweep.ts',
        from: 'return lists.flat().filter((object) => isGated(object) ||',
        to: 'return lists.flat().filter((object) => isGated(object) === null ||',
      },
    ],
  },
  {
    name: 'a sync that gives way begins its next phase',
    found: 22,
    changes: [
      {
        file: 'workflows/phases.ts',
        from: 'if (sync.givingWay.to() !== undefined) return false;',
        to: '',
      },
    ],
  },
  {
    name: 'a phase is not told that its sync gives way',
    found: 477,
    changes: [
      {
        file: 'workflows/supersession.ts',
        from: '.then(() => tell(request, phase))',
        to: '.then(() => (request === null ? tell(request, phase) : undefined))',
      },
    ],
  },
  {
    name: 'a phase that is run anew is not told that its sync gives way',
    found: 'gives-way-anew:20',
    changes: [
      {
        file: 'workflows/phases.ts',
        from: "const isTold = givingWay.to() !== undefined && patched('tell-phase-anew');",
        to: 'const isTold = givingWay.to() === null;',
      },
    ],
  },
  {
    name: 'a phase that is to end goes on',
    equivalent: 'what a phase that is to end would begin it does not ask for: that is looked at once more',
    changes: [
      { file: 'workflows/interpreter/phase.ts', from: 'if (effects.isEnding()) throw new EndedEarly();', to: '' },
      { file: 'workflows/interpreter/wave.ts', from: 'if (run.effects.isEnding()) throw new EndedEarly();', to: '' },
    ],
  },
  {
    name: 'a phase that was told to end while it claimed goes on',
    found: 40,
    changes: [
      { file: 'workflows/safe-points.ts', from: 'if (!hasBegun && isEnding()', to: 'if (hasBegun && isEnding()' },
    ],
  },
  {
    name: 'a hook is tried again in a phase that is to end',
    equivalent: 'what a phase that is to end would begin it does not ask for: that is looked at once more',
    changes: [
      {
        file: 'workflows/interpreter/wave.ts',
        from: '!mayBeRetried(answer.verdict) || effects.isEnding()) {',
        to: '!mayBeRetried(answer.verdict)) {',
      },
      {
        file: 'workflows/interpreter/wave.ts',
        from: `    if (effects.isEnding()) {
      tracker`,
        to: `    if (effects.isEnding === undefined) {
      tracker`,
      },
    ],
  },
  {
    name: 'a sync that is to give way is stopped at once',
    found: 22,
    changes: [
      {
        file: 'workflows/supersession.ts',
        from: 'if (isPlanning || asked.withinMs <= 0)',
        to: 'if (isPlanning || asked.withinMs >= 0)',
      },
    ],
  },
  {
    name: 'a sync gives way to a newer one beside hooks from before a reset',
    found: 756,
    changes: [
      {
        file: 'workflows/left-hooks.ts',
        from: "return (rootFollowsReset || followsReset()) && patched('await-left-hooks');",
        to: 'return rootFollowsReset && !rootFollowsReset;',
      },
    ],
  },
  {
    name: 'a phase does not know that its root follows a reset',
    equivalent: 'the root waits for what is left of its phases, too, before it gives way',
    changes: [{ file: 'workflows/phases.ts', from: '...(followsReset() ? { rootFollowsReset: true } : {})', to: '' }],
  },
  {
    name: 'a phase counts as begun in a sync that was stopped before it',
    found: 'left-running:16',
    changes: [
      {
        file: 'workflows/left-phases.ts',
        from: "|| (isOpen && patched('stop-phases-without-answer'))",
        to: '',
      },
    ],
  },
  {
    name: 'hooks from before a reset are not cleaned up by an abort',
    found: 'left-running:16',
    changes: [
      { file: 'workflows/left-phases.ts', from: "if (patched('settle-left-phases'))", to: 'if (request === null)' },
    ],
  },
  {
    name: 'a gate opens without an approval',
    found: 4,
    changes: [
      {
        file: 'workflows/interpreter/approval.ts',
        from: "if (decision?.verdict === 'approved') {",
        to: "if (decision?.verdict !== 'rejected') {",
      },
    ],
  },
  {
    name: 'a rejection opens a gate',
    found: 48,
    changes: [
      {
        file: 'workflows/interpreter/approval.ts',
        from: "if (decision?.verdict === 'approved') {",
        to: 'if (decision !== undefined) {',
      },
    ],
  },
  {
    name: 'an approval of another plan counts',
    found: 235,
    changes: [
      {
        file: 'core/sync/approval.ts',
        from: 'if (plan !== undefined && plan !== board.plan) {',
        to: "if (plan === '') {",
      },
    ],
  },
  {
    name: 'a gate is decided anew',
    found: 48,
    changes: [
      {
        file: 'core/sync/approval.ts',
        from: '  if (decision !== undefined) return refused(`gate',
        to: "  if (decision?.gate === '') return refused(`gate",
      },
    ],
  },
  {
    name: 'of early decisions on a gate the last one counts',
    found: 8_587,
    changes: [
      { file: 'workflows/approvals.ts', from: 'if (known !== undefined) desk', to: "if (known?.gate === '') desk" },
    ],
  },
  {
    name: 'a phase that asks again is not told what was decided',
    found: 71,
    changes: [
      {
        file: 'workflows/approvals.ts',
        from: 'if (decision !== undefined) return passOn(desk, reached, decision);',
        to: "if (decision?.gate === '') return passOn(desk, reached, decision);",
      },
      {
        file: 'workflows/phases.ts',
        from: 'const decisions = sync.approvals.decisionsFor(phase.phase);',
        to: "const decisions = sync.approvals.decisionsFor(phase.phase).filter(({ gate }) => gate === '');",
      },
    ],
  },
  {
    name: 'a second decision on a hold takes the place of the first',
    found: 149,
    changes: [
      {
        file: 'workflows/hold.ts',
        from: 'if (decided === undefined) return decisionOn',
        to: "if (decided?.intervention.by !== '') return decisionOn",
      },
    ],
  },
  {
    name: 'a decision is taken of a sync that does not hold',
    found: 91,
    changes: [
      {
        file: 'workflows/hold.ts',
        from: 'if (since === undefined) return `the sync',
        to: 'if (since === 0) return `the sync',
      },
    ],
  },
  {
    name: 'a retry runs again what has succeeded',
    found: 135,
    changes: [
      {
        file: 'core/sync/resumption.ts',
        from: 'if (!standing.every(isDone)) return then(standing, false);',
        to: 'if (!standing.every(isDone)) return then(standing.map(anew), true);',
      },
    ],
  },
  {
    name: 'a line changes while its first is being started',
    found: 664,
    changes: [
      {
        file: 'workflows/queue-syncs.ts',
        from: 'if (queue.postponed === undefined) queue.change(',
        to: 'if (queue.lock !== undefined) queue.change(',
      },
    ],
  },
  {
    name: 'a line is forgotten by the run that follows',
    found: 44,
    changes: [
      {
        file: 'workflows/queue-syncs.ts',
        from: 'continueAsNew<typeof queueSyncs>({ ...input, line })',
        to: 'continueAsNew<typeof queueSyncs>({ ...input })',
      },
    ],
  },
  {
    name: 'who asks twice waits twice',
    found: 3,
    changes: [{ file: 'core/queue/line.ts', from: 'if (isKnown) return line;', to: '' }],
  },
  {
    name: 'who came last in the line is served first',
    found: 44,
    changes: [
      {
        file: 'workflows/queue-syncs.ts',
        from: 'head: () => line.waiting[0],',
        to: 'head: () => line.waiting.at(-1),',
      },
    ],
  },
  {
    name: 'a sync fails beside hooks from before a reset',
    found: 'approved-before:179',
    changes: [
      {
        file: 'workflows/rounds.ts',
        from: "if (!mayFollowLeftHooks() || !patched('await-left-hooks-of-a-failure')) return 'Failed';",
        to: "if (sync.round > 0) return 'Failed';",
      },
    ],
  },
  {
    name: 'what a later attempt has made is taken out of the way',
    found: 3_821,
    changes: [
      {
        file: `${HOOKS}/obtain-object.ts`,
        from: "return entry === undefined ? undefined : { kind: 'begun', entry };",
        to: "return entry?.uid === '' ? { kind: 'begun', entry } : undefined;",
      },
    ],
  },
  {
    name: 'a claim sweeps what a newer sync has made',
    found: 6_019,
    changes: [
      {
        file: 'activities/record/sweep.ts',
        from: 'return record?.holder?.syncId === application.syncId ? removeAll',
        to: 'return record !== undefined ? removeAll',
      },
    ],
  },
  {
    name: 'a phase that was reset is not cancelled with its sync',
    found: 257,
    changes: [
      {
        file: 'workflows/named-cancellation.ts',
        from: "if (!isOver && patched('cancel-phase-by-name'))",
        to: 'if (!isOver && workflowId === undefined)',
      },
    ],
  },
  {
    name: 'a phase that fails while it gives way leaves what was tried again',
    found: 'gives-way-again:10',
    changes: [
      {
        file: 'workflows/run-phase.ts',
        from: "const isUntried = outcome === 'failed' && isEnding();",
        to: "const isUntried = outcome === 'succeeded' && isEnding();",
      },
    ],
  },
  {
    name: 'a hook that has ended counts as stopped by an abort',
    found: 39_503,
    changes: [
      {
        file: `${HOOKS}/stop-hooks.ts`,
        from: '(await endingOf(run, entry, live)) ?? aborted(run, entry, why)',
        to: 'run.record === undefined ? ((await endingOf(run, entry, live)) as Ending) : aborted(run, entry, why)',
      },
    ],
  },
  {
    name: 'what an earlier claim has made is taken over as it is',
    found: 'late-creation:132',
    changes: [
      {
        file: `${HOOKS}/obtain-object.ts`,
        from: 'const patch = isGateable ? takeOverPatch',
        to: 'const patch = !isGateable ? takeOverPatch',
      },
    ],
  },
  {
    name: 'the sweep does not write down what it removes',
    found: 'late-sweep:3211',
    changes: [
      {
        file: 'activities/record/forsaken-hook.ts',
        from: 'return isIntended ? sealed(',
        to: 'return isIntended === null ? sealed(',
      },
    ],
  },
  {
    name: 'the sweep does not let go of the record of what it removes',
    found: 'late-intent:16',
    changes: [
      {
        file: 'activities/record/forsaken-hook.ts',
        from: '(known?.epoch === epoch ? abandoned(known) : undefined)',
        to: '(known?.epoch === epoch ? known : undefined)',
      },
    ],
  },
  {
    name: 'the sweep writes down what is released meanwhile',
    found: 'late-intent:14',
    changes: [
      {
        file: 'activities/record/forsaken-hook.ts',
        from: 'const live = await seal(cluster, object, signal);',
        to: 'const live: KubernetesObject | undefined = object;',
      },
    ],
  },
  {
    name: 'a deadline counts from the intent alone',
    found: 'late-release:45',
    changes: [
      {
        file: `${HOOKS}/deadline.ts`,
        from: 'intentAt : Math.max(intentAt, startedAt)) + deadlineMs;',
        to: 'intentAt : intentAt) + deadlineMs;',
      },
    ],
  },
  {
    name: 'a hook that does not say yet that it began is late',
    found: 'late-release:769',
    changes: [
      {
        file: `${HOOKS}/deadline.ts`,
        from: 'return Math.max(intentAt + deadlineMs, earliest);',
        to: 'return Math.max(intentAt + deadlineMs, 0);',
      },
    ],
  },
  {
    name: 'a gate that was decided before the plan stays open',
    found: 'approved-before:41',
    changes: [
      {
        file: 'workflows/approvals.ts',
        from: "=== decision.gate && patched('close-gate-decided-early')) delete",
        to: "=== '') delete",
      },
    ],
  },
  {
    name: 'who is withdrawn while its sync is started is not aborted',
    found: 8_871,
    changes: [
      {
        file: 'workflows/queue-syncs.ts',
        from: "if (runId !== undefined && late !== undefined && patched('abort-when-withdrawn-late')) await abort",
        to: "if (runId === '' && late !== undefined) await abort",
      },
    ],
  },
];

/** The mutant of a name. Throws where there is none. */
export function mutantNamed(name: string): Mutant {
  const found = MUTANTS.find((mutant) => mutant.name === name);
  if (found === undefined) throw new Error(`no mutant is called ${name}`);
  return found;
}
