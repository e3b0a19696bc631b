import type { Listening } from '../core/notifications/listening.ts';
import type { SecretReference } from '../secrets/secret-reference.ts';

/** Which addresses targets may have. */
export interface NetworkPolicy {
  /** Private and loopback addresses; those of link-local and cloud metadata services have to be named in `allow`. */
  readonly allowPrivate: boolean;
  /** Networks that are allowed whatever they are, as CIDRs. */
  readonly allow: readonly string[];
  /** `http:` besides `https:`. */
  readonly allowHttp: boolean;
}

/** How a target is spoken to. */
export type Channel =
  | { readonly kind: 'slack'; readonly url: SecretReference }
  | {
      readonly kind: 'pagerduty';
      readonly routingKey: SecretReference;
      readonly severity: Severity;
      /** Address of the Events API v2. */
      readonly url: string;
    }
  | {
      readonly kind: 'http';
      readonly url: string | SecretReference;
      /** Signs what is sent; absent = not signed. */
      readonly secret?: SecretReference;
      readonly headers: Readonly<Record<string, SecretReference>>;
    };

export const SEVERITIES = ['critical', 'error', 'warning', 'info'] as const;

/** PagerDuty's words for how bad something is. */
export type Severity = (typeof SEVERITIES)[number];

/** Somebody who is told. */
export interface NotificationTarget extends Listening {
  readonly name: string;
  readonly channel: Channel;
  /** Liquid templates in the place of the usual words. */
  readonly title?: string;
  readonly text?: string;
}

/** Whom a worker tells of what. */
export interface NotificationConfiguration {
  readonly targets: readonly NotificationTarget[];
  readonly network: NetworkPolicy;
  /** Liquid template of the link that notifications carry; absent = none. */
  readonly link?: string;
}
