import type { HookAnswer, HookInput, StartAnswer } from '../../workflows/activities.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { ActivityRuntime } from '../runtime.ts';
import { prepareHookRun } from './prepare.ts';
import { runHookProtocol, startHookProtocol } from './protocol.ts';

/** Runs one hook by the hook protocol and waits for its verdict. */
export async function runHook(
  input: HookInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<HookAnswer> {
  return runHookProtocol(await prepareHookRun(input, runtime, deps));
}

/** Creates and releases one hook by the hook protocol, without waiting for its verdict. */
export async function startHook(
  input: HookInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<StartAnswer> {
  return startHookProtocol(await prepareHookRun(input, runtime, deps));
}
