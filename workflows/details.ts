import { titleOf } from '../core/objects.ts';
import type { PhaseStatus, StepState, SyncStatus, WaveStatus } from '../core/sync/status.ts';

const MARKS: Readonly<Record<StepState, string>> = {
  pending: '○',
  running: '●',
  succeeded: '✓',
  failed: '✗',
  aborted: '⊘',
  skipped: '–',
};

/** A phase as the table that Temporal's UI shows as current details: Markdown, the same text for the same status. */
export function phaseTable(status: PhaseStatus): string {
  return ['| | wave | steps | state |', '|---|---|---|---|', ...status.waves.map(waveRow)].join('\n');
}

/** A whole sync as current details. */
export function syncTable(status: SyncStatus): string {
  const rows = status.phases.flatMap((phase) =>
    phase.waves.map(
      (wave) => `| ${MARKS[wave.state]} | ${phase.phase} | ${String(wave.wave)} | ${stepsOf(wave)} | ${wave.state} |`,
    ),
  );
  const failures = status.failures.slice(0, 5).map((failure) => `- ${failure.message}`);
  return [
    `**${status.application}** ${status.revision} · ${status.state}`,
    '',
    '| | phase | wave | steps | state |',
    '|---|---|---|---|---|',
    ...rows,
    ...(failures.length === 0 ? [] : ['', ...failures]),
  ].join('\n');
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
