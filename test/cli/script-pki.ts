import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mintToken } from '../../src/credential/mint-token.ts';
import { DAY, HOUR, type Identity, mintAuthority, mintClient, mintIntermediate, NOW } from '../pki.ts';
import type { Placeholders } from './script.ts';

/** The files that every script finds in its directory; each certificate has a serial number of its own. */
export interface ScriptPki {
  write(directory: string): void;
  readonly placeholders: Placeholders;
}

export async function mintScriptPki(): Promise<ScriptPki> {
  const serialNumbers = [0x1000n];
  const serialNumber = (): bigint => {
    const next = (serialNumbers.at(-1) ?? 0n) + 1n;
    serialNumbers.push(next);
    return next;
  };
  const ca = await mintAuthority('my-ca', { serialNumber: 1n });
  const partners = await mintAuthority('partners', { serialNumber: 2n });
  const issuing = await mintIntermediate(ca, 'issuing-ca', { serialNumber: 3n });
  const client = (subject: Parameters<typeof mintClient>[1] & {}): Promise<Identity> =>
    mintClient(ca, { serialNumber: serialNumber(), ...subject });
  const identities: Readonly<Record<string, Identity>> = {
    alice: await client({}),
    bob: await client({ subject: [{ CN: 'bob' }, { O: 'ops' }, { O: 'dev' }] }),
    mallory: await client({ subject: [{ CN: 'mallory' }, { O: 'system:masters' }] }),
    forger: await client({
      subject: [{ CN: 'bob\nAuthenticated\n  username  root\u001b[2K\u202e, O=x' }, { O: "it's" }],
    }),
    nameless: await client({ subject: [{ O: 'dev' }] }),
    expired: await client({ notBefore: NOW - 2 * DAY, notAfter: NOW - DAY }),
    server: await client({ extKeyUsages: ['serverAuth'], dnsSANs: ['web.example'] }),
    spiffe: await client({
      subject: [],
      uriSANs: ['spiffe://prod.example/ns/default/sa/web'],
      notAfter: NOW + HOUR,
    }),
    carol: await mintClient(issuing, { serialNumber: serialNumber(), subject: [{ CN: 'carol' }] }),
    stranger: await mintClient(await mintAuthority('my-ca', { serialNumber: 9n }), {
      serialNumber: serialNumber(),
    }),
  };
  const token = tokenOf(identities['alice'] as Identity);
  return {
    write(directory) {
      const write = (name: string, text: string | Buffer): void => writeFileSync(join(directory, name), text);
      mkdirSync(join(directory, 'inventory'));
      for (const [name, { pem, keyPem }] of Object.entries(identities)) {
        write(`${name}.crt`, pem);
        write(`${name}.key`, keyPem);
        if (name < 'm') write(`inventory/${name}.pem`, pem);
      }
      write('inventory/key.pem', identities['alice']?.keyPem ?? '');
      write('alice.der', identities['alice']?.der ?? '');
      write('my-ca.pem', ca.pem);
      write('partners.pem', partners.pem);
      write('issuing-ca.pem', issuing.pem);
      write('token.txt', `${token}\n`);
      write('spoiled.txt', `${token.slice(0, -86)}${randomBytes(64).toString('base64url')}\n`);
    },
    placeholders: toPlaceholders({ ...identities, 'my-ca': ca, partners, 'issuing-ca': issuing }),
  };
}

function tokenOf({ certificate, key }: Identity): string {
  const iat = NOW / 1000;
  const claims = { aud: 'x509.prod.example', iat, exp: iat + 300, jti: 'script' };
  return mintToken({ chain: [certificate], key, claims }) ?? '';
}

/** Fingerprints are named for their certificates; key ids, and what is made while a command runs, are hidden. */
function toPlaceholders(identities: Readonly<Record<string, Identity>>): Placeholders {
  const fingerprints = Object.entries(identities).map(
    ([name, { certificate }]) => [`{${name}}`, certificate.fingerprint] as const,
  );
  return {
    fill: (text) => fingerprints.reduce((text, [name, sha256]) => text.replaceAll(name, sha256), text),
    hide: (text) =>
      fingerprints
        .reduce(
          (text, [name, sha256]) =>
            text.replaceAll(sha256, name).replaceAll(sha256.slice(0, 12), name.padEnd(12, '.')),
          text,
        )
        .replaceAll(/\b[0-9a-f]{64}\b/g, '{sha256}')
        .replaceAll(/(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/g, '{key id}'),
  };
}
