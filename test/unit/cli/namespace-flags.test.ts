import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { NamespaceFlags } from '../../../cli/flags/namespace-flags.ts';
import { describeNamespaceMetadata, namespaceMetadataOf, withNamespace } from '../../../cli/flags/namespace-flags.ts';
import type { SyncFlags } from '../../../cli/flags/sync-flags.ts';
import { syncOptionsOf, withSyncOptions } from '../../../cli/flags/sync-flags.ts';

function flagsOf(...args: readonly string[]): SyncFlags {
  const command = withSyncOptions(
    withNamespace(new Command('sync').exitOverride().configureOutput({ writeErr: () => undefined })),
  );
  return command.parse(args, { from: 'user' }).opts<SyncFlags>();
}

describe('the flags of the destination namespace', () => {
  it('become its metadata, values with = included', () => {
    const args = ['--create-namespace', '--namespace-label', 'team=a', '--namespace-annotation', 'url=a=b'];
    const flags = flagsOf(...args, '--namespace-label', 'tier=x');
    expect(syncOptionsOf(flags).namespaceMetadata).toEqual({
      labels: { team: 'a', tier: 'x' },
      annotations: { url: 'a=b' },
    });
    expect(describeNamespaceMetadata(syncOptionsOf(flags))).toBe(' (label team=a, label tier=x, annotation url=a=b)');
  });

  it('are absent where nothing is asked for', () => {
    expect(syncOptionsOf(flagsOf())).not.toHaveProperty('namespaceMetadata');
    expect(describeNamespaceMetadata(syncOptionsOf(flagsOf()))).toBe('');
  });

  it('need a namespace that may be created, by flag or option', () => {
    const flags = flagsOf('--namespace-label', 'team=a');
    expect(() => namespaceMetadataOf(flags)).toThrow('need --create-namespace');
    const byOption = flagsOf('--namespace-label', 'team=a', '--sync-option', 'CreateNamespace=true');
    expect(namespaceMetadataOf(byOption).namespaceMetadata?.labels).toEqual({ team: 'a' });
  });

  it('refuse what is no pair', () => {
    const wrong = (): NamespaceFlags => flagsOf('--namespace-label', 'team');
    expect(wrong).toThrow('key=value');
  });
});

describe('the flags of taking over and making anew', () => {
  it('become options', () => {
    expect(syncOptionsOf(flagsOf('--adopt', '--force'))).toMatchObject({ adopt: true, syncOptions: { Force: 'true' } });
    expect(syncOptionsOf(flagsOf())).not.toHaveProperty('adopt');
    expect(syncOptionsOf(flagsOf())).not.toHaveProperty('syncOptions');
  });
});
