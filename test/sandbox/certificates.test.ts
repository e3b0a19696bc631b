import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { createAuthority } from '../../sandbox/cluster/certificates.ts';

const leaf = { commonName: 'server', dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] };

test('an issued certificate names its holder and is signed by its authority', () => {
  const authority = createAuthority('test-ca');
  const issued = new X509Certificate(authority.issue(leaf).certificatePem);
  const root = new X509Certificate(authority.certificatePem);
  expect(root.ca).toBe(true);
  expect(issued.ca).toBe(false);
  expect(issued.checkIssued(root)).toBe(true);
  expect(issued.verify(root.publicKey)).toBe(true);
  expect(issued.checkHost('localhost')).toBe('localhost');
  expect(issued.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(issued.subject).toBe('CN=server');
});

test('a TLS client that trusts the authority, and only such a one, accepts an issued certificate', async () => {
  const authority = createAuthority('test-ca');
  const { certificatePem, keyPem } = authority.issue(leaf);
  const server = createServer({ cert: certificatePem, key: keyPem }, (socket) => socket.end()).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => undefined);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const visit = (ca: string) =>
    new Promise<string>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', ca }, () => {
        socket.destroy();
        resolve('accepted');
      });
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    });
  expect(await visit(authority.certificatePem)).toBe('accepted');
  expect(await visit(createAuthority('test-ca').certificatePem)).not.toBe('accepted');
  server.close();
});

test('an address that is not IPv4 is refused', () => {
  expect(() => createAuthority('ca').issue({ ...leaf, ipAddresses: ['::1'] })).toThrow('not an IPv4 address');
});
