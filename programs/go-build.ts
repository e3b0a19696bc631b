import { execFile, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readLogTail } from './log-tail.ts';
import type { GoBuild } from './catalogue.ts';

const run = promisify(execFile);

/** A Go toolchain on this machine. */
export interface GoToolchain {
  readonly path: string;
  /** Major and minor version. */
  readonly version: readonly [number, number];
}

/** What the modules in `programs/go/` need. */
const GO_NEEDED: readonly [number, number] = [1, 26];

/** Since 1.21 a toolchain fetches the one a module asks for, from the same place as modules. */
const GO_SWITCHES: readonly [number, number] = [1, 21];

/** Looks for `go` in the PATH and where its installer puts it; the reason when there is none that will do. */
export async function findGo(
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly toolchain: GoToolchain } | { readonly fault: string }> {
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/local/go/bin'];
  const path = folders.map((folder) => join(folder, 'go')).find((file) => existsSync(file));
  if (path === undefined) return { fault: 'Go is not installed' };
  try {
    const { stdout } = await run(path, ['version'], { env: { ...env, GOTOOLCHAIN: 'local' }, timeout: 20_000 });
    const [, major, minor] = /go(\d+)\.(\d+)/.exec(stdout) ?? [];
    const version = [Number(major), Number(minor)] as const;
    if (compare(version, GO_SWITCHES) >= 0) return { toolchain: { path, version } };
    return { fault: `${path} is ${stdout.trim()}, which is too old` };
  } catch (error) {
    return { fault: `${path} does not run: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** A build of programs that come from one module. */
export interface GoBuildRequest {
  readonly toolchain: GoToolchain;
  /** The module's folder. */
  readonly moduleDir: string;
  readonly builds: readonly GoBuild[];
  /** Where the programs go, under the last part of their package's name. */
  readonly outDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal | undefined;
}

/**
 * Builds programs of one module in one go.
 *
 * @throws Error with the end of the compiler's output
 */
export async function buildWithGo(request: GoBuildRequest): Promise<void> {
  const { toolchain, outDir } = request;
  await mkdir(outDir, { recursive: true });
  const logPath = join(outDir, 'build.log');
  const log = openSync(logPath, 'w');
  const child = spawn(toolchain.path, goArguments(request), {
    cwd: request.moduleDir,
    env: goEnvironment(request),
    stdio: ['ignore', log, log],
    ...(request.signal && { signal: request.signal }),
  });
  closeSync(log);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new Error(`go build failed:\n${await readLogTail(logPath)}`);
}

/** The folder of a module: beside this file's parent in the source tree, and in the package when compiled. */
export function goModuleDir(module: string): string {
  const candidates = ['./go/', '../../programs/go/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const root = candidates.find((dir) => existsSync(dir)) ?? candidates[0] ?? '';
  return join(root, module);
}

function goArguments(request: GoBuildRequest): readonly string[] {
  const variables = Object.assign({}, ...request.builds.map((build) => build.variables)) as Record<string, string>;
  const settings = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  return [
    'build',
    '-mod=readonly',
    '-trimpath',
    '-buildvcs=false',
    `-ldflags=${['-s', '-w', ...settings].join(' ')}`,
    '-o',
    // With the slash Go puts several programs into it.
    `${request.outDir}/`,
    ...request.builds.map((build) => build.package),
  ];
}

/** The user's own settings for proxies and caches stay; what would change the result does not. */
function goEnvironment(request: GoBuildRequest): NodeJS.ProcessEnv {
  const isNewEnough = compare(request.toolchain.version, GO_NEEDED) >= 0;
  return {
    ...request.env,
    CGO_ENABLED: '0',
    GOFLAGS: '',
    GOWORK: 'off',
    GOTOOLCHAIN: isNewEnough ? 'local' : 'auto',
  };
}

function compare(a: readonly [number, number], b: readonly [number, number]): number {
  return a[0] - b[0] || a[1] - b[1];
}
