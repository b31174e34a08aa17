import type { Mutant } from './mutant.ts';

/** What has to do with front doors and sessions. */
const TESTS = [
  'test/server/exchange.test.ts',
  'test/server/front-listeners.test.ts',
  'test/server/session-decisions.test.ts',
  'test/server/sessions.test.ts',
  'test/server/terminator.test.ts',
];

/** Faults of the front doors and of sessions. */
export const frontMutants: readonly Mutant[] = [
  {
    name: 'a PROXY header of any version is believed',
    tests: TESTS,
    changes: [
      { file: 'server/proxy-header.ts', find: '(command !== 0x20 && command !== 0x21)', replace: 'false' },
    ],
  },
  {
    name: 'a PROXY header has an address of the other family',
    tests: TESTS,
    changes: [
      { file: 'server/proxy-header.ts', find: " || source.includes(':') !== (version === '6')", replace: '' },
    ],
  },
  {
    name: 'a PROXY header is too short for its addresses',
    tests: TESTS,
    changes: [
      { file: 'server/proxy-header.ts', find: ' || length < V2_FIXED + addresses.total', replace: '' },
    ],
  },
  {
    name: "anybody's PROXY header is believed",
    tests: TESTS,
    changes: [
      {
        file: 'server/proxy-front.ts',
        find: 'else if (isProxy(peer)) {',
        replace: "else if (peer !== '') {",
      },
    ],
  },
  {
    name: 'what a PROXY header says is not kept',
    tests: TESTS,
    changes: [
      {
        file: 'server/proxy-front.ts',
        find: 'if (clientAddress !== undefined) told.set(ends, { socket, address: clientAddress });',
        replace: '',
      },
    ],
  },
  {
    name: 'what is no address is read as one',
    tests: TESTS,
    changes: [
      {
        file: 'authenticator/remote-address.ts',
        find: 'if (isIP(text) === 0) return undefined;',
        replace: '',
      },
    ],
  },
  {
    name: 'a certificate header of another form is passed over',
    tests: TESTS,
    changes: [
      { file: 'server/forwarded.ts', find: 'if (foreign.has(name)) throw', replace: 'if (false) throw' },
    ],
  },
  {
    name: 'the last of two headers counts',
    tests: TESTS,
    changes: [
      {
        file: 'server/forwarded.ts',
        find: 'if (Object.hasOwn(values, name)) throw',
        replace: 'if (false) throw',
      },
    ],
  },
  {
    name: 'a header may be of any length',
    tests: TESTS,
    changes: [
      {
        file: 'server/forwarded.ts',
        find: 'if (value.length > MAX_VALUE) throw',
        replace: 'if (false) throw',
      },
    ],
  },
  {
    name: 'PEM need not be escaped',
    tests: TESTS,
    changes: [
      {
        file: 'server/forwarded-pem.ts',
        find: 'if (!ESCAPED.test(escaped)) throw',
        replace: 'if (false) throw',
      },
    ],
  },
  {
    name: 'base64 in a header need not be canonical',
    tests: TESTS,
    changes: [
      {
        file: 'server/forwarded-pem.ts',
        find: "if (text === '' || bytes.toString('base64') !== text) {",
        replace: 'if (false) {',
      },
    ],
  },
  {
    name: 'nginx may hand on two certificates',
    tests: TESTS,
    changes: [
      {
        file: 'server/nginx-headers.ts',
        find: 'if (certificates.length !== 1) throw',
        replace: 'if (false) throw',
      },
    ],
  },
  {
    name: "the hash of Envoy's header may be another's",
    tests: TESTS,
    changes: [
      {
        file: 'server/envoy-headers.ts',
        find: "if (hashOfLeaf !== undefined && hashOfLeaf.toLowerCase() !== hash('sha256', leaf, 'hex')) {",
        replace: 'if (false) {',
      },
    ],
  },
  {
    name: "a key of Envoy's header may come twice",
    tests: TESTS,
    changes: [
      {
        file: 'server/envoy-headers.ts',
        find: 'if (SINGLE_KEYS.includes(name) && pairs.has(name)) throw',
        replace: 'if (false) throw',
      },
    ],
  },
  {
    name: "a key of Envoy's header may be unknown",
    tests: TESTS,
    changes: [
      {
        file: 'server/envoy-headers.ts',
        find: 'if (!SINGLE_KEYS.includes(name) && !REPEATED_KEYS.includes(name)) {',
        replace: 'if (false) {',
      },
    ],
  },
  {
    name: "the chain of Envoy's header may begin with another",
    tests: TESTS,
    changes: [
      {
        file: 'server/envoy-headers.ts',
        find: 'if (leaf !== undefined && chain?.[0]?.equals(leaf) === false) {',
        replace: 'if (false) {',
      },
    ],
  },
  {
    name: 'Client-Cert-Chain may repeat the leaf',
    tests: TESTS,
    changes: [
      {
        file: 'server/rfc9440-headers.ts',
        find: 'if (chain.some((certificate) => certificate.equals(leaf))) {',
        replace: 'if (false) {',
      },
    ],
  },
  {
    name: 'Client-Cert-Chain may come alone',
    tests: TESTS,
    changes: [
      {
        file: 'server/rfc9440-headers.ts',
        find: 'if (chainList !== undefined) throw',
        replace: 'if (false) throw',
      },
    ],
  },
  {
    name: 'anybody is a terminator',
    tests: TESTS,
    changes: [
      { file: 'server/terminator.ts', find: "if (caller.kind !== 'accepted') {", replace: 'if (false) {' },
    ],
  },
  {
    name: 'what a terminator says counts as proved',
    tests: TESTS,
    changes: [
      {
        file: 'server/terminator.ts',
        find: "{ kind: 'assumed' } as const",
        replace: "{ kind: 'proved' } as const",
      },
    ],
  },
  {
    name: 'refused terminators are not counted',
    tests: TESTS,
    changes: [
      { file: 'server/terminator.ts', find: 'gate.metrics.callerRefusals.inc({ code });', replace: '' },
    ],
  },
  {
    name: 'names that no header holds stand in one',
    tests: TESTS,
    changes: [{ file: 'server/identity-headers.ts', find: '.every(isExact)', replace: '.every(() => true)' }],
  },
  {
    name: 'the intermediates of a handshake are lost',
    tests: TESTS,
    changes: [
      { file: 'server/peer-chain.ts', find: 'next = next.issuerCertificate', replace: 'next = undefined' },
    ],
  },
  {
    name: 'handshakes are resumed',
    tests: TESTS,
    changes: [
      {
        file: 'server/tls-settings.ts',
        find: 'constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET',
        replace: 'constants.SSL_OP_NO_RENEGOTIATION',
      },
    ],
  },
  {
    name: "the client's address is not looked at",
    tests: TESTS,
    changes: [
      {
        file: 'server/admit.ts',
        find: 'remoteAddress !== undefined && { remoteAddress }',
        replace: 'false && { remoteAddress }',
      },
    ],
  },
  {
    name: 'a session outlives its certificate',
    tests: TESTS,
    changes: [
      {
        file: 'server/issue-session.ts',
        find: 'Math.min(iat + lifetimeOf(decision), Math.floor(endOf(decision) / 1000))',
        replace: 'iat + lifetimeOf(decision)',
      },
    ],
  },
  {
    name: 'a session of an entry with request rules lasts as long as any',
    tests: TESTS,
    changes: [
      { file: 'server/issue-session.ts', find: 'entry.requestRules.length > 0 ?', replace: 'false ?' },
    ],
  },
  {
    name: 'the signature of a session is not checked',
    tests: TESTS,
    changes: [
      {
        file: 'credential/open-session.ts',
        find: 'if (!isSignedBy(key.publicKey, { algorithm: key.algorithm, signingInput, signature })) {',
        replace: 'if (false) {',
      },
    ],
  },
  {
    name: 'a session never ends',
    tests: TESTS,
    changes: [
      {
        file: 'credential/open-session.ts',
        find: 'if (exp * 1000 <= at) return',
        replace: 'if (false) return',
      },
    ],
  },
  {
    name: 'a session may begin at any time to come',
    tests: TESTS,
    changes: [
      {
        file: 'credential/open-session.ts',
        find: 'if (iat * 1000 > at + SESSION_LIMITS.clockSkew * 1000) {',
        replace: 'if (false) {',
      },
    ],
  },
  {
    name: 'a session may be of any length',
    tests: TESTS,
    changes: [
      {
        file: 'credential/open-session.ts',
        find: 'if (exp <= iat || exp - iat > SESSION_LIMITS.lifetime) {',
        replace: 'if (false) {',
      },
    ],
  },
  {
    name: 'a session is for any audience',
    tests: TESTS,
    changes: [
      {
        file: 'credential/open-session.ts',
        find: "if (typeof aud !== 'string' || !audiences.includes(aud)) return",
        replace: 'if (false) return',
      },
    ],
  },
  {
    name: 'a session may have the type of another token',
    tests: TESTS,
    changes: [
      {
        file: 'credential/open-session.ts',
        find: 'if (typ !== SESSION_TYPE) throw',
        replace: 'if (false) throw',
      },
    ],
  },
  {
    name: "a session's header may name a key",
    tests: TESTS,
    changes: [
      {
        file: 'credential/open-session.ts',
        find: 'if (Object.keys(rest).length > 0) throw',
        replace: 'if (false) throw',
      },
    ],
  },
  {
    name: "a session's algorithm need not be its key's",
    tests: TESTS,
    changes: [
      { file: 'credential/open-session.ts', find: 'id === kid && algorithm === alg', replace: 'id === kid' },
    ],
  },
  {
    name: 'a serial number of a session is any text',
    tests: TESTS,
    changes: [
      {
        file: 'credential/session-claims.ts',
        find: 'if (!/^-?\\d+$/.test(serial)) throw',
        replace: 'if (false) throw',
      },
    ],
  },
  {
    name: 'a session outlives a change of its entry',
    tests: TESTS,
    changes: [
      {
        file: 'authenticator/judge-session.ts',
        find: 'candidate.id === id && candidate.hash === hash',
        replace: 'candidate.id === id',
      },
    ],
  },
  {
    name: 'revocation is not looked up again',
    tests: TESTS,
    changes: [
      {
        file: 'authenticator/judge-session.ts',
        find: 'if (entry.revocation === undefined) return',
        replace: 'if (entry !== undefined) return',
      },
    ],
  },
];
