/** How often something is done, ms. */
export interface Rhythm {
  readonly intervalMs: number;
  /** The pause before the first time. @default the interval */
  readonly firstMs?: number;
  /** By which part of itself a pause may be shorter, so that workers which were started together drift apart. @default 0 */
  readonly jitter?: number;
}

/** Does something again and again until the signal aborts; never twice at once. `work` must not reject. */
export function repeat(
  { intervalMs, firstMs = intervalMs, jitter = 0 }: Rhythm,
  work: () => Promise<void>,
  signal: AbortSignal,
): void {
  const pause = (ms: number) => ms * (1 - jitter * Math.random());
  const next = async () => {
    await work();
    if (!signal.aborted) timer = setTimeout(() => void next(), pause(intervalMs));
  };
  let timer = setTimeout(() => void next(), pause(firstMs));
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
}
