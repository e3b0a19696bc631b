import type { ContainerEvidence, HookEvidence } from './evidence.ts';

/** So many lines fit into a message that people read. */
const MOST_LINES = 5;

/** The last lines of the log of the container that has failed, without empty ones: where nearly every program says why it ends. */
export function telltaleLines({ containers }: Pick<HookEvidence, 'containers'>): readonly string[] {
  const failed = containers.findLast(hasFailed) ?? containers.findLast(({ log }) => log.lines.length > 0);
  return (failed?.log.lines ?? []).filter((line) => line.trim() !== '').slice(-MOST_LINES);
}

function hasFailed({ exitCode, log }: ContainerEvidence): boolean {
  return exitCode !== undefined && exitCode !== 0 && log.lines.length > 0;
}
