import type { Platform } from './catalogue.ts';
import type { Downloader } from './download.ts';
import type { BinaryProgress } from './progress.ts';

/** What the steps of the ladder have in common. */
export interface LadderContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: Platform;
  readonly cacheRoot: string;
  readonly moduleDir: (module: string) => string;
  readonly downloader: Downloader;
  readonly report: (event: BinaryProgress) => void;
  readonly signal: AbortSignal | undefined;
}
