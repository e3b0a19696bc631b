import { proxyActivities } from '@temporalio/workflow';
import type { Consultation, ConsultationAnswer } from '../core/application/consultation.ts';
import type { ConsultationActivities } from './activities.ts';
import { CONSULTATION_OPTIONS } from './activity-options.ts';
import { attempt } from './fenced-activities.ts';

/** Asks a worker what a client wants to know, or keep, in a cluster that only workers reach. */
export async function consultCluster(asked: Consultation): Promise<ConsultationAnswer> {
  const { consult } = proxyActivities<ConsultationActivities>({ ...CONSULTATION_OPTIONS, summary: asked.kind });
  return attempt(() => consult(asked));
}
