import type { SecureContextOptions } from 'node:tls';
import { anchorSetsOf } from '../authenticator/anchor-sets.ts';
import type { Authenticator } from '../authenticator/authenticator.ts';
import { type CallerAuthorities, callerAuthoritiesSource } from '../server/caller-authorities-source.ts';
import { createCertificateCheck } from '../server/caller-certificate.ts';
import { isNative } from '../server/discovery.ts';
import type { Gate } from '../server/gate.ts';
import { type FrontListener, startExchange, startTerminator } from '../server/front-listeners.ts';
import type { Log } from '../server/log.ts';
import { reasonOf } from '../server/reason-of.ts';
import type { Reloadable } from '../server/reloadable.ts';
import type { ServerLimits } from '../server/server-limits.ts';
import type { Service, Sessions } from '../server/service.ts';
import { ensureSessionKey } from '../server/session-key-file.ts';
import { sessionKeysSource } from '../server/session-keys-source.ts';
import type { TrustBundle } from '../x509/trust-bundle.ts';
import { Failure } from './failure.ts';
import type { FrontPolicy } from './front-flags.ts';
import type { OpenSource } from './open-callers.ts';

/** What sessions' keys need besides their policy. */
export interface SessionOpening {
  readonly open: OpenSource;
  readonly log: Log;
  /** Where a key is made when none is given. */
  readonly directory: string;
}

/** Opens the keys of sessions, and follows their files. Undefined where there are no sessions. */
export async function openSessions(
  { sessionKeys, issuerUrl }: FrontPolicy,
  { open, log, directory }: SessionOpening,
): Promise<Sessions | undefined> {
  if (sessionKeys === undefined) return undefined;
  const files = 'files' in sessionKeys ? sessionKeys.files : [await makeKey(directory)];
  const keys = open(sessionKeysSource(files));
  if (issuerUrl !== undefined && !isNative(keys.current[0])) {
    log.warn('kube-apiserver cannot verify what this session signing key signs: no session is native', {
      algorithm: keys.current[0].algorithm,
    });
  }
  return { keys: () => keys.current, ...(issuerUrl !== undefined && { issuerUrl }) };
}

async function makeKey(directory: string): Promise<string> {
  try {
    return await ensureSessionKey(directory);
  } catch (error) {
    throw new Failure(`--cert-dir: cannot make a session signing key in ${directory}: ${reasonOf(error)}`);
  }
}

/** What the listeners of a policy are started with. */
export interface FrontStarting {
  readonly service: Service;
  readonly limits: ServerLimits;
  readonly gate: Gate;
  /** The options of the serving certificate in force, with the authorities that clients are told of. */
  readonly tls: (authorities?: CallerAuthorities) => SecureContextOptions;
  readonly terminators: Reloadable<CallerAuthorities> | undefined;
}

/** The listeners beside the webhook's. */
export interface Fronts {
  readonly exchange?: FrontListener;
  readonly terminator?: FrontListener;
}

/** Warns of what the entries of a configuration and the fronts make of each other. */
export function warnOfFronts(
  authenticator: Authenticator,
  {
    policy,
    terminators,
  }: { readonly policy: FrontPolicy; readonly terminators: CallerAuthorities | undefined },
  log: Log,
): void {
  warnOfIdleIssuer(authenticator, policy, log);
  if (terminators !== undefined) warnOfSharedAuthorities(authenticator, terminators, log);
}

/** An entry's `session.native` and the issuer's URL are nothing without each other. */
function warnOfIdleIssuer({ entries }: Authenticator, { issuerUrl }: FrontPolicy, log: Log): void {
  const native = entries.filter(({ sessions }) => sessions === 'native');
  if (issuerUrl !== undefined) {
    if (native.length === 0)
      log.warn('--issuer-url has no effect: no entry has session: {native: true}', { issuerUrl });
    return;
  }
  for (const { id } of native) log.warn('session.native has no effect without --issuer-url', { entry: id });
}

/** Warns where who certifies users could certify a terminator, and so make a user of his everybody. */
function warnOfSharedAuthorities({ entries }: Authenticator, { bundle }: CallerAuthorities, log: Log): void {
  const keysOf = ({ anchors }: TrustBundle): readonly string[] =>
    anchors.map(({ publicKey }) => publicKey.spki.toString('base64'));
  const keys = new Set(keysOf(bundle));
  const shared = anchorSetsOf(entries).filter((set) => keysOf(set.bundle).some((key) => keys.has(key)));
  for (const entry of new Set(shared.map((set) => set.entry.id))) {
    log.warn(
      'an authority of --terminator-ca-file is an anchor of an entry, too: whom it certifies under an allowed name can be every user',
      { entry },
    );
  }
}

/** Opens the authorities of terminators, and follows their file. */
export function openTerminators(
  { terminator }: FrontPolicy,
  open: OpenSource,
  apply: (authorities: CallerAuthorities) => void,
): Reloadable<CallerAuthorities> | undefined {
  if (terminator === undefined) return undefined;
  return open(callerAuthoritiesSource(terminator.caFile, 'terminator-authorities'), apply);
}

/**
 * Starts the listeners that a policy names.
 *
 * @throws Failure where an address cannot be bound; none of them listens then.
 */
export async function startFronts(policy: FrontPolicy, starting: FrontStarting): Promise<Fronts> {
  let exchange: FrontListener | undefined;
  try {
    exchange = await openExchange(policy, starting);
    const terminator = await openTerminator(policy, starting);
    return { ...(exchange && { exchange }), ...(terminator && { terminator }) };
  } catch (error) {
    await exchange?.close();
    throw new Failure(`cannot serve: ${reasonOf(error)}`);
  }
}

async function openExchange(
  { exchange }: FrontPolicy,
  { service, limits, gate, tls }: FrontStarting,
): Promise<FrontListener | undefined> {
  const { sessions } = service;
  if (exchange === undefined || sessions === undefined) return undefined;
  const { address, isProxy } = exchange;
  const discovery = toDiscovery(sessions);
  return startExchange(
    { service: { ...service, sessions }, isProxy, ...(discovery && { discovery }) },
    { address, tls: tls(), limits, gate, metrics: gate.metrics },
  );
}

async function openTerminator(
  { terminator }: FrontPolicy,
  { service, limits, gate, tls, terminators }: FrontStarting,
): Promise<FrontListener | undefined> {
  const { sessions } = service;
  if (terminator === undefined || sessions === undefined || terminators === undefined) return undefined;
  const { address, allowedNames, headers } = terminator;
  const check = createCertificateCheck({ anchors: () => terminators.current.bundle, allowedNames });
  return startTerminator(
    { service: { ...service, sessions }, terminators: check, headers },
    { address, tls: tls(terminators.current), limits, gate, metrics: gate.metrics },
  );
}

/** What kube-apiserver verifies native sessions by. */
export function toDiscovery(
  sessions: Sessions | undefined,
): { readonly issuerUrl: string; readonly keys: Sessions['keys'] } | undefined {
  if (sessions?.issuerUrl === undefined) return undefined;
  return { issuerUrl: sessions.issuerUrl, keys: sessions.keys };
}
