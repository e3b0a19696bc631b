import { join } from 'node:path';
import { Unreachable } from './download.ts';
import type { LadderContext } from './ladder-context.ts';
import { alsoTried, install, reportReady, type GroupOutcome, type MissingBinary } from './missing-binary.ts';

/** Downloads what can be downloaded of a group. */
export async function downloadAll(
  group: readonly MissingBinary[],
  context: LadderContext,
  workDir: string,
): Promise<GroupOutcome> {
  const paths = new Map<string, string>();
  const failed: MissingBinary[] = [];
  let obstacle = context.env['SYNCLINE_OFFLINE'] === '1' ? 'downloads are off (SYNCLINE_OFFLINE=1)' : undefined;
  for (const binary of group) {
    const reason = obstacle ?? (await downloadOne(binary, context, workDir, paths));
    if (reason === undefined) continue;
    const message = reason instanceof Error ? reason.message : reason;
    // What cannot be reached for one program cannot for the next.
    if (reason instanceof Unreachable) obstacle = message;
    if (context.env['SYNCLINE_OFFLINE'] !== '1') {
      context.report({ kind: 'download-failed', name: binary.name, reason: message });
    }
    failed.push(alsoTried(binary, message));
  }
  return { paths, failed };
}

async function downloadOne(
  { name, entry }: MissingBinary,
  context: LadderContext,
  workDir: string,
  paths: Map<string, string>,
): Promise<Error | undefined> {
  const since = performance.now();
  const download = entry.download(context.platform);
  const file = join(workDir, name);
  try {
    await context.downloader.fetch(
      download,
      file,
      (progress) =>
        context.report({
          kind: 'downloading',
          name,
          version: entry.version,
          url: download.url,
          ...progress,
          elapsedMs: performance.now() - since,
        }),
      context.signal,
    );
    paths.set(name, await install(name, entry, file, context));
    reportReady(name, paths, 'download', since, context);
    return undefined;
  } catch (error) {
    context.signal?.throwIfAborted();
    return error instanceof Error ? error : new Error(String(error));
  }
}
