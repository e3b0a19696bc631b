import { expect, it } from 'vitest';
import { patientReader } from '../../activities/event-reader.ts';
import type { KubernetesObject } from '../../core/objects.ts';

function anObject(uid: string): KubernetesObject {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate', namespace: 'shop', uid } };
}

it('a patient reader lists the events of an object at once, and then after pauses that double up to a minute', async () => {
  const reads: number[] = [];
  let now = 0;
  const read = patientReader(
    () => {
      reads.push(now / 1000);
      const at = new Date(now).toISOString();
      return Promise.resolve([{ at, type: 'Normal', reason: 'Pulling', message: '', count: 1, object: 'Pod/x' }]);
    },
    () => now,
  );
  for (; now <= 200_000; now += 500) await read(anObject('one'));
  expect(reads).toEqual([0, 3, 9, 21, 45, 93, 153]);
  expect(await read(anObject('one'))).toMatchObject([{ at: new Date(153_000).toISOString() }]);
  await read(anObject('another'));
  expect(reads.at(-1)).toBe(200.5);
});
