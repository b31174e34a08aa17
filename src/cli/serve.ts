import { randomBytes } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import { Command } from 'commander';
import type { Authenticator } from '../authenticator/authenticator.ts';
import { selfTest } from '../cel/self-test.ts';
import { createHealthApp } from '../server/app.ts';
import type { AuditTrail } from '../server/audit-trail.ts';
import { addAuthenticatorMetrics } from '../server/authenticator-metrics.ts';
import { authenticatorSource } from '../server/authenticator-source.ts';
import type { CallerAuthorities } from '../server/caller-authorities-source.ts';
import { createDecisionIds } from '../server/decision-ids.ts';
import { createGate } from '../server/gate.ts';
import { LifeCycle } from '../server/life-cycle.ts';
import type { Log } from '../server/log.ts';
import { openLogStream } from '../server/log-stream.ts';
import { createMetrics, type Metrics } from '../server/metrics.ts';
import type { Endpoint } from '../server/post-review.ts';
import {
  addBuildInfo,
  addReloadProblems,
  addServingCertificateExpiration,
} from '../server/process-metrics.ts';
import { reasonOf } from '../server/reason-of.ts';
import { RefusedTokens } from '../server/refused-tokens.ts';
import { toReadinessCheck } from '../server/reload-readiness.ts';
import { createReloadReport, type ReloadReport } from '../server/reload-report.ts';
import { type FollowedFiles, Reloadable } from '../server/reloadable.ts';
import { addRevocationMetrics, revocationsOf } from '../server/revocation-metrics.ts';
import { type Listening, type RunningServer, startServer } from '../server/serve.ts';
import type { NativeService, Service, Sessions } from '../server/service.ts';
import { type ServingCertificate, servingCertificateSource } from '../server/serving-certificate-source.ts';
import { toTlsOptions } from '../server/tls-settings.ts';
import { createPathVerifier } from '../x509/path-verifier.ts';
import { Failure } from './failure.ts';
import { findServingCertificate } from './find-serving-certificate.ts';
import { openLog } from './open-log.ts';
import { type Callers, type OpenSource, openCallers } from './open-callers.ts';
import { openNative } from './open-native.ts';
import {
  type Fronts,
  type FrontStarting,
  openSessions,
  openTerminators,
  startFronts,
  toDiscovery,
  warnOfFronts,
} from './open-fronts.ts';
import { addServeFlags, parseServeFlags, type ServeFlags, type ServeOptions } from './serve-flags.ts';
import { withFlag } from './source-flags.ts';
import { KUBERNETES_VERSION, VERSION } from './version.ts';

const HELP = `
Files are reloaded when they change; a bad new version leaves the last good one in force (see /readyz?verbose).
SIGHUP has them looked at now. SIGTERM: not ready, --shutdown-delay, then the answers under way, then the end; a second one ends at once.

Example, with mutual TLS between kube-apiserver and the webhook:
  $ kube-x509-authn serve --config authn.yaml --certificate-authority-file users-ca.pem --audience x509.prod-eu.example \\
      --caller-ca-file callers-ca.pem --caller-allowed-names kube-apiserver-webhook-client

Example, to revoke the client certificates that kube-apiserver accepts itself (docs/revocation.md):
  $ kube-x509-authn serve --native-policy native-policy.yaml`;

/** `serve`: the authentication webhook of a kube-apiserver, and its authorization webhook for native client certificates. */
export function serveCommand(): Command {
  const command = new Command('serve').description(
    "serve kube-apiserver's authentication webhook (TokenReview), its authorization webhook (SubjectAccessReview), or both, over TLS",
  );
  return addServeFlags(command)
    .addHelpText('after', HELP)
    .action((flags: ServeFlags) => serve(parseServeFlags(flags)));
}

async function serve(options: ServeOptions): Promise<void> {
  checkCel();
  const now = (): number => Date.now();
  const metrics = createMetrics();
  const destination = openLogStream(() => metrics.logLosses.inc());
  const { log, audit } = openLog(options.logging, { destination, metrics, now });
  let server: RunningServer | undefined = undefined;
  let fronts: Fronts = {};
  const sources = await openSources(options, {
    log,
    report: createReloadReport({ metrics, log, now }),
    metrics,
    setTls: (tls) => server?.setTls(tls),
    fronts: () => fronts,
  });
  const { callers, sessions, followed } = sources;
  describeSources(metrics, sources, now);
  const lifeCycle = new LifeCycle({
    shutdownDelayMs: options.shutdownDelayMs,
    close: async () => {
      await Promise.all([server, fronts.exchange, fronts.terminator].map(async (each) => each?.close()));
    },
    cut: () => [server, fronts.exchange, fronts.terminator].forEach((each) => each?.cut()),
    exit: (code) => exit(code, audit),
    log,
  });
  const isClosing = (): boolean => lifeCycle.stage !== 'serving';
  const service = createService(sources, options, { metrics, log });
  const shutdown = { name: 'shutdown', problem: () => (isClosing() ? 'shutting down' : undefined) };
  const checks = [...followed.map(toReadinessCheck), shutdown];
  const { secure, health, limits } = options;
  const gate = createGate(limits, { metrics, callers: callers.check, isClosing, ticks: service.ticks });
  const clientCertificates = callers.authorities === undefined ? 'not-requested' : 'requested';
  const healthApp = createHealthApp(checks, metrics.registry, service);
  const discovery = toDiscovery(sessions);
  server = await listen(
    { gate, service },
    {
      secure,
      health,
      limits,
      clientCertificates,
      healthApp,
      tls: sources.tls(),
      ...(discovery && { discovery }),
    },
  );
  fronts = await beside(server, startFronts(options.fronts, { service, gate, limits, ...sources.fronts }));
  // Files may have changed while the server was not there to be told.
  server.setTls(sources.tls());
  renewFronts(fronts, sources.fronts);
  followProcess(lifeCycle, followed);
  log.event('serving', 'serving', {
    version: VERSION,
    ...addressesOf(server, fronts),
    audiences: options.audiences,
  });
}

function createService(
  { authenticator, native, sessions }: Sources,
  { audiences }: ServeOptions,
  { metrics, log }: { readonly metrics: Metrics; readonly log: Log },
): Service {
  const nobody: Authenticator = { entries: [], paths: createPathVerifier() };
  return {
    authenticator: () => authenticator?.current ?? nobody,
    ...(native && { native }),
    audiences,
    refusedTokens: new RefusedTokens(),
    now: () => Date.now(),
    ticks: () => performance.now(),
    newDecisionId: createDecisionIds(randomBytes),
    log,
    metrics: metrics.decisions,
    ...(sessions && { sessions }),
  };
}

function renewFronts({ exchange, terminator }: Fronts, { tls, terminators }: Sources['fronts']): void {
  exchange?.setTls(tls());
  terminator?.setTls(tls(terminators?.current));
}

function addressesOf(server: RunningServer, { exchange, terminator }: Fronts): object {
  return {
    secure: server.secureAddress,
    health: server.healthAddress,
    ...(exchange && { exchange: exchange.address }),
    ...(terminator && { terminator: terminator.address }),
  };
}

/** Rules that mean something else here than in kube-apiserver are a hole: better not to serve. */
function checkCel(): void {
  const faults = selfTest();
  if (faults.length > 0)
    throw new Failure(`CEL does not answer as kube-apiserver does:\n${faults.join('\n')}`);
}

/** Shows on the page what the sources in force are, and what of them ends when. */
function describeSources({ registry }: Metrics, sources: Sources, now: () => number): void {
  const { authenticator, native, followed, certificate } = sources;
  addBuildInfo(registry, {
    version: VERSION,
    kubernetes: KUBERNETES_VERSION,
    node: process.versions.node,
  });
  addReloadProblems(registry, followed);
  if (authenticator !== undefined)
    addAuthenticatorMetrics(registry, { authenticator: () => authenticator.current, now });
  addRevocationMetrics(registry, {
    inForce: () => revocationsOf(authenticator?.current, native?.judge().policy),
    now,
  });
  addServingCertificateExpiration(registry, { certificate, now });
}

/** What a server is made from, following its files. */
interface Sources {
  readonly authenticator: Reloadable<Authenticator> | undefined;
  readonly native: NativeService | undefined;
  readonly callers: Callers;
  readonly sessions: Sessions | undefined;
  readonly fronts: Pick<FrontStarting, 'tls' | 'terminators'>;
  readonly followed: readonly FollowedFiles[];
  readonly tls: () => SecureContextOptions;
  readonly certificate: () => Buffer;
}

interface Opening {
  readonly log: Log;
  readonly report: ReloadReport;
  readonly metrics: Metrics;
  readonly setTls: (tls: SecureContextOptions) => void;
  /** The listeners beside the webhook's, once there are any. */
  readonly fronts: () => Fronts;
}

async function openSources(
  options: ServeOptions,
  { log, report, setTls, metrics, fronts }: Opening,
): Promise<Sources> {
  const followed: FollowedFiles[] = [];
  const { decisions } = metrics;
  const open: OpenSource = (source, apply) => {
    const { onEvent, onTrouble } = report;
    const opened = Reloadable.open(source, { onEvent, onTrouble, ...(apply && { apply }) });
    if (opened.kind !== 'opened')
      throw new Failure(withFlag(source.name, opened.problem), opened.kind === 'invalid' ? 1 : 2);
    for (const warning of opened.warnings) log.warn(warning, { source: source.name });
    report.opened(opened.reloadable);
    followed.push(opened.reloadable);
    return opened.reloadable;
  };
  const toTls = (
    pair: ServingCertificate,
    authorities: CallerAuthorities | undefined,
  ): SecureContextOptions =>
    toTlsOptions(options.tls, { ...pair, ...(authorities && { callerAuthorities: authorities.pem }) });
  const authenticator =
    options.files && open(authenticatorSource(options.files), (value) => decisions.follow(value));
  if (authenticator !== undefined) decisions.follow(authenticator.current);
  const { nativePolicy } = options;
  const native = nativePolicy === undefined ? undefined : openNative(nativePolicy, open, metrics.registry);
  let callers: Callers = {};
  let terminators: Reloadable<CallerAuthorities> | undefined = undefined;
  const files = await findServingCertificate(options, log);
  const certificate = open(servingCertificateSource(files), (pair) => {
    setTls(toTls(pair, callers.authorities?.current));
    fronts().exchange?.setTls(toTls(pair, undefined));
    fronts().terminator?.setTls(toTls(pair, terminators?.current));
  });
  const applyAuthorities = (authorities: CallerAuthorities): void =>
    setTls(toTls(certificate.current, authorities));
  callers = await openCallers(options.callers, { ...options.secure, open, log, applyAuthorities });
  const sessions = await openSessions(options.fronts, { open, log, directory: options.certDir });
  terminators = openTerminators(options.fronts, open, (authorities) =>
    fronts().terminator?.setTls(toTls(certificate.current, authorities)),
  );
  const policy = options.fronts;
  if (authenticator !== undefined)
    warnOfFronts(authenticator.current, { policy, terminators: terminators?.current }, log);
  return {
    authenticator,
    native,
    callers,
    sessions,
    fronts: { tls: (authorities) => toTls(certificate.current, authorities), terminators },
    followed,
    tls: () => toTls(certificate.current, callers.authorities?.current),
    certificate: () => certificate.current.certificate,
  };
}

async function listen(endpoint: Endpoint, listening: Listening): Promise<RunningServer> {
  try {
    return await startServer(endpoint, listening);
  } catch (error) {
    throw new Failure(`cannot serve: ${reasonOf(error)}`);
  }
}

/** What is started after a server: where that fails the server does not stay behind. */
async function beside<T>(server: RunningServer, starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    void server.close();
    server.cut();
    throw error;
  }
}

/** Ends the process, with nothing left out of the audit trail. */
function exit(code: number, audit: AuditTrail | undefined): void {
  audit?.flush();
  process.exit(code);
}

function followProcess(lifeCycle: LifeCycle, followed: readonly FollowedFiles[]): void {
  process.on('SIGHUP', () => followed.forEach((files) => files.look()));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => lifeCycle.signal(signal));
  process.on('uncaughtException', (error) => lifeCycle.fail(error));
  process.on('unhandledRejection', (reason) => lifeCycle.fail(reason));
}
