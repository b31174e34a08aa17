import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Authenticator } from '../../src/authenticator/authenticator.ts';
import { createNativeJudge, type NativeJudge } from '../../src/authenticator/native-judge.ts';
import { buildCertificateRevocationList } from '../../src/x509/build.ts';
import { toPem } from '../../src/x509/pem.ts';
import { authenticatorOf, compileText, type Files } from '../authenticators.ts';
import {
  flagsOf,
  freshReview,
  openWorkplace,
  review,
  type Serving,
  startServe,
  type Workplace,
} from '../cli/serving.ts';
import { eventually } from '../eventually.ts';
import { REJECTIONS } from '../../src/server/metrics.ts';
import { policyOf, revocationListOf } from '../native-policies.ts';
import { DAY, HOUR, type Identity, mintAuthority, mintClient, mintServing, NOW } from '../pki.ts';
import { reviewOf, startWebhook, tokenOf, type Webhook, type WebhookParts } from '../server/webhook.ts';
import { firingAlerts, hasPromtool, type Page, parsePage, promtool } from './promtool.ts';

const RULES = fileURLToPath(new URL('../../config/deploy/prometheus/alerts.yaml', import.meta.url));
const LIST = `[${Array.from({ length: 150 }, (_, index) => index)}]`;
const COSTLY = `${LIST}.all(a, ${LIST}.all(b, ${LIST}.all(c, a + b + c >= 0)))`;

/** Alerts that a test has seen firing. */
const seen = new Set<string>();

let ca: Identity;
let alice: Identity;
let place: Workplace;

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  alice = await mintClient(ca);
  place = await openWorkplace();
});
afterAll(() => place.remove());

function withRules(rules: string): Authenticator {
  return authenticatorOf(`- issuer: {name: my-ca}\n${rules}`, ca.pem);
}

/** An authenticator of one entry with anchors of its own, and files. */
function withFiles(rules: string, files: Files): Authenticator {
  const { authenticator } = compileText(
    `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
x509:
- issuer: {certificateAuthorityFile: ca.pem}
${rules}`,
    { files: { 'ca.pem': ca.pem, ...files } },
  );
  return authenticator!;
}

/** The pages of a server in this process before and after something happens to it. */
async function scrapeAround(
  parts: Partial<WebhookParts>,
  happen: (webhook: Webhook) => Promise<unknown>,
): Promise<{ readonly before: Page; readonly after: Page }> {
  const authenticator = withRules('');
  const webhook = await startWebhook({ authenticator: () => authenticator, ...parts });
  const scrape = async (): Promise<Page> =>
    new Map([...parsePage(await webhook.metrics.registry.metrics()), [BUILD_INFO, '1']]);
  try {
    const before = await scrape();
    await happen(webhook);
    return { before, after: await scrape() };
  } finally {
    await webhook.close();
  }
}

/** What only the program adds to the page. */
const BUILD_INFO = 'kube_x509_authn_build_info{version="test"}';

const authorize = (webhook: Webhook): Promise<unknown> =>
  webhook.send(
    JSON.stringify({
      kind: 'SubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      spec: {
        user: 'alice',
        extra: {
          'authentication.kubernetes.io/credential-id': [`X509SHA256=${alice.certificate.fingerprint}`],
        },
      },
    }),
    { path: '/authorize' },
  );

const logIn = (webhook: Webhook): Promise<unknown> => webhook.send(reviewOf(tokenOf(alice)));

/** The pages of a `serve` before and after something happens to it. */
async function scrapeProgramAround(
  flags: readonly string[],
  happen: (serving: Serving) => unknown,
  isThere: (page: Page) => boolean,
): Promise<{ readonly before: Page; readonly after: Page }> {
  const serving = await startServe([...flagsOf(place), ...flags]);
  try {
    const scrape = async (): Promise<Page> => withoutAnchors(parsePage((await serving.get('/metrics')).text));
    const before = await scrape();
    await happen(serving);
    const after = await eventually(async () => {
      const page = await scrape();
      expect(isThere(page)).toBe(true);
      return page;
    });
    return { before, after };
  } finally {
    serving.process.kill('SIGKILL');
    await serving.ended;
  }
}

/** The program's anchors live for a day only. */
function withoutAnchors(page: Page): Page {
  return new Map([...page].filter(([series]) => !series.includes('anchor_expiration_seconds')));
}

/** What fires before and after; whatever does is noted as tested. */
async function alertsOf(pages: {
  before: Page;
  after: Page;
}): Promise<Record<'before' | 'after', readonly string[]>> {
  const fired = await firingAlerts({ rules: RULES, ...pages });
  for (const alert of fired.after) seen.add(alert);
  return fired;
}

const only = (...alerts: readonly string[]) => ({ before: [], after: alerts });

describe.skipIf(!hasPromtool())('an alert fires when, and only when,', () => {
  it('the rules are such as Prometheus takes', async () => {
    expect(await promtool('check', 'rules', RULES)).toContain('SUCCESS');
  });

  it('no server is scraped', async () => {
    const { before } = await scrapeAround({}, logIn);
    expect(await alertsOf({ before, after: new Map() })).toEqual(only('KubeX509AuthnDown'));
  });

  it('nothing, for logins that are good', async () => {
    const pages = await scrapeAround({}, async (webhook) => {
      for (let count = 0; count < 30; count += 1) await logIn(webhook);
    });
    expect(await alertsOf(pages)).toEqual(only());
  });

  it('a request cannot be decided for a fault of ours', async () => {
    const authenticator = withRules('');
    let isBroken = false;
    const pages = await scrapeAround(
      {
        authenticator: () => {
          if (!isBroken) return authenticator;
          isBroken = false;
          throw new Error('broken on purpose');
        },
      },
      (webhook) => {
        isBroken = true;
        return logIn(webhook);
      },
    );
    expect(await alertsOf(pages)).toEqual(only('KubeX509AuthnFault'));
  });

  it('a newer configuration is bad', async () => {
    const pages = await scrapeProgramAround(
      [],
      () => place.write('authn.yaml', 'x509: ['),
      (page) => page.get('kube_x509_authn_newer_version_refused{source="authentication-config"}') === '1',
    );
    place.configure('alice only');
    expect(await alertsOf(pages)).toEqual(only('KubeX509AuthnNewVersionRefused'));
  });

  it('a rule cannot be evaluated and lets pass', async () => {
    const authenticator = withRules(
      '  userValidationRules: [{expression: \'user.extra["example.org/missing"][0] == "x"\'}]\n',
    );
    const pages = await scrapeAround({ authenticator: () => authenticator }, logIn);
    expect(await alertsOf(pages)).toEqual(only('KubeX509AuthnRuleFailedOpen'));
  });

  it.each([
    ['cannot be evaluated and lets pass', '{"a": true}[user.username]', 'KubeX509AuthnRuleFailedOpen'],
    ['reaches the cost limit', COSTLY, 'KubeX509AuthnCostLimitExceeded'],
  ])('a rule of the native policy %s', async (_, expression, alert) => {
    const judge = createNativeJudge(policyOf(`userValidationRules: [{expression: '${expression}'}]\n`));
    const pages = await scrapeAround({ judge: () => judge }, authorize);
    expect(await alertsOf(pages)).toEqual(only(alert));
  });

  it('a review of a native certificate meets a fault of ours', async () => {
    const judge = createNativeJudge(policyOf(''));
    let isBroken = false;
    const breakable = (): NativeJudge => {
      if (isBroken) throw new Error('broken on purpose');
      return judge;
    };
    const pages = await scrapeAround({ judge: breakable }, async (webhook) => {
      isBroken = true;
      await authorize(webhook);
      isBroken = false;
    });
    expect(await alertsOf(pages)).toEqual(only('KubeX509AuthnFault'));
  });

  it('an expression reaches the cost limit', async () => {
    const authenticator = withRules(`  userValidationRules: [{expression: '${COSTLY}'}]\n`);
    const pages = await scrapeAround({ authenticator: () => authenticator }, logIn);
    expect(await alertsOf(pages)).toEqual(only('KubeX509AuthnCostLimitExceeded'));
  });

  it('most logins are refused', async () => {
    const authenticator = withRules("  userValidationRules: [{expression: 'false'}]\n");
    const pages = await scrapeAround({ authenticator: () => authenticator }, async (webhook) => {
      for (let count = 0; count < 30; count += 1) await logIn(webhook);
    });
    expect(await alertsOf(pages)).toEqual(only('KubeX509AuthnLoginsRefused'));
  });

  it('somebody uses a revoked certificate', async () => {
    const revoked = {
      'revoked.yaml': revocationListOf(`fingerprints: [{sha256: "${alice.certificate.fingerprint}"}]\n`),
    };
    const authenticator = withFiles('  revocation: {files: [revoked.yaml]}\n', revoked);
    const pages = await scrapeAround({ authenticator: () => authenticator }, logIn);
    expect(await alertsOf(pages)).toEqual(only('KubeX509AuthnRevokedCertificateUsed'));
    const judge = createNativeJudge(policyOf('revocation: {files: [revoked.yaml]}\n', revoked));
    const native = await scrapeAround({ judge: () => judge }, authorize);
    expect(await alertsOf(native)).toEqual(only('KubeX509AuthnRevokedCertificateUsed'));
  });

  it('decisions take more than a second', async () => {
    let ticks = 0;
    const pages = await scrapeAround({ ticks: () => (ticks += 1500) }, logIn);
    // One slow decision in each scrape interval, as on a server that stays slow.
    const slow = [...pages.after].filter(([series]) => series.includes('authentication_duration_seconds'));
    const growing = new Map([
      ...pages.after,
      ...slow.map(([series, value]) => [series, `${value}+`] as const),
    ]);
    expect(await alertsOf({ before: pages.before, after: growing })).toEqual(only('KubeX509AuthnSlow'));
  });

  it('the in-flight limit turns requests away', async () => {
    expect(await alertsOf(await scrapeAround({ limits: { inFlight: 0 } }, logIn))).toEqual(
      only('KubeX509AuthnRequestsRejected'),
    );
  });

  it('a caller is not let in', async () => {
    const callers = () => ({ kind: 'refused', code: 'caller/no-certificate', why: 'none' }) as const;
    expect(await alertsOf(await scrapeAround({ callers }, logIn))).toEqual(
      only('KubeX509AuthnCallersRefused'),
    );
  });

  it('the disk of the audit trail is full, and logins go on', async () => {
    const pages = await scrapeProgramAround(
      ['--audit-log-path', '/dev/full'],
      async ({ port }) => {
        const { status } = await review(freshReview(place.alice), { port, ca: place.serving.pem });
        expect(status).toMatchObject({ authenticated: true });
      },
      (page) => Number(page.get('kube_x509_authn_audit_events_lost_total')) > 1,
    );
    // The server's own first event is lost before anybody can scrape it.
    const before = new Map([...pages.before, ['kube_x509_authn_audit_events_lost_total', '0'] as const]);
    expect(await alertsOf({ before, after: pages.after })).toEqual(only('KubeX509AuthnAuditEventsLost'));
  });

  it('nobody reads the log, and logins go on', async () => {
    const pages = await scrapeProgramAround(
      [],
      async ({ port, process }) => {
        process.stderr?.destroy();
        const { status } = await review(freshReview(place.alice), { port, ca: place.serving.pem });
        expect(status).toMatchObject({ authenticated: true });
      },
      (page) => Number(page.get('kube_x509_authn_log_losses_total')) > 0,
    );
    expect(await alertsOf(pages)).toEqual(only('KubeX509AuthnLogLost'));
  });

  it('the serving certificate is about to expire', async () => {
    const short = await mintServing(Date.now() + 3 * DAY);
    const pages = await scrapeProgramAround(
      [],
      () => {
        place.write('tls.key', short.keyPem);
        place.write('tls.crt', short.pem);
      },
      (page) => Number(page.get('kube_x509_authn_serving_certificate_expiration_seconds')) < (4 * DAY) / 1000,
    );
    place.write('tls.key', place.serving.keyPem);
    place.write('tls.crt', place.serving.pem);
    expect(await alertsOf(pages)).toEqual(only('KubeX509AuthnServingCertificateExpires'));
  });

  it('an anchor is about to expire', async () => {
    let now = NOW;
    const pages = await scrapeAround({ now: () => now }, async () => {
      now = NOW + 345 * DAY;
    });
    expect(await alertsOf(pages)).toEqual(only('KubeX509AuthnAnchorExpires'));
  });

  it.each([
    { when: 'is not being replaced', later: 20 * HOUR, alerts: ['KubeX509AuthnCrlExpires'] },
    {
      when: 'is past its nextUpdate',
      later: 25 * HOUR,
      alerts: ['KubeX509AuthnCrlExpires', 'KubeX509AuthnCrlExpired'],
    },
  ])('a CRL $when', async ({ later, alerts }) => {
    let now = NOW;
    const crl = await buildCertificateRevocationList({
      issuer: { certificate: ca.der, key: ca.key },
      thisUpdate: NOW,
      nextUpdate: NOW + DAY,
      entries: [],
    });
    const files = { 'ca.crl': toPem(crl, 'X509 CRL') };
    const authenticator = withFiles('  revocation: {files: [ca.crl]}\n', files);
    const pages = await scrapeAround({ authenticator: () => authenticator, now: () => now }, async () => {
      now = NOW + later;
    });
    expect(await alertsOf(pages)).toEqual(only(...alerts));
    now = NOW;
    const policy = 'certificates: [ca.pem]\nrevocation: {files: [ca.crl]}\n';
    const judge = createNativeJudge(policyOf(policy, { ...files, 'ca.pem': ca.pem }));
    const native = await scrapeAround({ judge: () => judge, now: () => now }, async () => {
      now = NOW + later;
    });
    expect(await alertsOf(native)).toEqual(only(...alerts));
  });

  it('and nothing is counted as lost, refused or broken that no alert is about, but for a reason', () => {
    const alerts = readFileSync(RULES, 'utf8');
    const counters = [
      ...readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8').matchAll(
        /^\| `(\w+)` \| counter \|/gm,
      ),
    ].map(([, name = '']) => name);
    const others = counters.filter((name) => !alerts.includes(name));
    // Failed reloads have a gauge; the others count what is well.
    expect(others.toSorted()).toEqual(
      [
        'anchor_uses_total',
        'automatic_reloads_total',
        'certificate_signature_checks_total',
        'native_reviews_total',
        'native_verdict_cache_total',
        'path_cache_lookups_total',
        'rule_evaluations_total',
      ].map((name) => `kube_x509_authn_${name}`),
    );
    const reasons: readonly string[] =
      /requests_rejected_total\{reason=~"([^"]+)"\}/.exec(alerts)?.[1]?.split('|') ?? [];
    const docs = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const [, excepted = ''] = /No alert is for ([^\n]*)/.exec(docs) ?? [];
    for (const reason of REJECTIONS)
      expect([reason, reasons.includes(reason)]).toEqual([reason, !excepted.includes(`\`${reason}\``)]);
  });

  it('and no alert is without such a test, or without a place in the runbook', () => {
    const { groups } = parse(readFileSync(RULES, 'utf8'));
    const alerts: string[] = groups.flatMap(({ rules }: { rules: { alert: string }[] }) =>
      rules.map(({ alert }) => alert),
    );
    expect(seen).toEqual(new Set(alerts));
    const headings = [
      ...readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8').matchAll(
        /^### (KubeX509Authn\w+)$/gm,
      ),
    ].map(([, name]) => name);
    expect(new Set(headings)).toEqual(new Set(alerts));
  });
});
