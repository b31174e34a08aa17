import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { authenticatorOf } from '../authenticators.ts';
import { type Identity, mintAuthority, mintClient, mintIntermediate } from '../pki.ts';
import {
  ask,
  type FrontDoor,
  holding,
  mintSessionKey,
  openTerminator,
  sessionService,
} from '../server/front-door.ts';

const TEXT = readFileSync(new URL('../../config/deploy/envoy/envoy.yaml', import.meta.url), 'utf8');
const { listeners, clusters } = parse(TEXT).static_resources;
const [chain] = listeners[0].filter_chains;
const manager = chain.filters[0].typed_config;
const [authz] = manager.http_filters.map(({ typed_config }: { typed_config: unknown }) => typed_config);
const [host] = manager.route_config.virtual_hosts;

/** The flags of `serve` that the comment at the top asks for. */
const FLAGS: Readonly<Record<string, string>> = Object.fromEntries(
  [...TEXT.matchAll(/--(terminator-[\w-]+) ([^\s\\]+)/g)].map(([, flag, value]) => [flag, value]),
);

let door: FrontDoor;
let sub: Identity;
let alice: Identity;
let envoy: Identity;

beforeAll(async () => {
  const ca = await mintAuthority('my-ca');
  sub = await mintIntermediate(ca, 'sub-ca');
  alice = await mintClient(sub);
  const terminators = await mintAuthority('terminators');
  envoy = await mintClient(terminators, { subject: [{ CN: FLAGS['terminator-allowed-names'] ?? '' }] });
  const entries = `- issuer: {certificateAuthorityFile: ca.pem}
  requestValidationRules: [{expression: 'request.remoteaddr == "127.0.0.2"', message: only from 127.0.0.2}]
`;
  const authenticator = authenticatorOf(entries, ca.pem);
  const key = await mintSessionKey();
  door = await openTerminator(sessionService({ authenticator: () => authenticator, keys: () => [key] }), {
    ca: terminators,
    allowedNames: [FLAGS['terminator-allowed-names'] ?? ''],
    headers: {
      form: FLAGS['terminator-certificate-header'] as 'envoy',
      addressHeader: FLAGS['terminator-address-header']?.toLowerCase() ?? '',
    },
  });
});
afterAll(() => door.close());

type Headers = Readonly<Record<string, string>>;

interface Client {
  readonly address: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
}

/** Asks as Envoy does by this configuration; gives the status and what goes on to kube-apiserver. */
async function authorize({ address, method, path, headers }: Client) {
  const pem = encodeURIComponent(alice.pem);
  const details = {
    Hash: createHash('sha256').update(alice.der).digest('hex'),
    ...(manager.set_current_client_cert_details.cert && { Cert: `"${pem}"` }),
    ...(manager.set_current_client_cert_details.chain && { Chain: `"${pem}${encodeURIComponent(sub.pem)}"` }),
  };
  const element = Object.entries(details).map(([key, value]) => `${key}=${value}`);
  const sanitized: Headers = { ...headers, 'x-forwarded-client-cert': element.join(';') };
  const {
    authorization_request: request,
    authorization_response: response,
    path_prefix,
  } = authz.http_service;
  const allowed = namesOf(authz.allowed_headers);
  const asked = Object.entries(sanitized).filter(([name]) => allowed.has(name) || name === 'authorization');
  const added = request.headers_to_add.map(({ key, value }: { key: string; value: string }) => [
    key,
    value.replace('%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%', address),
  ]);
  const answer = await ask(door, {
    method,
    path: path_prefix + path,
    ...holding(envoy),
    headers: Object.fromEntries([...asked, ...added]),
  });
  const upstream = namesOf(response.allowed_upstream_headers);
  const taken = Object.entries(answer.headers).filter(([name]) => upstream.has(name));
  return { status: answer.status, body: answer.body, headers: Object.fromEntries(taken) };
}

const namesOf = ({ patterns }: { patterns: readonly { exact: string }[] }): ReadonlySet<string> =>
  new Set(patterns.map(({ exact }) => exact));

describe('the configuration for Envoy', () => {
  it('asks in a way that serve with its flags answers, and hands on the session alone', async () => {
    const client = { address: '127.0.0.2', method: 'DELETE', path: '/api/v1/pods?watch=1' };
    const { status, headers } = await authorize({
      ...client,
      headers: { 'x-real-ip': '127.0.0.9', 'client-cert': ':AAAA:', authorization: 'Bearer mine' },
    });
    expect([status, Object.keys(headers)]).toEqual([200, ['authorization']]);
    expect(headers['authorization']).toMatch(/^Bearer kube-x509-session-v1\./);
  });

  it('is denied by where the connection comes from, whatever the client says', async () => {
    const { status, body, headers } = await authorize({
      address: '127.0.0.3',
      method: 'GET',
      path: '/',
      headers: { 'x-real-ip': '127.0.0.2', 'x-forwarded-for': '127.0.0.2' },
    });
    expect([status, body.message, headers]).toEqual([403, expect.stringMatching(/^request\/denied: /), {}]);
  });

  it.each<[string, unknown, unknown]>([
    ['sets the certificate header itself', manager.forward_client_cert_details, 'SANITIZE_SET'],
    ['takes the address from the connection', manager.use_remote_address, true],
    ['lets nobody in without an answer', authz.failure_mode_allow, false],
    [
      'resumes no handshake by ticket',
      chain.transport_socket.typed_config.disable_stateless_session_resumption,
      true,
    ],
    ['nor by its memory', chain.transport_socket.typed_config.disable_stateful_session_resumption, true],
    [
      'takes from the client who it says it is',
      manager.early_header_mutation_extensions[0].typed_config.mutations,
      [{ remove: 'authorization' }, { remove_on_match: { key_matcher: { prefix: 'x-remote-' } } }],
    ],
    [
      'hands on no certificate and no address that a client names',
      new Set(host.request_headers_to_remove),
      new Set([
        'x-forwarded-client-cert',
        'client-cert',
        'client-cert-chain',
        'ssl-client-cert',
        'x-real-ip',
        'forwarded',
      ]),
    ],
    ['says the address itself', host.request_headers_to_add[0].append_action, 'OVERWRITE_IF_EXISTS_OR_ADD'],
    [
      'lets kubectl exec upgrade',
      manager.upgrade_configs.map(({ upgrade_type }: { upgrade_type: string }) => upgrade_type),
      ['websocket', 'SPDY/3.1'],
    ],
  ])('%s', (_, value, expected) => {
    expect(value).toEqual(expected);
  });

  it('shows its certificate to kube-x509-authn alone, and verifies whom it asks', () => {
    const tls = clusters.map(
      ({ name, transport_socket }: { name: string; transport_socket: { typed_config: object } }) => [
        name,
        transport_socket.typed_config,
      ],
    );
    const { kube_x509_authn: authn, kube_apiserver: apiserver } = Object.fromEntries(tls);
    expect(authn.common_tls_context.tls_certificates).toHaveLength(1);
    expect(apiserver.common_tls_context).not.toHaveProperty('tls_certificates');
    for (const { common_tls_context } of [authn, apiserver])
      expect(common_tls_context.validation_context).toMatchObject({
        trusted_ca: expect.anything(),
        match_typed_subject_alt_names: [{ san_type: 'DNS' }],
      });
  });
});
