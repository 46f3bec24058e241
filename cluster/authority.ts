/**
 * A certificate authority for one cluster, and the certificate of its edges.
 * Users are given the authority's certificate and check the edges by address,
 * as they would check a name outside.
 *
 * The authority states that it is one (`CA:true`) and that it signs
 * certificates; without that some clients accept what it signs and others
 * silently do not. Its key is not kept: nothing is signed later.
 */
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

export interface EdgeCertificates {
  /** The authority's certificate, PEM. */
  readonly authority: string;
  /** The edges' certificate and its key, PEM, as HAProxy wants them: in one file. */
  readonly edge: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** A cluster that is kept up for development may live for weeks. */
const VALID_MS = 365 * 24 * 3_600_000;
/** Clocks of the machine's containers and of a remote user may differ. */
const BACKDATED_MS = 3_600_000;

const serialNumber = (): string => `01${randomBytes(12).toString('hex')}`;

export const createEdgeCertificates = async (
  addresses: readonly string[],
  now: Date,
): Promise<EdgeCertificates> => {
  const validity = {
    notBefore: new Date(now.getTime() - BACKDATED_MS),
    notAfter: new Date(now.getTime() + VALID_MS),
  };
  const authorityKeys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const authority = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'CN=Holdfast cluster authority',
    ...validity,
    signingAlgorithm: ALGORITHM,
    keys: authorityKeys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const edgeKeys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const edge = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'CN=Holdfast edge',
    issuer: authority.subject,
    ...validity,
    signingAlgorithm: ALGORITHM,
    publicKey: edgeKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(addresses.map((value) => ({ type: 'ip', value }))),
      await SubjectKeyIdentifierExtension.create(edgeKeys.publicKey),
      await AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const key = PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', edgeKeys.privateKey),
    'PRIVATE KEY',
  );
  return {
    authority: `${authority.toString('pem')}\n`,
    edge: `${edge.toString('pem')}\n${key}\n`,
  };
};
