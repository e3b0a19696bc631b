import type { Json, JsonObject } from '../core/json.ts';
import { arrayAt, objectAt, stringAt } from '../core/json.ts';
import type { ServedKind } from './cluster.ts';

/** Asks for the aggregated form of discovery (Kubernetes 1.26 and later), and for the classic one where it is unknown. */
export const DISCOVERY_ACCEPT = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');

/** Tells whether a discovery document is of the aggregated form. */
export function isAggregated(document: JsonObject): boolean {
  return document['kind'] === 'APIGroupDiscoveryList';
}

/** The kinds of an aggregated discovery document, without subresources. */
export function kindsOfAggregated(document: JsonObject): readonly ServedKind[] {
  return arrayAt(document, 'items').flatMap((group) => {
    const name = stringAt(group, 'metadata', 'name') ?? '';
    return arrayAt(group, 'versions').flatMap((version) => {
      const apiVersion = joined(name, stringAt(version, 'version') ?? '');
      return arrayAt(version, 'resources').flatMap((resource) => aggregatedKind(apiVersion, resource));
    });
  });
}

/** The group versions a classic `/api` (APIVersions) or `/apis` (APIGroupList) document names. */
export function groupVersionsOf(document: JsonObject): readonly string[] {
  if (document['kind'] === 'APIVersions') {
    return arrayAt(document, 'versions').filter((version) => typeof version === 'string');
  }
  return arrayAt(document, 'groups').flatMap((group) =>
    arrayAt(group, 'versions').flatMap((version) => stringAt(version, 'groupVersion') ?? []),
  );
}

/** The kinds of a classic APIResourceList, without subresources. */
export function kindsOfResourceList(apiVersion: string, document: JsonObject): readonly ServedKind[] {
  return arrayAt(document, 'resources').flatMap((resource) => {
    const plural = stringAt(resource, 'name') ?? '';
    const kind = stringAt(resource, 'kind') ?? '';
    if (plural === '' || plural.includes('/') || kind === '') return [];
    return [
      { apiVersion, kind, plural, namespaced: objectAt(resource)?.['namespaced'] === true, verbs: verbsOf(resource) },
    ];
  });
}

function aggregatedKind(apiVersion: string, resource: Json): readonly ServedKind[] {
  const plural = stringAt(resource, 'resource') ?? '';
  const kind = stringAt(resource, 'responseKind', 'kind') ?? '';
  const verbs = verbsOf(resource);
  // A resource that exists only to hold subresources is listed without verbs.
  if (plural === '' || kind === '' || verbs.length === 0) return [];
  return [{ apiVersion, kind, plural, namespaced: stringAt(resource, 'scope') === 'Namespaced', verbs }];
}

function verbsOf(resource: Json): readonly string[] {
  return arrayAt(resource, 'verbs').filter((verb) => typeof verb === 'string');
}

function joined(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}
