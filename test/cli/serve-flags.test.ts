import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addServeFlags, parseServeFlags, type ServeOptions } from '../../src/cli/serve-flags.ts';
import { DEFAULT_LIMITS } from '../../src/server/server-limits.ts';

const REQUIRED = ['--config', 'authn.yaml', '--audience', 'x509.test.example'];
const TOKENS = [
  '--caller-token-issuer',
  'https://x',
  '--caller-token-audience',
  'y',
  '--caller-token-subjects',
  'z',
];
const NAMES = ['--caller-allowed-names', 'kube-apiserver'];

function parse(...flags: string[]): ServeOptions {
  const command = addServeFlags(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return parseServeFlags(command.parse([...REQUIRED, ...flags], { from: 'user' }).opts());
}

describe('the flags of serve', () => {
  it('have defaults that need only a configuration and an audience', () => {
    expect(parse()).toEqual({
      files: { config: 'authn.yaml', revocationFiles: [] },
      audiences: ['x509.test.example'],
      logging: { identities: 'left-out' },
      secure: { host: '127.0.0.1', port: 8443 },
      health: { host: '127.0.0.1', port: 8081 },
      servingCertificate: { directory: '/var/run/kube-x509-authn' },
      tls: { minVersion: 'VersionTLS12', cipherSuites: [] },
      callers: { require: 'any' },
      fronts: {},
      certDir: '/var/run/kube-x509-authn',
      limits: DEFAULT_LIMITS,
      shutdownDelayMs: 0,
    });
  });

  it.each<[string, string[], Partial<ServeOptions>]>([
    [
      'revocation files',
      ['--revocation-file', 'a', '--revocation-file', 'b'],
      { files: { config: 'authn.yaml', revocationFiles: ['a', 'b'] } },
    ],
    ['a delay', ['--shutdown-delay', '1m30s'], { shutdownDelayMs: 90_000 }],
    ['a limit', ['--max-requests-inflight', '10'], { limits: { ...DEFAULT_LIMITS, inFlight: 10 } }],
    [
      'TLS settings',
      [
        '--tls-min-version',
        'VersionTLS13',
        '--tls-cipher-suites',
        'TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
      ],
      {
        tls: {
          minVersion: 'VersionTLS13',
          cipherSuites: ['TLS_AES_128_GCM_SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
        },
      },
    ],
    [
      'callers by certificate',
      ['--caller-ca-file', 'ca.pem', '--caller-allowed-names', 'a, b', '--bind-address', '0.0.0.0'],
      { callers: { require: 'any', certificates: { caFile: 'ca.pem', allowedNames: new Set(['a', 'b']) } } },
    ],
    [
      'callers by certificate and token',
      [
        ...TOKENS,
        '--caller-token-jwks-file',
        'k',
        '--caller-ca-file',
        'ca.pem',
        ...NAMES,
        '--caller-require',
        'all',
      ],
      {
        callers: {
          require: 'all',
          certificates: { caFile: 'ca.pem', allowedNames: new Set(['kube-apiserver']) },
          tokens: {
            issuer: 'https://x',
            audience: 'y',
            subjects: new Set(['z']),
            keys: { from: 'file', path: 'k' },
          },
        },
      },
    ],
    [
      'callers by token, keys by discovery',
      [
        ...TOKENS,
        '--caller-token-issuer-ca-file',
        'ca',
        '--caller-token-issuer-bearer-file',
        't',
        '--bind-address',
        '::',
      ],
      {
        callers: {
          require: 'any',
          tokens: {
            issuer: 'https://x',
            audience: 'y',
            subjects: new Set(['z']),
            keys: { from: 'discovery', caFile: 'ca', bearerFile: 't' },
          },
        },
      },
    ],
    [
      'anybody, beyond loopback',
      ['--bind-address', '0.0.0.0', '--allow-unauthenticated-callers'],
      { callers: { require: 'any' } },
    ],
    ['anybody, on loopback', ['--bind-address', '::1'], { callers: { require: 'any' } }],
  ])('take %s', (_, flags, expected) => {
    expect(parse(...flags)).toMatchObject(expected);
  });

  it.each<[string, string[], RegExp]>([
    [
      'an unknown cipher suite',
      ['--tls-cipher-suites', 'TLS_RSA_WITH_RC4_128_SHA'],
      /"TLS_RSA_WITH_RC4_128_SHA" is not a suite that is safe to use/,
    ],
    [
      'an unknown TLS version',
      ['--tls-min-version', 'VersionTLS11'],
      /Allowed choices are VersionTLS12, VersionTLS13/,
    ],
    ['half a serving pair', ['--tls-cert-file', 'x'], /go together/],
    [
      'every address and no check of callers',
      ['--bind-address', '0.0.0.0'],
      /--allow-unauthenticated-callers/,
    ],
    [
      'an address that only begins like loopback',
      ['--bind-address', '127.0.0.1.example'],
      /--allow-unauthenticated-callers/,
    ],
    ['an address with a port', ['--bind-address', '127.0.0.1:8443'], /is not an IP address/],
    ['allowed names without authorities', NAMES, /go together/],
    ['authorities without allowed names', ['--caller-ca-file', 'ca.pem'], /go together/],
    ['an empty allowed name', ['--caller-ca-file', 'ca.pem', '--caller-allowed-names', 'a,,b'], /empty name/],
    ['an issuer without the rest', ['--caller-token-issuer', 'https://x'], /go together/],
    ['keys without an issuer', ['--caller-token-jwks-file', 'x'], /go together/],
    [
      'an issuer that is no URL, without its keys',
      ['--caller-token-issuer', 'x', ...TOKENS.slice(2)],
      /--caller-token-jwks-file/,
    ],
    [
      'keys from a file and from the issuer',
      [...TOKENS, '--caller-token-jwks-file', 'k', '--caller-token-issuer-ca-file', 'c'],
      /nothing is fetched/,
    ],
    [
      'kube-apiserver’s own audience',
      [...TOKENS, '--caller-token-audience', 'https://kubernetes.default.svc'],
      /good at kube-apiserver itself/,
    ],
    [
      'both required and one given',
      ['--caller-require', 'all', '--caller-ca-file', 'ca.pem', ...NAMES],
      /needs both/,
    ],
    ['a delay that is no duration', ['--shutdown-delay', '5 minutes'], /is not a duration/],
    ['no requests at a time', ['--max-requests-inflight', '0'], /whole number from 1/],
  ])('do not take %s', (_, flags, message) => {
    expect(() => parse(...flags)).toThrow(message);
  });
});

describe('the endpoints of serve', () => {
  const parseBare = (...flags: string[]): ServeOptions =>
    parseServeFlags(addServeFlags(new Command()).exitOverride().parse(flags, { from: 'user' }).opts());
  it.each<[string, string[], Partial<ServeOptions>]>([
    [
      'both, with a configuration and a policy',
      [...REQUIRED, '--native-policy', 'native.yaml'],
      { files: { config: 'authn.yaml', revocationFiles: [] }, nativePolicy: 'native.yaml' },
    ],
    [
      'authorization alone, with a policy',
      ['--native-policy', 'native.yaml'],
      { nativePolicy: 'native.yaml', audiences: [] },
    ],
  ])('are %s', (_, flags, expected) => {
    const options = parseBare(...flags);
    expect(options).toMatchObject(expected);
    expect('files' in options).toBe('files' in expected);
  });
  it.each([
    ['neither', [], 'give --config, --native-policy or both'],
    ['a configuration without an audience', ['--config', 'a'], '--audience is required with --config'],
    [
      'an audience without a configuration',
      ['--native-policy', 'n', '--audience', 'x.example'],
      '--audience goes with --config',
    ],
    [
      'anchors without a configuration',
      ['--native-policy', 'n', '--certificate-authority-file', 'a'],
      '--certificate-authority-file goes with --config',
    ],
    [
      'a list without a configuration',
      ['--native-policy', 'n', '--revocation-file', 'a'],
      '--revocation-file goes with --config',
    ],
  ])('are not %s', (_, flags, message) => {
    expect(() => parseBare(...flags)).toThrow(message);
  });
});

describe('the fronts of serve', () => {
  const EXCHANGE = ['--exchange-bind-address', '127.0.0.1:9443'];
  const TERMINATOR = [
    ...['--terminator-bind-address', '127.0.0.1:9444', '--terminator-ca-file', 'ca.pem'],
    ...['--terminator-allowed-names', 'nginx', '--terminator-certificate-header', 'nginx'],
  ];

  it('are exchange and terminator, with a key of their own on loopback', () => {
    const { fronts } = parse(...EXCHANGE, ...TERMINATOR, '--terminator-address-header', 'X-Real-IP');
    expect(fronts).toMatchObject({
      sessionKeys: { from: 'cert-dir' },
      exchange: { address: { host: '127.0.0.1', port: 9443 } },
      terminator: { headers: { form: 'nginx', addressHeader: 'x-real-ip' } },
    });
  });

  it('sign with the first of the keys that are named', () => {
    const keys = ['--session-signing-key-file', 'new.key', '--session-signing-key-file', 'old.key'];
    const { fronts } = parse('--exchange-bind-address', '0.0.0.0:9443', ...keys);
    expect(fronts.sessionKeys).toEqual({ files: ['new.key', 'old.key'] });
  });

  it.each([
    ['10.1.2.3', true],
    ['11.0.0.1', false],
    ['fd00::1', true],
    ['fe80::1', false],
  ])('take a PROXY header from trusted addresses alone: %s %s', (address, expected) => {
    const { fronts } = parse(...EXCHANGE, '--proxy-protocol-trusted-cidrs', '10.0.0.0/8, fd00::/8');
    expect(fronts.exchange?.isProxy(address)).toBe(expected);
  });

  it.each<[string, string[], RegExp]>([
    [
      'a key that replicas would not share',
      ['--exchange-bind-address', '0.0.0.0:9443'],
      /--session-signing-key-file is required beyond loopback/,
    ],
    [
      'a webhook that is not on loopback without such a key',
      [...EXCHANGE, '--bind-address', '0.0.0.0', '--allow-unauthenticated-callers'],
      /--session-signing-key-file is required/,
    ],
    ['an address without a port', ['--exchange-bind-address', '127.0.0.1'], /expected HOST:PORT/],
    ['proxies without an exchange', ['--proxy-protocol-trusted-cidrs', '10.0.0.0/8'], /goes together/],
    [
      'an address for a CIDR',
      [...EXCHANGE, '--proxy-protocol-trusted-cidrs', '10.0.0.1'],
      /"10\.0\.0\.1" is not a CIDR/,
    ],
    [
      'the whole world as a proxy',
      [...EXCHANGE, '--proxy-protocol-trusted-cidrs', '10.0.0.0/8,::/0'],
      /every client say where it comes from/,
    ],
    ['half a terminator', TERMINATOR.slice(0, 6), /go together/],
    ['a terminator’s address header alone', ['--terminator-address-header', 'X-Real-IP'], /go together/],
    [
      'a certificate header for the address',
      [...TERMINATOR, '--terminator-address-header', 'SSL-Client-Cert'],
      /not a header for an address/,
    ],
    ['an issuer of no sessions', ['--issuer-url', 'https://authn.example'], /nobody else issues sessions/],
    ['an issuer in the clear', [...EXCHANGE, '--issuer-url', 'http://authn.example'], /is not an https URL/],
  ])('do not take %s', (_, flags, message) => {
    expect(() => parse(...flags)).toThrow(message);
  });

  it('do not take sessions without a configuration to decide by', () => {
    const flags = ['--native-policy', 'native.yaml', ...EXCHANGE];
    const parseBare = () =>
      parseServeFlags(addServeFlags(new Command()).exitOverride().parse(flags, { from: 'user' }).opts());
    expect(parseBare).toThrow('need --config');
  });
});
