import { describe, expect, it } from 'vitest';
import type { ApplicationSyncOptions } from '../../../../core/annotations/sync-options.ts';
import type { WriteMode } from '../../../../core/apply/write-mode.ts';
import { PLAIN_APPLY, isPlain, writeModeOf } from '../../../../core/apply/write-mode.ts';

const job = { apiVersion: 'batch/v1', kind: 'Job' };
const namespace = { apiVersion: 'v1', kind: 'Namespace' };
const definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
const apply: WriteMode = { kind: 'apply', onRefusal: 'fail', validation: 'Strict' };

describe('the way an object is written', () => {
  it.each<[string, typeof job, ApplicationSyncOptions, WriteMode]>([
    ['no option', job, {}, apply],
    ['Replace=true [argo 3.Replace]', job, { Replace: 'true' }, { kind: 'replace', validation: 'Strict' }],
    ['Replace=false', job, { Replace: 'false' }, apply],
    [
      'Replace=true before ServerSideApply=true [argo 3.ServerSideApply]',
      job,
      { Replace: 'true', ServerSideApply: 'true' },
      { kind: 'replace', validation: 'Strict' },
    ],
    ['Force=true [argo 3.Force]', job, { Force: 'true' }, { ...apply, onRefusal: 'recreate' }],
    ['both', job, { Replace: 'true', Force: 'true' }, { kind: 'recreate', validation: 'Strict' }],
    ['Validate=false [argo 3.Validate]', job, { Validate: 'false' }, { ...apply, validation: 'Ignore' }],
    [
      'all three',
      job,
      { Replace: 'true', Force: 'true', Validate: 'false' },
      { kind: 'recreate', validation: 'Ignore' },
    ],
    ['both, of a Namespace', namespace, { Replace: 'true', Force: 'true' }, { kind: 'replace', validation: 'Strict' }],
    [
      'both, of a definition',
      definition,
      { Replace: 'true', Force: 'true' },
      { kind: 'replace', validation: 'Strict' },
    ],
    ['Force=true of a Namespace', namespace, { Force: 'true' }, apply],
  ])('follows from %s', (_, ref, options, mode) => {
    expect(writeModeOf(ref, options)).toEqual(mode);
  });

  it('is plain without options, and not where an object is adopted', () => {
    expect(isPlain(writeModeOf(job, {}))).toBe(true);
    expect(isPlain(writeModeOf(job, { Validate: 'false' }))).toBe(false);
    expect(isPlain({ ...PLAIN_APPLY, kind: 'apply', adoption: { handOver: true, from: [] } } as WriteMode)).toBe(false);
  });
});
