import { describe, expect, it } from 'vitest';
import { parseManifests } from '../../../core/manifests/parse.ts';
import type { ParsedManifests } from '../../../core/manifests/parse.ts';
import { outlineOf, planOf, stepsOf } from './plans.ts';

/**
 * The shapes of the guide to resource hooks that users come from: one test an example, shortened to what makes it
 * special (comments between annotations, scripts in block scalars, Jobs without a spec, templates).
 */
const parse = (...texts: readonly string[]): ParsedManifests =>
  parseManifests(texts.map((text, index) => ({ file: `example-${index}.yaml`, text })));

const MIGRATION = `# pre-sync-migration.yaml
apiVersion: batch/v1
kind: Job
metadata:
  name: db-migrate
  annotations:
    # Run before main sync
    argocd.argoproj.io/hook: PreSync
spec:
  template:
    spec:
      containers:
        - name: migrate
          image: shop:latest
          command: ["./migrate.sh"]
          env:
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef: {name: db, key: url}
      restartPolicy: Never
  backoffLimit: 3
`;

const TEMPLATED = `apiVersion: batch/v1
kind: Job
metadata:
  name: db-migrate-{{ .Values.image.tag | replace "." "-" }}
  annotations:
    argocd.argoproj.io/hook: PreSync
    argocd.argoproj.io/hook-delete-policy: BeforeHookCreation
    # Run before other PreSync hooks
    argocd.argoproj.io/sync-wave: "-1"
spec:
  ttlSecondsAfterFinished: 3600
`;

const NOTIFICATION = `apiVersion: batch/v1
kind: Job
metadata:
  name: notify
  annotations:
    argocd.argoproj.io/hook: PostSync
    argocd.argoproj.io/hook-delete-policy: HookSucceeded
spec:
  template:
    spec:
      containers:
        - name: notify
          command:
            - /bin/sh
            - -c
            - |
              HTTP_CODE=$(curl -w "%{http_code}" http://shop:8080/health)
              if [ "$HTTP_CODE" != "200" ]; then exit 1; fi
              curl -d '{
                "text": "done",
                "fields": [{"short": true}]
              }'
`;

const WEIGHTS = `# Runs first (lower weight)
apiVersion: batch/v1
kind: Job
metadata:
  name: backup-database
  annotations: {argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/sync-wave: "-5"}

---
# Runs second
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate-database
  annotations: {argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/sync-wave: "0"}

---
# Runs third (higher weight)
apiVersion: batch/v1
kind: Job
metadata:
  name: seed-database
  annotations: {argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/sync-wave: "5"}
`;

const POD = `apiVersion: v1
kind: Pod
metadata:
  name: quick-task
  annotations:
    argocd.argoproj.io/hook: PostSync
    argocd.argoproj.io/hook-delete-policy: HookSucceeded
spec: {restartPolicy: Never}
`;

const CONFIG = `apiVersion: v1
kind: ConfigMap
metadata:
  name: generated-config
  annotations:
    argocd.argoproj.io/hook: PreSync
data:
  config.json: |
    {"version": "{{ .Values.version }}", "timestamp": "{{ now | date "2006-01-02" }}"}
`;

describe('the examples of the guide', () => {
  it('are planned in one application as the guide says', () => {
    const { manifests, failures } = parse(MIGRATION, NOTIFICATION, WEIGHTS, POD, CONFIG);
    expect(failures).toEqual([]);
    const planned = planOf(manifests);
    expect(planned.failures).toEqual([]);
    expect(planned.plan.warnings).toEqual([]);
    expect(outlineOf(planned.plan)).toEqual([
      'PreSync -5: hook Job/backup-database',
      'PreSync 0: hook ConfigMap/generated-config, hook Job/db-migrate, hook Job/migrate-database',
      'PreSync 5: hook Job/seed-database',
      'PostSync 0: hook Pod/quick-task, hook Job/notify',
    ]);
  });

  it('know their lines, which begin after the comments', () => {
    const { manifests } = parse(MIGRATION, WEIGHTS);
    expect(manifests.map(({ location }) => `${location.file}:${location.line}`)).toEqual([
      'example-0.yaml:2',
      'example-1.yaml:2',
      'example-1.yaml:10',
      'example-1.yaml:18',
    ]);
  });

  it('keep scripts and JSON in block scalars as they are', () => {
    const { manifests } = parse(NOTIFICATION);
    expect(JSON.stringify(manifests)).toContain(
      'curl -d \'{\\n  \\"text\\": \\"done\\",\\n  \\"fields\\": [{\\"short\\": true}]\\n}\'\\n',
    );
  });

  it('that are templates are refused with the advice to render them', () => {
    const { failures } = parse(TEMPLATED);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({
      location: 'example-0.yaml:1',
      remedy: expect.stringContaining('template') as string,
    });
  });

  it('that are templates work once they are rendered', () => {
    const { manifests, failures } = parse(TEMPLATED.replace(/\{\{.*?\}\}/, '1-2-3'));
    expect(failures).toEqual([]);
    expect(stepsOf(planOf(manifests).plan)).toMatchObject([
      { phase: 'PreSync', wave: -1, name: 'db-migrate-1-2-3', deletePolicies: ['BeforeHookCreation'] },
    ]);
  });

  it('with activeDeadlineSeconds get a minute more than that', () => {
    const { manifests } = parse(MIGRATION.replace('backoffLimit: 3', 'backoffLimit: 3\n  activeDeadlineSeconds: 600'));
    expect(stepsOf(planOf(manifests).plan)).toMatchObject([{ deadlineMs: 660_000 }]);
  });
});
