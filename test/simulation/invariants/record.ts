import type { Verdict } from '../../../core/record/record.ts';
import type { World } from '../schedules/world.ts';

/** What the ledger says is never unsaid while its sync has the record. */
export function verdictsStay(world: World): readonly string[] {
  const known = new Map<string, Verdict>();
  const broken: string[] = [];
  let epoch = 0;
  let sync = '';
  for (const record of world.audit.records) {
    if (record.epoch < epoch) broken.push(`the epoch fell from ${String(epoch)} to ${String(record.epoch)}`);
    epoch = record.epoch;
    if (record.syncId !== sync) known.clear();
    sync = record.syncId;
    const written = new Map<string, Verdict>(
      Object.entries(record.ledger).flatMap(([hook, entries]) =>
        entries.flatMap(({ attempt, verdict }) =>
          verdict === undefined ? [] : [[`${hook} #${String(attempt)}`, verdict] as const],
        ),
      ),
    );
    for (const [key, verdict] of known) {
      if (JSON.stringify(written.get(key)) !== JSON.stringify(verdict))
        broken.push(
          `the verdict of ${key} of ${sync} was ${verdict.outcome} and is ${written.get(key)?.outcome ?? 'gone'}`,
        );
    }
    for (const [key, verdict] of written) known.set(key, verdict);
  }
  return broken;
}

/** What a Temporal holds no other one takes, unless it was told to. */
export function takenByRight({ audit, schedule }: World): readonly string[] {
  return audit.records.flatMap((record, index) => {
    const before = audit.records[index - 1]?.holder;
    const taker = schedule.syncs.find(({ syncId }) => syncId === record.holder?.syncId);
    if (
      before === undefined ||
      before === null ||
      before.temporal === record.holder?.temporal ||
      taker?.takeOver !== false
    )
      return [];
    return [`${taker.syncId} took the record that ${before.syncId} of another Temporal held`];
  });
}

/** A run of a root whose phases have held the record does not hold it again once another sync has. */
export function staysOvertaken({ audit: { records } }: World): readonly string[] {
  const over = new Set<string>();
  let atWork: string | undefined;
  return records.flatMap(({ holder }) => {
    if (holder === null) return [];
    const { rootRun, run } = holder;
    const isBack = over.has(rootRun);
    if (atWork !== undefined && atWork !== rootRun) over.add(atWork);
    // A claim that was never answered may be made again.
    atWork = run === rootRun && atWork !== rootRun ? undefined : rootRun;
    return isBack ? [`${run} of ${rootRun} took the record back from the sync that had overtaken it`] : [];
  });
}
