import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { createEdgeCertificates } from './authority.ts';

const { authority, edge } = await createEdgeCertificates(['127.0.0.1', '10.77.0.12'], new Date());

test('the authority says that it is one and that it signs certificates', () => {
  const certificate = new X509Certificate(authority);
  expect(certificate.ca).toBe(true);
  const text = Buffer.from(certificate.raw).toString('hex');
  // keyUsage, critical: keyCertSign and cRLSign (RFC 5280, 4.2.1.3).
  expect(text).toContain('0603551d0f0101ff040403020106');
});

test('the edge is signed by it, for its addresses and no others', () => {
  const certificate = new X509Certificate(edge);
  expect(certificate.verify(new X509Certificate(authority).publicKey)).toBe(true);
  expect(certificate.checkIP('10.77.0.12')).toBe('10.77.0.12');
  expect(certificate.checkIP('10.77.0.13')).toBeUndefined();
  expect(certificate.ca).toBe(false);
});

test('a client that trusts the authority trusts the edge', async () => {
  const server = createServer({ cert: edge, key: edge }, (socket) => socket.end('hello'));
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, ca: authority });
  await once(socket, 'secureConnect');
  expect(socket.authorized).toBe(true);
  socket.destroy();
});

test('two clusters do not trust each other', async () => {
  const other = await createEdgeCertificates(['127.0.0.1'], new Date());
  const stranger = new X509Certificate(other.edge);
  expect(stranger.verify(new X509Certificate(authority).publicKey)).toBe(false);
});
