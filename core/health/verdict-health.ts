import type { Health, HealthStatus } from './health.ts';
import type { Verdict, VerdictKind } from './verdict.ts';

const STATUS_OF: Readonly<Record<VerdictKind, HealthStatus>> = {
  running: 'Progressing',
  succeeded: 'Healthy',
  failed: 'Degraded',
  suspended: 'Suspended',
  unknown: 'Unknown',
};

/** The health that a verdict amounts to, with the verdict's message. */
export function healthOfVerdict(verdict: Verdict): Health {
  return { status: STATUS_OF[verdict.kind], message: verdict.message };
}
