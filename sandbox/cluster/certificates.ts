import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** A certificate with its private key, both as PEM. */
export interface Certificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** What a leaf certificate says of its holder. */
export interface LeafRequest {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

/** A certificate authority that lives as long as one sandbox. */
export interface Authority {
  readonly certificatePem: string;
  /** Issues a certificate for TLS servers and clients; throws on an address that is not IPv4. */
  issue(request: LeafRequest): Certificate;
}

const OID = {
  ecdsaWithSha256: '06082a8648ce3d040302',
  commonName: '0603550403',
  subjectKeyIdentifier: '0603551d0e',
  authorityKeyIdentifier: '0603551d23',
  keyUsage: '0603551d0f',
  basicConstraints: '0603551d13',
  extendedKeyUsage: '0603551d25',
  subjectAltName: '0603551d11',
  serverAuth: '06082b06010505070301',
  clientAuth: '06082b06010505070302',
} as const;

const TAG = { integer: 0x02, bits: 0x03, octets: 0x04, utf8: 0x0c, utcTime: 0x17, sequence: 0x30, set: 0x31 } as const;
const TRUE = Buffer.from('0101ff', 'hex');
/** Go refuses serving certificates of more than 825 days on macOS; a year is plenty for a sandbox. */
const LIFETIME_MS = 365 * 24 * 3600 * 1000;

/**
 * Creates a certificate authority with a fresh P-256 key.
 *
 * Node can sign but not write X.509, and not every machine has openssl, so the few DER structures needed are
 * written here. P-256 keeps start-up short: the servers would otherwise generate RSA keys for themselves.
 */
export function createAuthority(commonName: string): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const identifier = keyIdentifier(keys.publicKey);
  const issuer = { commonName, key: keys.privateKey, identifier };
  const certificatePem = certify(issuer, commonName, keys.publicKey, [
    extension(OID.basicConstraints, der(TAG.sequence, TRUE), 'critical'),
    extension(OID.keyUsage, Buffer.from('03020106', 'hex'), 'critical'),
    extension(OID.subjectKeyIdentifier, der(TAG.octets, identifier)),
  ]);
  return { certificatePem, issue: (request) => issueLeaf(issuer, request) };
}

interface Issuer {
  readonly commonName: string;
  readonly key: KeyObject;
  readonly identifier: Buffer;
}

function issueLeaf(issuer: Issuer, request: LeafRequest): Certificate {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const names = [
    ...request.dnsNames.map((name) => der(0x82, Buffer.from(name, 'ascii'))),
    ...request.ipAddresses.map((address) => der(0x87, ipv4Bytes(address))),
  ];
  const certificatePem = certify(issuer, request.commonName, keys.publicKey, [
    extension(OID.keyUsage, Buffer.from('03020780', 'hex'), 'critical'),
    extension(OID.extendedKeyUsage, der(TAG.sequence, oid(OID.serverAuth), oid(OID.clientAuth))),
    extension(OID.subjectKeyIdentifier, der(TAG.octets, keyIdentifier(keys.publicKey))),
    extension(OID.authorityKeyIdentifier, der(TAG.sequence, der(0x80, issuer.identifier))),
    ...(names.length > 0 ? [extension(OID.subjectAltName, der(TAG.sequence, ...names))] : []),
  ]);
  return { certificatePem, keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function certify(issuer: Issuer, subject: string, key: KeyObject, extensions: readonly Buffer[]): string {
  const algorithm = der(TAG.sequence, oid(OID.ecdsaWithSha256));
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const now = Date.now();
  const body = der(
    TAG.sequence,
    der(0xa0, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, serial),
    algorithm,
    distinguishedName(issuer.commonName),
    // A minute of slack: the clock may step back between issuing and first use.
    der(TAG.sequence, utcTime(now - 60_000), utcTime(now + LIFETIME_MS)),
    distinguishedName(subject),
    key.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(TAG.sequence, ...extensions)),
  );
  const signature = sign('sha256', body, issuer.key);
  return pem(der(TAG.sequence, body, algorithm, der(TAG.bits, Buffer.from([0]), signature)));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

function oid(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}

function distinguishedName(commonName: string): Buffer {
  const name = der(TAG.sequence, oid(OID.commonName), der(TAG.utf8, Buffer.from(commonName)));
  return der(TAG.sequence, der(TAG.set, name));
}

function extension(id: string, value: Buffer, weight: 'critical' | 'plain' = 'plain'): Buffer {
  const critical = weight === 'critical' ? [TRUE] : [];
  return der(TAG.sequence, oid(id), ...critical, der(TAG.octets, value));
}

function utcTime(milliseconds: number): Buffer {
  const text = new Date(milliseconds).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return der(TAG.utcTime, Buffer.from(`${text}Z`, 'ascii'));
}

function ipv4Bytes(address: string): Buffer {
  const bytes = address.split('.').map(Number);
  if (bytes.length !== 4 || bytes.some((byte) => !(byte >= 0 && byte <= 255))) {
    throw new Error(`not an IPv4 address: ${address}`);
  }
  return Buffer.from(bytes);
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);
}

function pem(content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
