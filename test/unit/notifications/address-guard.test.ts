import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardAddresses } from '../../../notifications/address-guard.ts';
import { createPostman } from '../../../notifications/post.ts';
import type { Receiver } from '../../support/receiver.ts';
import { startReceiver } from '../../support/receiver.ts';

const STRICT = { allow: [], allowPrivate: false };

describe('an address that a target may not have', () => {
  it.each([
    ['this machine', '127.0.0.1', 'private'],
    ['this machine, in IPv6', '::1', 'private'],
    ['any address of this machine', '0.0.0.0', 'private'],
    ['any address of this machine, in IPv6', '::', 'private'],
    ['a private network', '10.1.2.3', 'private'],
    ['another private network', '172.31.255.1', 'private'],
    ['a home network', '192.168.1.1', 'private'],
    ['a carrier’s network', '100.64.0.1', 'private'],
    ['a unique local address', 'fd12:3456::1', 'private'],
    ['a site-local address', 'fec0::1', 'private'],
    ['a multicast address', '224.0.0.1', 'private'],
    ['broadcast', '255.255.255.255', 'private'],
    ['a private address written as IPv6', '::ffff:10.0.0.1', 'private'],
    ['the same in hexadecimal', '::ffff:a00:1', 'private'],
    ['a private address behind NAT64', '64:ff9b::a00:1', 'private'],
    ['a private address behind 6to4', '2002:a00:1::', 'private'],
    ['a Teredo address', '2001:0:1::1', 'private'],
    ['a cloud’s metadata service', '169.254.169.254', 'metadata'],
    ['the same written as IPv6', '::ffff:169.254.169.254', 'metadata'],
    ['Amazon’s metadata service in IPv6', 'fd00:ec2::254', 'metadata'],
    ['Azure’s, which has a public address', '168.63.129.16', 'metadata'],
    ['Alibaba’s metadata service', '100.100.100.200', 'metadata'],
    ['a link-local address with its zone', 'fe80::1%eth0', 'metadata'],
    ['no address', 'localhost', 'no address'],
  ])('is that of %s: %s', (_, address, why) => {
    expect(guardAddresses(STRICT).denial(address)).toContain(why);
  });

  it.each(['93.184.215.14', '2606:2800:21f:cb07::1', '172.32.0.1', '100.128.0.1'])('is not %s', (address) => {
    expect(guardAddresses(STRICT).denial(address)).toBeUndefined();
  });
});

describe('a policy', () => {
  it('allows private addresses, and metadata services only where it names them', () => {
    const loose = guardAddresses({ allow: [], allowPrivate: true });
    expect(loose.denial('10.0.0.1')).toBeUndefined();
    expect(loose.denial('169.254.169.254')).toContain('metadata');
    const named = guardAddresses({ allow: ['169.254.169.254/32'], allowPrivate: false });
    expect(named.denial('169.254.169.254')).toBeUndefined();
    expect(named.denial('10.0.0.1')).toContain('private');
  });

  it('allows networks by their names, also addresses of them that are written as IPv6', () => {
    const guard = guardAddresses({ allow: ['10.2.0.0/16', 'fd00:1::/32'], allowPrivate: false });
    expect(guard.denial('10.2.3.4')).toBeUndefined();
    expect(guard.denial('::ffff:10.2.3.4')).toBeUndefined();
    expect(guard.denial('fd00:1::9')).toBeUndefined();
    expect(guard.denial('10.3.0.1')).toContain('private');
  });

  it('judges every address that a name has, in the look-up of the connection itself', async () => {
    const look = (guard: ReturnType<typeof guardAddresses>) => promisify(guard.lookup)('localhost', { all: true });
    await expect(look(guardAddresses(STRICT))).rejects.toThrow('localhost is the private address');
    await expect(look(guardAddresses({ ...STRICT, allowPrivate: true }))).resolves.toBeDefined();
  });
});

describe('what is sent', () => {
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver((count) => (count === 0 ? [302, { location: 'http://127.0.0.1:1/' }] : [200]));
  });
  afterAll(() => receiver.close());
  const signal = new AbortController().signal;
  const message = (url: string) => ({ url, headers: {}, body: '{}' });

  it.each(['127.0.0.1', 'localhost', '[::1]', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]'])(
    'never reaches %s',
    async (host) => {
      const postman = createPostman({ ...STRICT, allowHttp: true });
      const sent = await postman.send(message(`http://${host}:${String(receiver.port)}/`), signal);
      expect(sent).toMatchObject({ kind: 'refused', why: expect.stringContaining('network.allow') as string });
      expect(receiver.received).toHaveLength(0);
      await postman.close();
    },
  );

  it('goes over https, unless the policy allows http; a redirect is not followed; a loss may pass', async () => {
    const url = `http://127.0.0.1:${String(receiver.port)}/`;
    const strict = createPostman({ allow: ['127.0.0.0/8'], allowPrivate: false, allowHttp: false });
    expect(await strict.send(message(url), signal)).toMatchObject({ kind: 'refused' });
    expect(receiver.received).toHaveLength(0);
    const loose = createPostman({ allow: ['127.0.0.0/8'], allowPrivate: false, allowHttp: true });
    expect(await loose.send(message(url), signal)).toMatchObject({
      why: expect.stringContaining('redirects are not followed') as string,
    });
    expect(await loose.send(message(url), signal)).toEqual({ kind: 'delivered', status: 200 });
    expect(await loose.send(message('http://127.0.0.1:1/secret-path'), signal)).toEqual({
      kind: 'unreached',
      why: '127.0.0.1:1 was not reached: ECONNREFUSED',
    });
    expect(await loose.send(message('http://no-such-name.invalid/'), signal)).toMatchObject({
      ...{ kind: 'unreached', why: expect.stringMatching(/^no-such-name.invalid was not reached: E/) as string },
    });
    await Promise.all([strict.close(), loose.close()]);
  });
});
