import type { LiveView } from '../../kubernetes/cluster.ts';

/** Stands between an attempt and what it works with: may wait, throw, or look on, before and after each call. */
export interface Interception {
  before?(call: string): Promise<void> | void;
  after?(call: string): Promise<void> | void;
}

/** An object whose asynchronous methods are intercepted, and so are the views it opens. */
export function intercepted<T extends object>(target: T, name: string, by: Interception): T {
  return new Proxy(target, {
    get(object, key, receiver) {
      const value: unknown = Reflect.get(object, key, receiver);
      if (typeof value !== 'function' || AT_ONCE[name]?.has(String(key)) === true) return value;
      return async (...args: unknown[]) => {
        const call = `${name}.${String(key)}`;
        await by.before?.(call);
        const answer: unknown = await Reflect.apply(value, object, args);
        await by.after?.(call);
        return key === 'view' ? intercepted(answer as LiveView, 'view', by) : answer;
      };
    },
  });
}

/** Methods of a view that answer at once, from what it has seen. */
const AT_ONCE: Readonly<Record<string, ReadonlySet<string>>> = { view: new Set(['get', 'all', 'close']) };
