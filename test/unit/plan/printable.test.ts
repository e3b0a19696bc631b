import { expect, it } from 'vitest';
import { printablePlan } from '../../../core/plan/printable.ts';
import { aHook, aManifest } from '../annotations/builders.ts';
import { planOf } from './plans.ts';

it('printablePlan is the documented JSON, without what only execution needs', () => {
  const { plan } = planOf(
    [
      aHook('PreSync', { name: 'migrate', annotations: { 'argocd.argoproj.io/sync-wave': '-1' } }),
      aHook('PostSync', { generateName: 'smoke-' }),
      aManifest({ apiVersion: 'v1', kind: 'Namespace', name: 'extra' }),
      aHook('Skip', { apiVersion: 'v1', kind: 'ConfigMap', name: 'notes', namespace: 'docs' }),
    ],
    {
      prunes: [
        {
          ref: { apiVersion: 'v1', kind: 'Secret', namespace: 'shop', name: 'old' },
          uid: 'u',
          wave: 0,
          pruneLast: false,
        },
      ],
    },
  );
  expect(JSON.parse(JSON.stringify(printablePlan(plan)))).toStrictEqual({
    version: 1,
    phases: [
      {
        phase: 'PreSync',
        waves: [
          {
            wave: -1,
            steps: [
              {
                action: 'hook',
                apiVersion: 'batch/v1',
                kind: 'Job',
                namespace: 'shop',
                name: 'migrate',
                deletePolicies: ['BeforeHookCreation'],
              },
            ],
          },
        ],
      },
      {
        phase: 'Sync',
        waves: [
          {
            wave: 0,
            steps: [
              { action: 'prune', apiVersion: 'v1', kind: 'Secret', namespace: 'shop', name: 'old' },
              { action: 'apply', apiVersion: 'v1', kind: 'Namespace', namespace: null, name: 'extra' },
            ],
          },
        ],
      },
      {
        phase: 'PostSync',
        waves: [
          {
            wave: 0,
            steps: [
              {
                action: 'hook',
                apiVersion: 'batch/v1',
                kind: 'Job',
                namespace: 'shop',
                name: null,
                generateName: 'smoke-',
                deletePolicies: ['BeforeHookCreation'],
              },
            ],
          },
        ],
      },
    ],
    skipped: [{ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'docs', name: 'notes', reason: 'hook: Skip' }],
  });
});
