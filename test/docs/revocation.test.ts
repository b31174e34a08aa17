import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readNativePolicy } from '../../src/authenticator/read-native-policy.ts';
import { REASONS } from '../../src/authenticator/reason.ts';
import { compileAuthorization } from '../../src/cli/compile/authorization.ts';
import { loadNativePolicy } from '../../src/config/native-certificate-policy.ts';
import { findFiles } from '../../src/server/find-files.ts';
import { createNativeMetrics } from '../../src/server/native-metrics.ts';
import { run } from '../cli/program.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const TEXT = readFileSync(join(PROJECT, 'docs/revocation.md'), 'utf8');

/** The code blocks of a language, without their indentation. */
function blocks(language: string): readonly string[] {
  const pattern = new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'gms');
  return [...TEXT.matchAll(pattern)].map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

describe('docs/revocation.md', () => {
  it('shows commands that exist, with flags that they have', async () => {
    const lines = blocks('sh').flatMap((block) =>
      block
        .replaceAll(/ \\\n */g, ' ')
        .split('\n')
        .filter((line) => line.startsWith('kube-x509-authn')),
    );
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const [, command = ''] = line.split(' ');
      const { code, stdout } = await run([command, '--help']);
      expect([line, code]).toEqual([line, 0]);
      for (const [flag] of line.matchAll(/--[a-z-]+/g)) expect(stdout).toContain(flag);
    }
  });

  it('shows policies and fields that load', () => {
    const head = 'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: NativeCertificatePolicy\n';
    const policies = blocks('yaml').filter(
      (text) => !text.includes('AuthorizationConfiguration') && !text.includes('nativePolicy:'),
    );
    expect(policies.length).toBeGreaterThan(2);
    for (const text of policies) {
      const whole = text.startsWith('apiVersion') ? text : head + text;
      expect(loadNativePolicy(whole)).toMatchObject({ kind: 'policy', warnings: [] });
    }
  });

  it('shows policy tests that the policy of the examples passes', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'revocation-'));
    try {
      cpSync(join(PROJECT, 'config/examples/native-certificates'), directory, { recursive: true });
      const text = blocks('yaml').find((block) => block.includes('nativePolicy:')) ?? '';
      writeFileSync(join(directory, 'native-policy.authn-test.yaml'), text);
      const { code, stdout } = await run(['test', directory]);
      expect([code, stdout]).toEqual([0, expect.stringContaining('2 cases, 0 failed')]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('shows the AuthorizationConfiguration that compile writes', () => {
    const shown = blocks('yaml').find((text) => text.includes('AuthorizationConfiguration')) ?? '';
    const result = compileAuthorization({
      directory: '/etc/kubernetes/x509-authn',
      server: 'https://127.0.0.1:8443',
      certificateAuthority: '/var/run/kube-x509-authn/tls.crt',
      failurePolicy: 'NoOpinion',
    });
    const written = result.ok ? result.compiled.files[0]?.text : result.error;
    expect(parse(shown)).toEqual(parse(written ?? ''));
  });

  it('tells of every metric of the endpoint, and of codes that there are', async () => {
    const registry = new Registry();
    createNativeMetrics(registry);
    const names = registry.getMetricsAsArray().map(({ name }) => name);
    const told = [...TEXT.matchAll(/`(kube_x509_authn_native_\w+)/g)].map(([, name = '']) => name);
    expect(told.toSorted()).toEqual(names.toSorted());
    const codes = [...TEXT.matchAll(/^\| (`[a-z]+\/[a-z-]+`.*?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([a-z/-]+)`/g)].map(([, code = '']) => code),
    );
    const denials = (await registry.getSingleMetric('kube_x509_authn_native_denials_total')!.get()).values;
    const counted = denials.map(({ labels }) => String(labels['code']));
    expect(codes.toSorted()).toEqual(counted.toSorted());
    for (const code of codes) expect(Object.keys(REASONS)).toContain(code);
  });

  it('links to files that there are', () => {
    const links = [...TEXT.matchAll(/\]\(([^)#]+)/g)].map(([, link = '']) => link);
    const missing = links.filter(
      (link) => !link.startsWith('http') && !existsSync(join(PROJECT, 'docs', link)),
    );
    expect([links.length > 0, missing]).toEqual([true, []]);
  });
});

it('config/examples/native-certificates is a policy that loads with its list', () => {
  const file = join(PROJECT, 'config/examples/native-certificates/native-policy.yaml');
  const readFile = (path: string): Buffer => readFileSync(join(dirname(file), path));
  const read = readNativePolicy(readFileSync(file), { readFile, findFiles });
  expect(read).toMatchObject({ kind: 'compiled', warnings: [] });
  expect(read.kind === 'compiled' && read.policy.revocations.fingerprints.size).toBe(1);
});
