import { log, setHandler, workflowInfo } from '@temporalio/workflow';
import { signalAsSent, updateAsSent } from './as-sent.ts';
import {
  abortSignal,
  abortUpdate,
  approveSignal,
  approveUpdate,
  rejectSignal,
  rejectUpdate,
  retrySignal,
  retryUpdate,
  skipSignal,
  skipUpdate,
} from './messages.ts';
import { refusal } from './refusal.ts';

const UPDATES = [abortUpdate, approveUpdate, rejectUpdate, retryUpdate, skipUpdate];
const SIGNALS = [abortSignal, approveSignal, rejectSignal, retrySignal, skipSignal];

/**
 * Answers, in a phase's workflow, what is meant for its sync: an update is refused, and of a signal, which can't be answered, `note` is told.
 * Whoever sees a phase wait in Temporal's UI is on the phase's page.
 */
export function refuseWhatIsForTheSync(note: (sentence: string) => void): void {
  const sync = workflowInfo().parent?.workflowId ?? workflowInfo().workflowId.replace(/\/[^/]*$/, '');
  const whyOf = (verb: string) => `${verb} is for the sync, not for one of its phases: send it to the workflow ${sync}`;
  for (const update of UPDATES) {
    const refuse = (_sent: unknown): never => {
      throw refusal(whyOf(update.name));
    };
    setHandler(updateAsSent(update), refuse, { validator: refuse, description: `Goes to the workflow ${sync}.` });
  }
  for (const signal of SIGNALS) {
    const heed = () => {
      log.warn('a signal to a phase is for its sync', { signal: signal.name, sync });
      note(`A signal was not taken: ${whyOf(signal.name)}.`);
    };
    setHandler(signalAsSent(signal), heed, { description: `Goes to the workflow ${sync}.` });
  }
}
