import type { Command } from 'commander';
import { Option } from 'commander';
import type { Reading } from '../../client/starting/read-plan.ts';
import type { ApplicationSource, SourceType } from '../../core/application/application.ts';
import { SOURCE_TYPES } from '../../core/application/application.ts';
import type { Console } from '../console.ts';
import { programProgress } from '../program-progress.ts';
import { durationFlag } from '../settings.ts';

/** What a command is told of its source besides where it is. */
export interface SourceFlags {
  readonly sourceType?: SourceType;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly values: readonly string[];
  readonly set: readonly string[];
  readonly setString: readonly string[];
  readonly setFile: readonly string[];
  readonly releaseName?: string;
  readonly kubeVersion?: string;
  readonly apiVersions: readonly string[];
  readonly repo?: string;
  readonly chartVersion?: string;
  readonly ref?: string;
  readonly path?: string;
  readonly allowRemote: boolean;
  readonly renderTimeout?: number;
}

/** What a source argument may be, for a command's help. */
export const SOURCE_ARGUMENT =
  'a folder or file of manifests, a Helm chart, a Kustomize overlay, [git+]URL[//PATH][?ref=REF], or - for standard input';

/** What the argument of a command may be that takes kept applications too. */
export const SOURCE_OR_NAME = `${SOURCE_ARGUMENT}; without --app the name of an application that is kept`;

/** Adds the flags that say how a source is read. */
export function withSource(command: Command): Command {
  const type = new Option('--source-type <type>', 'what the folder is (else told by its files)').choices(SOURCE_TYPES);
  return command
    .addOption(type)
    .option('--include <glob>', 'read only such files of a folder; repeatable', collected, [])
    .option('--exclude <glob>', 'leave such files of a folder out; repeatable', collected, [])
    .option('-f, --values <file>', "a chart's values file; repeatable", collected, [])
    .option('--set <key=value>', "one of a chart's values; repeatable", collected, [])
    .option('--set-string <key=value>', 'the same, always as text; repeatable', collected, [])
    .option('--set-file <key=path>', 'the same, from a file; repeatable', collected, [])
    .option('--release-name <name>', "a chart's release name (else the application)")
    .option('--kube-version <version>', 'the version of Kubernetes that a chart is rendered for')
    .option('--api-versions <version>', 'a group version, or kind, that is served besides; repeatable', collected, [])
    .option('--repo <url>', 'the repository of a chart that is named by its name')
    .option('--chart-version <version>', 'the version of a chart in a repository or registry')
    .option('--ref <ref>', 'the branch, tag or commit of a git repository (else its HEAD)')
    .option('--path <path>', 'the folder or file in a git repository')
    .option('--allow-remote', 'let a Kustomize overlay load what is not on this machine', false)
    .option('--render-timeout <duration>', 'how long fetching and rendering may take (60s)', durationFlag);
}

/** A source as the flags describe it: only what they say. */
export function describedSource(location: string, flags: SourceFlags): ApplicationSource {
  const { values, set, setString, setFile, apiVersions, include, exclude } = flags;
  const directory = told({ include, exclude });
  const helm = told({
    ...{ values, set, setString, setFile, apiVersions, releaseName: flags.releaseName },
    ...{ kubeVersion: flags.kubeVersion, repository: flags.repo, version: flags.chartVersion },
  });
  const git = told({ ref: flags.ref, path: flags.path });
  const kustomize = told({ allowRemote: flags.allowRemote ? true : undefined });
  return {
    location,
    ...told({ type: flags.sourceType, directory, helm, git, kustomize, timeoutMs: flags.renderTimeout }),
  };
}

/** What is said of these; undefined where that is nothing. */
function told<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } | undefined {
  const entries = Object.entries(fields).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as ReturnType<typeof told<Fields>>);
}

/** What a command reads sources with. */
export function readingWith(console: Console): Reading {
  const { stdin, env, interrupted: signal } = console;
  return { stdin, env, signal, onProgress: programProgress(console) };
}

/** The source and its flags as they would be typed again, e.g. ` ./chart -f prod.yaml`. */
export function sourceWords(location: string, flags: SourceFlags): string {
  const one = (flag: string, value: string | undefined): readonly string[] =>
    value === undefined ? [] : [flag, quoted(value)];
  const many = (flag: string, values: readonly string[]): readonly string[] =>
    values.flatMap((value) => [flag, quoted(value)]);
  return [
    quoted(location),
    ...one('--source-type', flags.sourceType),
    ...many('--include', flags.include),
    ...many('--exclude', flags.exclude),
    ...many('-f', flags.values),
    ...many('--set', flags.set),
    ...many('--set-string', flags.setString),
    ...many('--set-file', flags.setFile),
    ...one('--release-name', flags.releaseName),
    ...one('--kube-version', flags.kubeVersion),
    ...many('--api-versions', flags.apiVersions),
    ...one('--repo', flags.repo),
    ...one('--chart-version', flags.chartVersion),
    ...one('--ref', flags.ref),
    ...one('--path', flags.path),
    ...(flags.allowRemote ? ['--allow-remote'] : []),
  ].join(' ');
}

/** A word as a shell takes it for one. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function collected(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
