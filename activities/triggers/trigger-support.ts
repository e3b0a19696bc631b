import type { SyncRequest } from '../../core/sync/request.ts';
import type { Standing } from '../../core/triggers/unchanged.ts';
import type { Rendering } from './render-application.ts';

/** What triggers need of their worker. */
export interface TriggerSupport {
  readonly rendering: Rendering;
  /** Asks Temporal how an application's syncs stand. */
  standing(names: Pick<SyncRequest, 'cluster' | 'application'>, signal: AbortSignal): Promise<Standing>;
}
