import { lookup as lookUp } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { failure } from '../core/failures.ts';
import type { NetworkPolicy } from './configuration.ts';

/** Link-local addresses and those of clouds' metadata services: what answers there gives credentials to whoever asks from this machine. */
const METADATA = ['169.254.0.0/16', '168.63.129.16/32', '100.100.100.200/32', 'fe80::/10', 'fd00:ec2::/32'];

/** What is not reached over the internet, by IANA's registries of special-purpose addresses. */
const PRIVATE = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24'],
  ...['192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3'],
  // Only 2000::/3 is global unicast; of it, Teredo, documentation and 6to4 hide an IPv4 address or lead nowhere.
  ...['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
];

/** Tells which addresses may be connected to. */
export interface AddressGuard {
  /** Why an address may not be connected to; undefined where it may. */
  denial(address: string): string | undefined;
  /** Looks names up for a connection, and fails where a name has an address that is denied: what was checked is what is connected to. */
  readonly lookup: LookupFunction;
}

/** An address that a target has and may not have. */
export class AddressDenied extends Error {
  constructor(host: string, why: string) {
    super(`${host} ${why}`);
    this.name = 'AddressDenied';
  }
}

/** Makes the guard of a policy. Throws `InvalidRequest` for a network that is none. */
export function guardAddresses({ allow, allowPrivate }: Pick<NetworkPolicy, 'allow' | 'allowPrivate'>): AddressGuard {
  const allowed = networks(allow);
  const metadata = networks(METADATA);
  const within = networks(PRIVATE);
  const denial = (address: string): string | undefined => {
    const known = withoutMapping(address);
    if (isIP(known) === 0) return 'is no address';
    if (holds(allowed, known)) return undefined;
    if (holds(metadata, known)) return `is the link-local or metadata address ${known}`;
    return !allowPrivate && holds(within, known) ? `is the private address ${known}` : undefined;
  };
  return { denial, lookup: guardedLookup(denial) };
}

/** Why a text is no network; undefined where it is one. */
export function networkProblem(text: string): string | undefined {
  try {
    networks([text]);
    return undefined;
  } catch {
    return 'is no network such as 10.0.0.0/8 or fd00::/8';
  }
}

function guardedLookup(denial: AddressGuard['denial']): LookupFunction {
  return (host, options, answer) => {
    lookUp(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        answer(error, []);
        return;
      }
      const why = addresses.map(({ address }) => denial(address)).find((found) => found !== undefined);
      if (why !== undefined) answer(new AddressDenied(host, why), []);
      else told(addresses, options.all === true, answer);
    });
  };
}

function told(addresses: readonly LookupAddress[], all: boolean, answer: Parameters<LookupFunction>[2]): void {
  const [first] = addresses;
  if (all) answer(null, [...addresses]);
  else answer(null, first?.address ?? '', first?.family ?? 0);
}

/** By family: a list of both would hold IPv4 addresses for what IPv6 ones they can be written as. */
type Networks = Readonly<Record<'ipv4' | 'ipv6', BlockList>>;

function networks(cidrs: readonly string[]): Networks {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const cidr of cidrs) {
    const [address = '', prefix = ''] = cidr.split('/');
    const family = isIP(address);
    if (family === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 4 ? 32 : 128))
      throw failure('InvalidRequest', `${cidr} is no network`);
    lists[familyOf(address)].addSubnet(address, Number(prefix), familyOf(address));
  }
  return lists;
}

function holds(lists: Networks, address: string): boolean {
  return lists[familyOf(address)].check(address, familyOf(address));
}

function familyOf(address: string): keyof Networks {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}

/** An IPv4 address that is written as an IPv6 one (RFC 4291, 2.5.5.2) is judged as what it is. */
function withoutMapping(address: string): string {
  const text = URL.parse(`http://[${address.replace(/%.*$/, '')}]/`)?.hostname.slice(1, -1) ?? address;
  const parts = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(text);
  if (parts === null) return text;
  const [high = 0, low = 0] = parts.slice(1).map((part) => Number.parseInt(part, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
