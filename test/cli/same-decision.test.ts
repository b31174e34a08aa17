import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Authenticator, Entry } from '../../src/authenticator/authenticator.ts';
import type { Evidence } from '../../src/authenticator/evidence.ts';
import type { DryRunFlags } from '../../src/cli/dry-run/flags.ts';
import { readTrial, type SingleTrial } from '../../src/cli/dry-run/input.ts';
import { formatVerdict } from '../../src/cli/dry-run/single-output.ts';
import { judge, outcomeOf, reasonOf, type Verdict } from '../../src/cli/dry-run/trial.ts';
import { loadPolicy } from '../../src/cli/policy.ts';
import { choosePalette } from '../../src/cli/terminal.ts';
import {
  DAY,
  HOUR,
  type Identity,
  mintAuthority,
  mintClient,
  mintIntermediate,
  NOW,
  type Template,
} from '../pki.ts';
import { type Reviewer, startReviewer, tokenOf } from '../server/reviewer.ts';
import { createPathVerifier } from '../../src/x509/path-verifier.ts';

const AUDIENCE = 'x509.test.example';
const PALETTE = choosePalette({ env: {} });
const validate = new Ajv({ strict: true }).compile(
  JSON.parse(readFileSync(new URL('../../schemas/decision.schema.json', import.meta.url), 'utf8')) as object,
);

const REVOKED = `apiVersion: kube-x509-authn.dev/v1alpha1
kind: RevocationList
serials:
- {serial: '07', issuerName: my-ca, reason: laptop lost}
- {serial: '07', issuerName: partners}
`;

let directory: string;
let reviewer: Reviewer;
let current: Authenticator = { entries: [], paths: createPathVerifier() };
let authorities: Readonly<Record<string, Identity>>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'same-'));
  const [one, two, partners] = [
    await mintAuthority('my-ca'),
    await mintAuthority('my-ca'),
    await mintAuthority('partners'),
  ];
  writeFileSync(join(directory, 'revoked.yaml'), REVOKED);
  authorities = { one, two, partners, issuing: await mintIntermediate(one, 'partners') };
  // The server asks for the authenticator with each review.
  reviewer = await startReviewer({
    get entries() {
      return current.entries;
    },
    get paths() {
      return current.paths;
    },
  });
});
afterAll(async () => {
  await reviewer.close();
  rmSync(directory, { recursive: true, force: true });
});

const rules = (...expressions: readonly string[]): fc.Arbitrary<readonly object[]> =>
  fc.uniqueArray(
    fc.record({ expression: fc.constantFrom(...expressions), message: fc.constantFrom('', 'no', 'ä "b"') }),
    { maxLength: 2, selector: ({ expression }) => expression },
  );

const mappings = fc.constantFrom<{
  readonly workload?: object;
  readonly claimMappings?: object;
  readonly allowSystemIdentities?: boolean;
}>(
  {},
  {},
  { claimMappings: { username: { expression: '"x:" + cert.subject.commonName' } } },
  {
    claimMappings: {
      username: { expression: 'cert.uriSANs[0]' },
      groups: { expression: 'cert.subject.organization' },
    },
    allowSystemIdentities: true,
  },
  { workload: { profile: 'SPIFFE' } },
);

const entries = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('my-ca', 'partners'),
    ca: fc.constantFrom('one', 'two', 'partners'),
    request: rules('true', 'request.remoteaddr == "10.0.0.1"', '1 / 0 == 1'),
    certificate: rules(
      'cert.notAfter - cert.notBefore <= duration("48h")',
      'cert.dnsSANs[0] != ""',
      'size(cert.serialNumber) > 0',
    ),
    user: rules(
      '!user.username.startsWith("system:")',
      '"dev" in user.groups',
      'user.extra["none"][0] == "x"',
      'user.groups.all(g, g.matches("^[a-z:]*$"))',
    ),
    policy: fc.constantFrom('Open', 'Closed'),
    mapping: mappings,
    isRevoking: fc.boolean(),
  }),
  { minLength: 1, maxLength: 3, selector: ({ name, ca }) => `${name} ${ca}` },
);

type Entries = typeof entries extends fc.Arbitrary<infer T> ? T : never;

function toConfig(list: Entries): string {
  const x509 = list.map(({ name, ca, request, certificate, user, policy, mapping, isRevoking }) => ({
    issuer: { name, certificateAuthority: authorities[ca]?.pem },
    requestValidationRules: request,
    certificateValidationRules: certificate,
    userValidationRules: user,
    evaluationFailurePolicy: policy,
    ...(isRevoking && { revocation: { files: [join(directory, 'revoked.yaml')] } }),
    ...mapping,
    // One trust domain has the same anchors wherever it is named.
    ...(mapping.workload && { workload: { ...mapping.workload, trustDomain: `${ca}.example` } }),
  }));
  return JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1beta1',
    kind: 'AuthenticationConfiguration',
    x509,
  });
}

const text = fc.oneof(
  fc.constantFrom('alice', 'system:admin', 'dev', 'system:masters', 'a\nb', 'ü'),
  fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' }),
);

const templates: fc.Arbitrary<Template> = fc.record({
  subject: fc.array(
    fc.oneof(
      text.map((CN) => ({ CN })),
      text.map((O) => ({ O })),
    ),
    { maxLength: 3 },
  ),
  uriSANs: fc.constantFrom([], [], ['spiffe://one.example/ns/default/sa/web'], ['spiffe://other.example/a']),
  dnsSANs: fc.constantFrom([], ['a.example']),
  serialNumber: fc.constantFrom(7n, 8n, 9n),
  extKeyUsages: fc.constantFrom(['clientAuth'], ['clientAuth'], [], ['serverAuth']),
  notBefore: fc.constantFrom(NOW - HOUR, NOW - HOUR, NOW - HOUR, NOW + HOUR),
  notAfter: fc.constantFrom(NOW + HOUR, NOW + 30 * DAY, NOW + 2 * HOUR),
});

const cases = fc.record({
  entries,
  issuer: fc.constantFrom('one', 'one', 'two', 'partners', 'issuing'),
  template: templates,
  signer: fc.constantFrom('holder', 'holder', 'holder', 'thief'),
});

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

const FLAGS = {
  revocationFile: [],
  subject: [],
  uriSan: [],
  dnsSan: [],
  ipSan: [],
  emailSan: [],
  lifetime: '1h',
  output: 'text',
  failOn: [],
};

/** A fault in how dry-run makes its evidence, or none. */
type Tamper = (trial: SingleTrial) => SingleTrial;

async function dryRun(
  flags: Partial<DryRunFlags>,
  tamper: Tamper,
): Promise<{ readonly verdict: Verdict; readonly status: unknown; readonly json: unknown }> {
  const config = join(directory, 'authn.json');
  const read = await readTrial({ ...FLAGS, config, ...flags }, { at: NOW, remoteAddress: undefined });
  const trial = tamper(read);
  const verdict = judge(trial.authenticator, trial.presented);
  const review = JSON.parse(formatVerdict('tokenreview', { trial, verdict, palette: PALETTE })) as {
    status: unknown;
  };
  // The text of every decision can be written.
  expect(formatVerdict('text', { trial, verdict, palette: PALETTE })).not.toMatch(/[^\n\P{C}]/u);
  const json: unknown = JSON.parse(formatVerdict('json', { trial, verdict, palette: PALETTE }));
  return { verdict, status: review.status, json };
}

function withoutDecisionId(status: unknown): unknown {
  return JSON.parse(JSON.stringify(status).replace(/\(decision [0-9a-f]{16}\)/, '(decision dry-run)'));
}

/** Serve and dry-run decide alike; `seen` collects what they decide. */
function alike(seen: Set<string>, tamper: Tamper): fc.IAsyncProperty<[Case]> {
  return fc.asyncProperty(cases, async ({ entries, issuer, template, signer }) => {
    const authority = authorities[issuer] as Identity;
    const leaf = await mintClient(authority, template);
    const chain = issuer === 'issuing' ? ([leaf, authority] as const) : ([leaf] as const);
    const token = tokenOf(chain, signer === 'thief' ? authority : leaf);
    writeFileSync(join(directory, 'authn.json'), toConfig(entries));
    writeFileSync(join(directory, 'token'), token);
    writeFileSync(join(directory, 'leaf.pem'), chain.map(({ pem }) => pem).join(''));
    current = loadPolicy('--config', { config: join(directory, 'authn.json') });

    const served = withoutDecisionId(await reviewer.review(token));
    const byToken = await dryRun({ token: join(directory, 'token'), audience: AUDIENCE }, tamper);
    expect(byToken.status).toEqual(served);
    expect(validate(byToken.json)).toBe(true);
    seen.add(`${outcomeOf(byToken.verdict)} ${reasonOf(byToken.verdict)?.code.split('/')[0] ?? ''}`);

    // A certificate's file is as good as a token that its holder signed.
    if (signer === 'holder') {
      const byFile = await dryRun({ cert: join(directory, 'leaf.pem') }, tamper);
      if (byToken.verdict.kind === 'decided') expect(byFile.status).toEqual(served);
    }
  });
}

const RUNS = { numRuns: 250, seed: 7 };

describe('the same evidence', () => {
  it('is decided alike by serve, over TLS, and by dry-run', { timeout: 120_000 }, async () => {
    const seen = new Set<string>();
    await fc.assert(
      alike(seen, (trial) => trial),
      RUNS,
    );
    // The property has met every kind of outcome.
    expect([...seen].sort()).toEqual(
      expect.arrayContaining([
        'authenticated ',
        'denied certificate',
        'denied mapping',
        'denied possession',
        'denied request',
        'denied revocation',
        'denied user',
        'no-opinion path',
      ]),
    );
  });

  it.each<[string, Tamper]>([
    ['does not check a signature', withEvidence(() => ({ possession: { kind: 'assumed' } }))],
    ['believes an address', withEvidence(() => ({ remoteAddress: '10.0.0.1' }))],
    ['has a clock that is slow', withEvidence(({ at }) => ({ at: at - 2 * HOUR }))],
    ['loses intermediates', withEvidence(({ chain: [leaf] }) => ({ chain: [leaf] }))],
    ['asks the last entry first', withEntries((entries) => entries.toReversed())],
    ['forgets revocation', withEntries((entries) => entries.map(forgetRevocation))],
    [
      'lets every evaluation error pass',
      withEntries((entries) =>
        entries.map((entry) => ({ ...entry, evaluationFailurePolicy: 'Open' as const })),
      ),
    ],
  ])('is not decided alike where dry-run %s', { timeout: 120_000 }, async (_, tamper) => {
    const { failed } = await fc.check(alike(new Set(), tamper), { ...RUNS, endOnFailure: true });
    expect(failed).toBe(true);
  });
});

function withEvidence(change: (evidence: Evidence) => Partial<Evidence>): Tamper {
  return (trial) => {
    const { presented } = trial;
    if (presented.kind === 'refused') return trial;
    const evidence = { ...presented.evidence, ...change(presented.evidence) };
    return { ...trial, presented: { kind: 'evidence', evidence } };
  };
}

function withEntries(change: (entries: readonly Entry[]) => readonly Entry[]): Tamper {
  return (trial) => {
    const { authenticator } = trial;
    return { ...trial, authenticator: { ...authenticator, entries: change(authenticator.entries) } };
  };
}

function forgetRevocation(entry: Entry): Entry {
  const { revocation, ...rest } = entry;
  return revocation === undefined ? entry : rest;
}
