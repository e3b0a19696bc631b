import { resolve } from 'node:path';
import type { ApplicationDefinition, ApplicationSource } from '../../core/application/application.ts';
import { failure } from '../../core/failures.ts';
import { readLocation } from '../../sources/location.ts';

/** A source as it can be found from another folder: paths of this machine in full. Those of a chart in a git repository are the repository's. */
export function lasting(source: ApplicationSource): ApplicationSource {
  const place = readLocation(source.location, source);
  const { helm } = source;
  if (place.kind === 'git' || helm === undefined) {
    return place.kind === 'path' ? { ...source, location: resolve(source.location) } : source;
  }
  return {
    ...source,
    ...(place.kind === 'path' ? { location: resolve(source.location) } : {}),
    helm: {
      ...helm,
      ...(helm.values === undefined ? {} : { values: helm.values.map(path) }),
      ...(helm.setFile === undefined ? {} : { setFile: helm.setFile.map(pair) }),
    },
  };
}

/** The definition, unless it is to be started by pushes to something that is no git repository, which is `InvalidRequest`. */
export function pushable(definition: ApplicationDefinition): ApplicationDefinition {
  const { application, source, onPush } = definition;
  if (onPush === undefined || readLocation(source.location, source).kind === 'git') return definition;
  throw failure('InvalidRequest', `${source.location} is no git repository, so no push can start ${application}`, {
    remedy: 'keep its source in one, or leave pushes out: --no-on-push',
  });
}

function path(text: string): string {
  return /^[a-z]+:\/\//.test(text) ? text : resolve(text);
}

function pair(text: string): string {
  const equals = text.indexOf('=');
  return `${text.slice(0, equals + 1)}${path(text.slice(equals + 1))}`;
}
