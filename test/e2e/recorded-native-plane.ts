import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { readClientCertificate } from '../../src/cli/kubeconfig.ts';
import { commonName, organizations } from '../../src/x509/name.ts';
import { parsePemCertificates } from '../../src/x509/pem.ts';
import { matches } from '../match-condition.ts';
import { openWebhookClient, type WebhookClient } from './webhook-client.ts';
import type { Listed, NativeControlPlane, NativeSite, Resource } from './native-control-plane.ts';

/** A user as kube-apiserver makes one of a client certificate. */
interface User {
  readonly user: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** The status of a SubjectAccessReview, or why there is none. */
type Answer = { readonly denied?: boolean; readonly reason?: string } | { readonly error: string };

/** An authorizer of an AuthorizationConfiguration, with the fields that `compile` writes. */
interface Authorizer {
  readonly type: 'Webhook' | 'Node' | 'RBAC';
  readonly webhook: {
    readonly unauthorizedTTL: string;
    readonly timeout: string;
    readonly failurePolicy: 'NoOpinion' | 'Deny';
    readonly connectionInfo: { readonly kubeConfigFile: string };
    readonly matchConditions: readonly { readonly expression: string }[];
  };
}

/**
 * What kube-apiserver 1.36 was recorded to do around an authorization webhook: nobody is asked about `system:masters`, match conditions
 * select, the very bytes of the review, answers that are remembered for the `unauthorizedTTL` by the whole spec, no second try, the
 * failure policy, and the reason in the 403.
 */
export function startRecordedNativePlane(site: NativeSite): NativeControlPlane {
  const { authorizers } = parse(readFileSync(site.authorizationConfig, 'utf8')) as {
    authorizers: readonly Authorizer[];
  };
  const webhooks = new Map(
    authorizers
      .filter(({ type }) => type === 'Webhook')
      .map((authorizer) => [authorizer, openWebhook(authorizer.webhook)]),
  );
  return {
    title: 'a client that does what kube-apiserver 1.36 was recorded to do',
    async list(kubeconfig, resource) {
      const user = userOf(kubeconfig);
      if (user.groups.includes('system:masters')) return { kind: 'listed' };
      for (const authorizer of authorizers) {
        const webhook = webhooks.get(authorizer);
        const outcome =
          webhook === undefined
            ? allows(authorizer, user, resource)
            : await judge(webhook, authorizer, user, resource);
        if (outcome !== undefined) return outcome;
      }
      return forbidden(user, resource);
    },
    async close() {
      for (const webhook of webhooks.values()) webhook.close();
    },
  };
}

function userOf(kubeconfig: string): User {
  const parsed = parsePemCertificates(readClientCertificate(kubeconfig));
  const [certificate] = parsed.ok ? parsed.certificates : [];
  if (certificate === undefined) throw new Error(`${kubeconfig} has no certificate`);
  const { subject, fingerprint } = certificate;
  return {
    user: commonName(subject),
    groups: [...organizations(subject), 'system:authenticated'],
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
  };
}

function allows({ type }: Authorizer, { groups }: User, resource: Resource): Listed | undefined {
  const isAllowed =
    type === 'Node'
      ? groups.includes('system:nodes') && resource === 'services'
      : groups.includes('dev') && resource === 'namespaces';
  return isAllowed ? { kind: 'listed' } : undefined;
}

async function judge(
  webhook: Webhook,
  { webhook: { matchConditions, failurePolicy } }: Authorizer,
  user: User,
  resource: Resource,
): Promise<Listed | undefined> {
  if (!matchConditions.every(({ expression }) => matches(expression, user.user, user.extra)))
    return undefined;
  const answer = await webhook.review(user, resource);
  if ('error' in answer) {
    if (failurePolicy === 'NoOpinion') return undefined;
    return { kind: 'failed', message: `Error from server (InternalError): ${answer.error}` };
  }
  return answer.denied === true ? forbidden(user, resource, answer.reason) : undefined;
}

function forbidden({ user }: User, resource: Resource, reason?: string): Listed {
  const text = `${resource} is forbidden: User ${JSON.stringify(user)} cannot list resource "${resource}" in API group "" at the cluster scope`;
  return {
    kind: 'forbidden',
    message: `Error from server (Forbidden): ${text}${reason === undefined ? '' : `: ${reason}`}`,
  };
}

interface Webhook {
  review(user: User, resource: Resource): Promise<Answer>;
  close(): void;
}

function openWebhook({ connectionInfo, unauthorizedTTL, timeout }: Authorizer['webhook']): Webhook {
  const client = openWebhookClient(connectionInfo.kubeConfigFile, timeout);
  const remembered = new Map<string, { readonly answer: Answer; readonly until: number }>();
  return {
    async review({ user, groups, extra }, resource) {
      const spec = { resourceAttributes: { verb: 'list', version: 'v1', resource }, user, groups, extra };
      const body = `{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","metadata":{},"spec":${JSON.stringify(spec)},"status":{"allowed":false}}\n`;
      const known = remembered.get(body);
      if (known !== undefined && performance.now() < known.until) return known.answer;
      const answer = await ask(client, body);
      // Nothing is allowed here, so that one time to live is enough; what went wrong is not remembered.
      if (!('error' in answer))
        remembered.set(body, {
          answer,
          until: performance.now() + 1000 * Number.parseInt(unauthorizedTTL, 10),
        });
      return answer;
    },
    close: client.close,
  };
}

async function ask({ url, post }: WebhookClient, body: string): Promise<Answer> {
  try {
    const { status, text } = await post(body);
    return status === 200 ? toAnswer(text) : { error: `${status}: ${text}` };
  } catch (error) {
    return { error: `Post "${url}": ${error instanceof Error ? error.message : String(error)}` };
  }
}

function toAnswer(text: string): Answer {
  const { apiVersion, kind, status } = JSON.parse(text);
  if (apiVersion !== 'authorization.k8s.io/v1' || kind !== 'SubjectAccessReview')
    return { error: 'unknown conversion' };
  if (status.allowed === true) throw new Error('the webhook allowed something');
  return status;
}
