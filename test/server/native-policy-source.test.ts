import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NativeJudge } from '../../src/authenticator/native-judge.ts';
import { nativePolicySource } from '../../src/server/native-policy-source.ts';
import { Reloadable } from '../../src/server/reloadable.ts';
import { buildCertificateRevocationList } from '../../src/x509/build.ts';
import { revocationListOf } from '../native-policies.ts';
import { HOUR, type Identity, mintAuthority, mintClient, NOW } from '../pki.ts';

let directory: string;
let ca: Identity;
let alice: Identity;
let followed: Reloadable<NativeJudge> | undefined;
let problems: string[];

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  alice = await mintClient(ca);
});

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'native-'));
  mkdirSync(join(directory, 'inventory'));
  write('revoked.yaml', revocationListOf(''));
  problems = [];
});

afterEach(() => {
  followed?.close();
  rmSync(directory, { recursive: true, force: true });
});

function write(name: string, content: string | Buffer): void {
  writeFileSync(join(directory, name), content);
}

function writePolicy(fields: string): void {
  write(
    'policy.yaml',
    `apiVersion: kube-x509-authn.dev/v1alpha1\nkind: NativeCertificatePolicy\n${fields.replaceAll('$DIR', directory)}`,
  );
}

function open(): Reloadable<NativeJudge> {
  const opened = Reloadable.open(nativePolicySource(join(directory, 'policy.yaml')), {
    onEvent: (event) => event.kind === 'kept' && problems.push(event.problem),
    onTrouble: () => undefined,
  });
  if (opened.kind !== 'opened') throw new Error(opened.problem);
  followed = opened.reloadable;
  return followed;
}

function outcomeNow(identity: Identity = alice): string {
  const extra = new Map([
    ['authentication.kubernetes.io/credential-id', [`X509SHA256=${identity.certificate.fingerprint}`]],
  ]);
  const user = { username: 'alice', uid: '', groups: [], extra };
  const { verdict } = followed!.current.judge({ user, at: NOW });
  return verdict.outcome === 'denied' ? verdict.reason.code : verdict.outcome;
}

const listed = (identity: Identity): string =>
  revocationListOf(`fingerprints: [{sha256: "${identity.certificate.fingerprint}"}]\n`);

const POLICY = 'revocation: {files: [$DIR/revoked.yaml]}\n';

describe('a policy that is followed', () => {
  it('takes a revocation, and takes it back', () => {
    writePolicy(POLICY);
    open();
    const outcomes = [outcomeNow()];
    for (const list of [listed(alice), revocationListOf('')]) {
      write('revoked.yaml', list);
      followed!.look();
      outcomes.push(outcomeNow());
    }
    expect(outcomes).toEqual(['no-opinion', 'revocation/revoked', 'no-opinion']);
  });
  it('sees a new file in a directory of the inventory, and one that a pattern matches', async () => {
    const bob = await mintClient(ca);
    writePolicy('certificates: [$DIR/inventory, "$DIR/more/*.pem"]\nunknownCertificates: Deny\n');
    write('inventory/a.pem', ca.pem);
    open();
    expect([outcomeNow(alice), outcomeNow(bob)]).toEqual(['certificate/unknown', 'certificate/unknown']);
    write('inventory/b.pem', alice.pem);
    followed!.look();
    expect([outcomeNow(alice), outcomeNow(bob)]).toEqual(['no-opinion', 'certificate/unknown']);
    mkdirSync(join(directory, 'more'));
    write('more/c.pem', bob.pem);
    followed!.look();
    expect([outcomeNow(alice), outcomeNow(bob)]).toEqual(['no-opinion', 'no-opinion']);
  });
  it('keeps the last good one where the new one is bad, and says why', () => {
    writePolicy(POLICY);
    write('revoked.yaml', listed(alice));
    open();
    writePolicy('revocations: {}\n');
    followed!.look();
    expect(outcomeNow()).toBe('revocation/revoked');
    expect(problems).toEqual([
      expect.stringContaining('policy.yaml:3:1: strict decoding error: unknown field "revocations"'),
    ]);
  });
  it('takes a revocation although the policy is broken at the time', () => {
    writePolicy(POLICY);
    open();
    writePolicy('revocations: {}\n');
    write('revoked.yaml', listed(alice));
    followed!.look();
    expect(outcomeNow()).toBe('revocation/revoked');
  });
  it('takes a revocation although a file of the inventory is broken at the time', () => {
    writePolicy(`${POLICY}certificates: [$DIR/inventory]\n`);
    open();
    write('inventory/bad.pem', 'half-written');
    write('revoked.yaml', listed(alice));
    followed!.look();
    expect(outcomeNow()).toBe('revocation/revoked');
  });
  it('takes no CRL that is older than the one in force', async () => {
    const crl = (number: bigint, revoked: readonly Identity[]): Promise<Buffer> =>
      buildCertificateRevocationList({
        issuer: { certificate: ca.der, key: ca.key },
        thisUpdate: NOW - HOUR,
        nextUpdate: NOW + HOUR,
        number,
        entries: revoked.map(({ certificate }) => ({
          serialNumber: certificate.serialNumber,
          revocationDate: NOW - HOUR,
        })),
      });
    write('inventory/a.pem', alice.pem + ca.pem);
    write('ca.crl', await crl(2n, [alice]));
    writePolicy('certificates: [$DIR/inventory]\nrevocation: {files: [$DIR/ca.crl]}\n');
    open();
    write('ca.crl', await crl(1n, []));
    followed!.look();
    expect(outcomeNow()).toBe('revocation/revoked');
    expect(problems).toEqual([
      expect.stringContaining('a CRL is older than the one in force: its CRL number 1 is lower than 2'),
    ]);
    write('ca.crl', await crl(3n, []));
    followed!.look();
    expect(outcomeNow()).toBe('no-opinion');
  });
});

it('a policy that is bad at the start says so, with the places', () => {
  writePolicy('unknownCertificates: Deny\nx: 1\n');
  expect(open).toThrow(
    /policy\.yaml has 1 error\n.*policy\.yaml:4:1: strict decoding error: unknown field "x"$/,
  );
});
