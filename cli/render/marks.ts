import type { StepState } from '../../core/sync/status.ts';
import type { Style } from './style.ts';

/** The sign of a state, one column wide; each state has its own, so that colour is never needed to tell them apart. */
export function markOf(state: StepState, style: Style): string {
  switch (state) {
    case 'succeeded':
      return style.green('✓');
    case 'failed':
      return style.red('✗');
    case 'running':
      return style.cyan('●');
    case 'waiting':
      return style.yellow('◆');
    case 'aborted':
      return style.yellow('⊘');
    case 'skipped':
      return style.dim('–');
    case 'pending':
      return style.dim('○');
  }
}
