export { syncApplication } from './sync-application.ts';
export { runPhase } from './run-phase.ts';
