import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { globPattern } from '../../core/glob.ts';
import type { Action, Role } from './roles.ts';
import { MAY } from './roles.ts';

/** A token as it is stored: its secret only as a digest. Times are ms since 1970. */
export interface StoredToken {
  /** Names the token in lists and logs; also the part of its text that is no secret. */
  readonly id: string;
  /** SHA-256 of the secret, hexadecimal. */
  readonly digest: string;
  /** Who uses it: stands in the record of what it is used for. */
  readonly subject: string;
  readonly roles: readonly Role[];
  /** Globs of applications: `shop`, `team-*` in any cluster; `prod/shop-*` in one. */
  readonly applications: readonly string[];
  readonly createdAt: number;
  /** Absent = never. */
  readonly expiresAt?: number;
  readonly revokedAt?: number;
}

/** Who asks: a token that was found good. */
export type Principal = Pick<StoredToken, 'id' | 'subject' | 'roles' | 'applications'>;

/** What a new token is for. */
export type Grant = Pick<StoredToken, 'subject' | 'roles' | 'applications' | 'expiresAt'>;

/** Which application something is about. */
export interface Scope {
  readonly cluster: string;
  readonly application: string;
}

const FORM = /^sl_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;
const SECRET_BYTES = 32;

/**
 * Makes a token: its text, which is shown once, and what is stored of it. The secret has 256 random bits, which nobody can
 * guess however fast a digest is, so that it needs no slow one as a password does.
 */
export function newToken(grant: Grant, now: number): { readonly text: string; readonly stored: StoredToken } {
  const id = randomBytes(6).toString('hex');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return {
    text: `sl_${id}_${secret}`,
    stored: { id, digest: digestOf(secret).toString('hex'), ...grant, createdAt: now },
  };
}

/** The token that a text is, if it is good at a moment (ms since 1970); secrets are compared in constant time. */
export function principalOf(tokens: readonly StoredToken[], text: string, now: number): Principal | undefined {
  const [, id, secret] = FORM.exec(text) ?? [];
  const stored = tokens.find((token) => token.id === id);
  // An unknown ID costs the same comparison, so that the time tells nothing of which IDs there are.
  const expected = Buffer.from(stored?.digest ?? NOBODY, 'hex');
  const isRight = timingSafeEqual(digestOf(secret ?? ''), expected);
  if (!isRight || stored === undefined || stored.revokedAt !== undefined) return undefined;
  if (stored.expiresAt !== undefined && stored.expiresAt <= now) return undefined;
  return stored;
}

/** Whether a role of a principal may do an action at all. */
export function mayDo({ roles }: Pick<Principal, 'roles'>, action: Action): boolean {
  return roles.some((role) => MAY[action].includes(role));
}

/** Whether an application is within a principal's scope. */
export function covers({ applications }: Pick<Principal, 'applications'>, { cluster, application }: Scope): boolean {
  return applications.some((glob) => {
    const text = glob.includes('/') ? `${cluster}/${application}` : application;
    return globPattern(glob, false).test(text);
  });
}

const NOBODY = '0'.repeat(64);

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
