import type { Line } from '../core/queue/line.ts';
import { titleOf } from '../core/objects.ts';
import type { ClosedWindow, PhaseStatus, StepState, SyncStatus, WaveStatus } from '../core/sync/status.ts';

const MARKS: Readonly<Record<StepState, string>> = {
  pending: '○',
  waiting: '◆',
  running: '●',
  succeeded: '✓',
  failed: '✗',
  aborted: '⊘',
  skipped: '–',
};

/** A phase as the table that Temporal's UI shows as current details, below a `note`: Markdown, the same text for the same status. */
export function phaseTable(status: PhaseStatus, note?: string): string {
  const gates = status.waves.filter(({ state }) => state === 'waiting');
  return [
    ...(note === undefined ? [] : [note, '']),
    '| | wave | steps | state |',
    '|---|---|---|---|',
    ...status.waves.map(waveRow),
    ...gates.flatMap((wave) => ['', waitingLine(wave)]),
  ].join('\n');
}

/** What a wave waits for, and who can help. */
function waitingLine({ wave, approval }: WaveStatus): string {
  const reasons = approval?.reasons.join('; ') ?? '';
  return `**wave ${String(wave)} waits for an approval** (${reasons}): send the signal \`approve\` or \`reject\` to the sync, \`{"by": "you", "reason": "…", "gate": "${approval?.gate ?? ''}"}\``;
}

const HOLD_LINE =
  '**It holds after a failure**: send the signal `retry` (`{"by": "you"}`), `skip` (`{"by": "you", "step": "…", "reason": "…"}`) or `abort`.';

function windowLine({ why }: ClosedWindow): string {
  return `**It waits for its window**: ${why}. To end it, send the signal \`abort\`.`;
}

/** A whole sync as current details. */
export function syncTable(status: SyncStatus): string {
  const rows = status.phases.flatMap((phase) =>
    phase.waves.map(
      (wave) => `| ${MARKS[wave.state]} | ${phase.phase} | ${String(wave.wave)} | ${stepsOf(wave)} | ${wave.state} |`,
    ),
  );
  const gates = status.phases.flatMap(({ waves }) => waves).filter(({ state }) => state === 'waiting');
  const interventions = (status.interventions ?? []).map(({ what, by }) => `- ${what} by ${by}`);
  const failures = status.failures.slice(0, 5).map((failure) => `- ${failure.message}`);
  return [
    `**${status.application}** ${status.revision} · ${status.state}`,
    // What asks for a person comes before the table, which may be long: Temporal's UI shows the first lines alone.
    ...gates.flatMap((wave) => ['', waitingLine(wave)]),
    ...(status.window === undefined ? [] : ['', windowLine(status.window)]),
    ...(status.supersededBy === undefined
      ? []
      : ['', `**It gives way** to revision ${status.supersededBy.revision} of ${status.supersededBy.by}.`]),
    ...(status.hold === undefined ? [] : ['', HOLD_LINE]),
    ...(failures.length === 0 ? [] : ['', ...failures]),
    '',
    '| | phase | wave | steps | state |',
    '|---|---|---|---|---|',
    ...rows,
    ...(interventions.length === 0 ? [] : ['', ...interventions]),
  ].join('\n');
}

/** The line of an application's requests as current details. */
export function lineTable({ waiting }: Line): string {
  const rows = waiting.map(({ request, ifRunning }, before) => {
    const { syncId, revision, requestedBy } = request;
    return `| ${String(before + 1)} | ${syncId} | ${revision} | ${requestedBy} | ${ifRunning} |`;
  });
  return ['| | sync | revision | by | |', '|---|---|---|---|---|', ...rows].join('\n');
}

function waveRow(wave: WaveStatus): string {
  return `| ${MARKS[wave.state]} | ${String(wave.wave)} | ${stepsOf(wave)} | ${wave.state} |`;
}

function stepsOf(wave: WaveStatus): string {
  return wave.steps
    .map((step) => {
      if (step.kind === 'hook') return `${titleOf(step.ref)} ${MARKS[step.state]}`;
      return step.count <= step.titles.length ? step.titles.join(', ') : `${step.kind} ${String(step.count)} objects`;
    })
    .join(', ');
}
