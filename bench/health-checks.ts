import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHealthChecks } from '../checks/health-checks.ts';
import type { KubernetesObject } from '../core/objects.ts';

/** A check as people write them: looks through the conditions, and tells of the one that decides. */
const SCRIPT = `
local hs = { status = "Progressing", message = "waiting for a status" }
if obj.status ~= nil and obj.status.conditions ~= nil then
  for i, condition in ipairs(obj.status.conditions) do
    if condition.type == "Ready" then
      hs.message = condition.reason .. ": " .. condition.message
      if condition.status == "True" then hs.status = "Healthy" end
      if condition.status == "False" then hs.status = "Degraded" end
    end
  end
end
return hs`;

/** Judges so many custom resources by a Lua check, each for the first time, and answers how long that took, ms. */
export async function luaChecks(count: number, signal: AbortSignal): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'syncline-bench-'));
  try {
    await mkdir(join(folder, 'bench.example.com/Database'), { recursive: true });
    await writeFile(join(folder, 'bench.example.com/Database/health.lua'), SCRIPT);
    const checks = await openHealthChecks([{ kind: 'path', path: folder }], refuse, signal);
    const health = await checks.of(undefined, signal);
    const databases = Array.from({ length: count }, (_, index) => aDatabase(index));
    const start = performance.now();
    const answers = await Promise.all(databases.map((database) => health.healthOf(database, signal)));
    const ms = performance.now() - start;
    await checks.close();
    if (answers.some((answer) => answer?.status !== 'Healthy')) throw new Error('a check did not do what is measured');
    return ms;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function refuse(warning: string): never {
  throw new Error(warning);
}

function aDatabase(index: number): KubernetesObject {
  const types = ['Synced', 'Provisioned', 'Reachable', 'BackedUp', 'Ready'];
  return {
    apiVersion: 'bench.example.com/v1',
    kind: 'Database',
    metadata: { name: `database-${String(index)}`, namespace: 'bench', uid: String(index), labels: { app: 'bench' } },
    spec: { size: index, storage: { class: 'fast', gigabytes: 20 }, users: ['reader', 'writer'] },
    status: {
      conditions: types.map((type) => ({
        type,
        status: 'True',
        reason: 'Done',
        message: `it is ${type}`,
        lastTransitionTime: '2026-01-01T00:00:00Z',
      })),
    },
  };
}
