import { groupOf } from '../objects.ts';
import { abridged } from './text-size.ts';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

interface NameRule {
  readonly longest: number;
  readonly form: RegExp;
  /** The allowed form in words. */
  readonly allowed: string;
}

const LABEL: NameRule = {
  longest: 63,
  form: DNS_LABEL,
  allowed: 'lower case letters, digits and -, with a letter or digit at both ends',
};
const SUBDOMAIN: NameRule = {
  longest: 253,
  form: DNS_SUBDOMAIN,
  allowed: 'lower case letters, digits, - and ., with a letter or digit at both ends of each part',
};
/** What fits a segment of a URL's path; Kubernetes sets no length here, etcd and URLs do. */
const PATH_SEGMENT: NameRule = {
  longest: 1024,
  form: /^(?!\.{1,2}$)[^/%]+$/,
  allowed: 'everything but / and %, and not . or ..',
};

/**
 * What is wrong with an object's name, as a clause, or undefined. Follows Kubernetes' apimachinery validation: DNS
 * labels for Namespaces and Services, path segments for the groups whose names may hold a colon (RBAC, certificates,
 * IP addresses, OpenShift), DNS subdomains for everything else.
 */
export function nameProblem(apiVersion: string, kind: string, name: string): string | undefined {
  return problemOf(ruleFor(apiVersion, kind), name);
}

/** What is wrong with a `metadata.generateName`, as a clause, or undefined. It may end with a dash, unlike a name. */
export function generateNameProblem(apiVersion: string, kind: string, prefix: string): string | undefined {
  return problemOf(ruleFor(apiVersion, kind), `${prefix}x`);
}

/** What is wrong with a namespace's name, as a clause, or undefined. */
export function namespaceProblem(namespace: string): string | undefined {
  return problemOf(LABEL, namespace);
}

function problemOf(rule: NameRule, name: string): string | undefined {
  if (name.length > rule.longest) return `has ${name.length} characters; at most ${rule.longest} are allowed`;
  if (!rule.form.test(name)) return `is ${JSON.stringify(abridged(name))}; allowed are ${rule.allowed}`;
  return undefined;
}

function ruleFor(apiVersion: string, kind: string): NameRule {
  const group = groupOf(apiVersion);
  if (group === '' && (kind === 'Namespace' || kind === 'Service')) return LABEL;
  if (group === 'rbac.authorization.k8s.io' || group === 'certificates.k8s.io') return PATH_SEGMENT;
  if (group === 'networking.k8s.io' && kind === 'IPAddress') return PATH_SEGMENT;
  if (group.endsWith('.openshift.io')) return PATH_SEGMENT;
  return SUBDOMAIN;
}
