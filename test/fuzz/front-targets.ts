import { type CERTIFICATE_FORMS, readForwarded } from '../../src/server/forwarded.ts';
import { type ProxyHeader, readProxyHeader } from '../../src/server/proxy-header.ts';
import { toRemoteAddress } from '../../src/authenticator/remote-address.ts';
import { toPem } from '../../src/x509/pem.ts';
import type { Corpus } from './corpus.ts';
import { mutateText } from './mutate.ts';
import type { Random } from './random.ts';
import type { Target } from './target.ts';

/** What proxies and terminators say at the front doors. */
export function frontTargets(corpus: Corpus): readonly Target[] {
  return [proxyHeaderTarget(), ...FORMS.map((form) => certificateHeadersTarget(form, corpus))];
}

const V2 = '\r\n\r\n\0\r\nQUIT\n';

const PROXY_HEADERS: readonly Buffer[] = [
  'PROXY TCP4 192.0.2.1 192.0.2.2 1000 443\r\n',
  'PROXY TCP6 2001:db8::1 ::1 1000 443\r\n',
  'PROXY UNKNOWN ffff::1 x\r\n',
  `${V2}\x21\x11\0\x0c\x7f\0\0\x02\x7f\0\0\x01\0\x50\x01\xbb`,
  `${V2}\x21\x11\0\x10\x7f\0\0\x02\x7f\0\0\x01\0\x50\x01\xbb\x04\0\x01\0`,
  `${V2}\x21\x21\0\x24${'\0'.repeat(10)}\xff\xff\x7f\0\0\x02${'\0'.repeat(20)}`,
  `${V2}\x20\0\0\0`,
].map((text) => Buffer.from(text, 'latin1'));

/** It does not matter in which pieces a header comes, nor what follows it. */
function proxyHeaderTarget(): Target {
  return {
    name: 'proxy_header',
    generate: (random) => [mutateBytes(random.pick(PROXY_HEADERS), random), random.bytes(random.below(8))],
    run([bytes = Buffer.alloc(0), more = Buffer.alloc(0)]) {
      const header = readProxyHeader(bytes);
      const followed = readProxyHeader(Buffer.concat([bytes, more]));
      if (header.kind !== 'incomplete' && !isSame(header, followed)) return 'what follows matters';
      if (header.kind !== 'header') return undefined;
      const { length, clientAddress } = header;
      if (length > bytes.length) return 'the header is longer than what came';
      if (clientAddress !== undefined && toRemoteAddress(clientAddress) !== clientAddress)
        return 'the address has another form';
      if (!isSame(header, readProxyHeader(bytes.subarray(0, length)))) return 'the header alone is none';
      const kinds = Array.from({ length }, (_, end) => readProxyHeader(bytes.subarray(0, end)).kind);
      return kinds.some((kind) => kind !== 'incomplete') ? 'a part of the header is one' : undefined;
    },
  };
}

function isSame(one: ProxyHeader, other: ProxyHeader): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function mutateBytes(bytes: Buffer, random: Random): Buffer {
  let mutated = bytes;
  for (let change = random.below(4); change > 0; change -= 1) {
    const at = random.below(mutated.length + 1);
    const rest = mutated.subarray(at + random.below(3));
    mutated = Buffer.concat([mutated.subarray(0, at), random.bytes(random.below(3)), rest]);
  }
  return mutated;
}

type Form = keyof typeof CERTIFICATE_FORMS;

const FORMS: readonly Form[] = ['rfc9440', 'nginx', 'envoy'];

/** Names of headers by the first letter of their line in an input. */
const NAMES: Readonly<Record<string, string>> = {
  c: 'Client-Cert',
  d: 'Client-Cert-Chain',
  s: 'ssl-client-cert',
  x: 'x-forwarded-client-cert',
  a: 'X-Real-IP',
};

/** Nothing else is read of headers than what any decoder would read of them. */
function certificateHeadersTarget(form: Form, corpus: Corpus): Target {
  return {
    name: `${form}_headers`,
    generate(random) {
      const ders = [random.pick(corpus.leaves), random.pick(corpus.authorities)].map(({ der }) => der);
      const lines = [
        ...linesOf(form, ders),
        `a${random.pick(['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1'])}`,
      ];
      if (random.oneIn(5)) lines.push(random.pick(lines));
      if (random.oneIn(5)) lines.push(...linesOf(random.pick(FORMS), ders));
      return lines.map((line) =>
        Buffer.from(random.oneIn(2) ? line : line[0] + mutateText(line.slice(1), random)),
      );
    },
    run(lines) {
      const raw = lines.flatMap((line) => {
        const text = line.toString();
        return [NAMES[text[0] ?? ''] ?? 'X-Other', text.slice(1)];
      });
      const forwarded = readForwarded(raw, { form, addressHeader: 'x-real-ip' });
      if (!forwarded.ok) return undefined;
      const { certificates, remoteAddress } = forwarded;
      if (remoteAddress !== undefined && toRemoteAddress(remoteAddress) !== remoteAddress)
        return 'the address has another form';
      const valuesOf = (letter: string): string[] =>
        raw.filter((_, index) => index % 2 === 1 && raw[index - 1] === NAMES[letter]);
      const decoded = DECODERS[form](valuesOf).map((der) => der.toString('base64'));
      return certificates.every((der, index) => der.toString('base64') === decoded[index])
        ? undefined
        : 'other certificates are read than stand there';
    },
  };
}

/** Reads the values of a form without asking whether they are as they should be. */
const DECODERS: Readonly<
  Record<Form, (valuesOf: (letter: string) => readonly string[]) => readonly Buffer[]>
> = {
  rfc9440: (valuesOf) =>
    [...valuesOf('c'), ...valuesOf('d')]
      .flatMap((value) => value.split(','))
      .map((item) => Buffer.from(item.replaceAll(':', '').trim(), 'base64')),
  nginx: (valuesOf) => valuesOf('s').flatMap(fromEscaped),
  envoy: (valuesOf) => {
    const [element = ''] = valuesOf('x');
    const find = (key: string): string | undefined =>
      new RegExp(`(?:^|;)${key}="?([^";]*)`, 'i').exec(element)?.[1];
    return fromEscaped(find('chain') ?? find('cert') ?? '');
  },
};

function fromEscaped(text: string): readonly Buffer[] {
  return decodeURIComponent(text)
    .split('-----END CERTIFICATE-----')
    .slice(0, -1)
    .map((block) => Buffer.from(block.replace('-----BEGIN CERTIFICATE-----', ''), 'base64'));
}

function linesOf(form: Form, ders: readonly Buffer[]): string[] {
  const [leaf = Buffer.alloc(0)] = ders;
  const escape = (chain: readonly Buffer[]): string =>
    encodeURIComponent(chain.map((der) => toPem(der, 'CERTIFICATE')).join(''));
  switch (form) {
    case 'rfc9440':
      return ders.map((der, index) => `${index === 0 ? 'c' : 'd'}:${der.toString('base64')}:`);
    case 'nginx':
      return [`s${escape([leaf])}`];
    case 'envoy':
      return [`xCert="${escape([leaf])}";Chain="${escape(ders)}";Subject="CN=\\"x\\";O=y";URI=spiffe://x/y`];
  }
}
