import { readFileSync } from 'node:fs';

/** The version of the package: its package.json stands one folder up in the sources and two up in what is published. */
export function version(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const found = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as { readonly version: string };
      return found.version;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return 'unknown';
}
