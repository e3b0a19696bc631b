import { afterAll, beforeAll, expect, it } from 'vitest';
import type { IgnoreRule } from '../../../core/ignored/rules.ts';
import type { ActivityLab, LabApplication } from '../../support/activity-lab.ts';
import { openActivityLab } from '../../support/activity-lab.ts';

const signal = new AbortController().signal;
let lab: ActivityLab;

beforeAll(async () => {
  lab = await openActivityLab();
});
afterAll(() => lab.close());

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 0
  paused: false
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: log, image: "log:1" }
        - { name: web, image: "web:1" }
`;

const rule: IgnoreRule = { group: 'apps', kind: 'Deployment' };

/** The fields that a forced sync of the manifest would change, with some rules. */
async function changedFields(app: LabApplication, ...rules: readonly IgnoreRule[]): Promise<readonly string[]> {
  const changed = await app.changedFields(deployment, { options: { forceConflicts: true, ignoreDifferences: rules } });
  // Between the read and the dry run the Deployment's controller may write its revision into an annotation.
  return (changed['Deployment/web'] ?? []).filter((path) => path.startsWith('spec.'));
}

it('leaves what others have changed out of a diff, by pointers, jq paths and managers', async () => {
  const app = await lab.application('ignored-fields');
  await app.sync(deployment);
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: app.namespace, name: 'web' };
  await lab.edit(ref, 'autoscaler', (live) => ({ ...live, spec: { ...(live['spec'] as object), replicas: 3 } }));
  const image = [{ op: 'replace', path: '/spec/template/spec/containers/1/image', value: 'web:2' }] as const;
  await lab.admin.patch(ref, image, signal);

  const web = 'spec.template.spec.containers[name=web].image';
  expect(await changedFields(app)).toEqual(['spec.replicas', web]);
  expect(await changedFields(app, { ...rule, jsonPointers: ['/spec/replicas'] })).toEqual([web]);
  expect(await changedFields(app, { ...rule, managedFieldsManagers: ['autoscaler'] })).toEqual([web]);
  const path = '.spec.template.spec.containers[] | select(.name == "web") | .image';
  expect(await changedFields(app, { ...rule, jqPathExpressions: [path] })).toEqual(['spec.replicas']);
  expect(await changedFields(app, { ...rule, name: 'other', jsonPointers: ['/spec'] })).toEqual(['spec.replicas', web]);
});

it('refuses a jq expression that can not be read before anything is changed', async () => {
  const app = await lab.application('ignored-wrongly');
  const mark = await lab.mark();
  const ignoreDifferences = [{ ...rule, jqPathExpressions: ['.spec', '.spec['] }];
  const failures = await app.refused(deployment, { options: { ignoreDifferences } });
  expect(failures).toMatchObject([
    {
      type: 'InvalidRequest',
      message: expect.stringMatching(
        /^ignoreDifferences\[0\] \(apps\/Deployment\): the jq path expression "\.spec\[" /,
      ) as string,
    },
  ]);
  expect(await lab.writesSince(mark)).toEqual([]);
});
