import { isIP } from 'node:net';
import type { Command } from 'commander';
import type { AuthenticatorFiles } from '../server/authenticator-source.ts';
import { DEFAULT_LIMITS, type ServerLimits } from '../server/server-limits.ts';
import type { ServingCertificateFiles } from '../server/serving-certificate.ts';
import type { ListenAddress } from '../server/tls-listener.ts';
import type { TlsSettings } from '../server/tls-settings.ts';
import { parseAddress, parsePort } from './address.ts';
import { checkAudience } from './audience.ts';
import { addCallerFlags, type CallerFlags, type CallerPolicy, parseCallerPolicy } from './caller-flags.ts';
import { parseCount } from './count.ts';
import { parseDuration } from './duration.ts';
import { addFrontFlags, type FrontFlags, type FrontPolicy, parseFrontPolicy } from './front-flags.ts';
import { Failure } from './failure.ts';
import { addLogFlags, type LogFlags, type LogPolicy, parseLogPolicy } from './log-flags.ts';
import { repeatable } from './repeatable.ts';
import { addTlsFlags, parseServingCertificate, parseTlsSettings, type TlsFlags } from './tls-flags.ts';

/** The flags of `serve`, as they were given. */
export interface ServeFlags extends TlsFlags, CallerFlags, LogFlags, FrontFlags {
  readonly config?: string;
  readonly nativePolicy?: string;
  readonly certificateAuthorityFile?: string;
  readonly revocationFile: readonly string[];
  readonly audience: readonly string[];
  readonly bindAddress: string;
  readonly securePort: string;
  readonly healthBindAddress: string;
  readonly maxRequestsInflight: string;
  readonly shutdownDelay: string;
}

/** What `serve` is asked for, checked. */
export interface ServeOptions {
  /** Of `/authenticate`; absent where only `/authorize` is served. */
  readonly files?: AuthenticatorFiles;
  /** Of `/authorize`; absent where only `/authenticate` is served. */
  readonly nativePolicy?: string;
  readonly audiences: readonly string[];
  readonly secure: ListenAddress;
  readonly health: ListenAddress;
  readonly servingCertificate: ServingCertificateFiles | { readonly directory: string };
  readonly tls: TlsSettings;
  readonly callers: CallerPolicy;
  readonly logging: LogPolicy;
  readonly fronts: FrontPolicy;
  /** Where what is made for want of a flag is kept. */
  readonly certDir: string;
  readonly limits: ServerLimits;
  readonly shutdownDelayMs: number;
}

export function addServeFlags(command: Command): Command {
  command
    .option(
      '--config <file>',
      'the AuthenticationConfiguration with the x509 entries; reloaded when it changes',
    )
    .option(
      '--native-policy <file>',
      "the NativeCertificatePolicy: /authorize for kube-apiserver's authorization webhook; reloaded when it changes",
    )
    .option(
      '--certificate-authority-file <file>',
      "anchors of entries without their own, PEM (not kube-apiserver's --client-ca-file)",
    )
    .addOption(repeatable('--revocation-file <file>', 'revocation list or CRL that holds for every entry'))
    .addOption(
      repeatable(
        '--audience <name>',
        "the cluster's audience, which tokens must name; required with --config",
      ),
    )
    .option('--bind-address <ip>', 'where to listen', '127.0.0.1')
    .option('--secure-port <port>', 'the port to serve TLS on; 0 takes a free one', '8443')
    .option(
      '--health-bind-address <host:port>',
      'where to serve /livez, /readyz and /metrics',
      '127.0.0.1:8081',
    );
  addTlsFlags(command);
  addCallerFlags(command);
  addLogFlags(command);
  addFrontFlags(command);
  return command
    .option(
      '--max-requests-inflight <count>',
      'requests at a time; more get 503',
      String(DEFAULT_LIMITS.inFlight),
    )
    .option(
      '--shutdown-delay <duration>',
      'how long to go on serving, not ready any more, when told to stop',
      '0s',
    );
}

/**
 * Checks the flags, each by itself and together.
 *
 * @throws Failure naming the flag.
 */
export function parseServeFlags(flags: ServeFlags): ServeOptions {
  const { nativePolicy, bindAddress } = flags;
  const fronts = parseFrontPolicy(flags, bindAddress);
  if (flags.config === undefined && fronts.sessionKeys !== undefined) {
    throw new Failure(
      '--exchange-bind-address, --terminator-bind-address and --session-signing-key-file need --config',
    );
  }
  const inFlight = parseCount('--max-requests-inflight', flags.maxRequestsInflight);
  return {
    ...parseFiles(flags),
    ...(nativePolicy !== undefined && { nativePolicy }),
    audiences: flags.audience.map(checkAudience),
    secure: { host: checkHost(bindAddress), port: parsePort('--secure-port', flags.securePort) },
    health: parseAddress('--health-bind-address', flags.healthBindAddress),
    servingCertificate: parseServingCertificate(flags),
    tls: parseTlsSettings(flags),
    callers: parseCallerPolicy(flags, bindAddress),
    logging: parseLogPolicy(flags),
    fronts,
    certDir: flags.certDir,
    limits: { ...DEFAULT_LIMITS, inFlight },
    shutdownDelayMs: parseDuration('--shutdown-delay', flags.shutdownDelay),
  };
}

/** An address, or the name of one; the port has a flag of its own. */
function checkHost(text: string): string {
  if (isIP(text) === 0 && !/^[a-z0-9][a-z0-9.-]*$/i.test(text))
    throw new Failure(
      `--bind-address: ${JSON.stringify(text)} is not an IP address: expected one like 127.0.0.1 or ::`,
    );
  return text;
}

/** Each endpoint has its file; what belongs to one of them is nothing without it. */
function parseFiles(flags: ServeFlags): Pick<ServeOptions, 'files'> {
  const { config, nativePolicy, certificateAuthorityFile, revocationFile: revocationFiles, audience } = flags;
  if (config === undefined) {
    if (nativePolicy === undefined) throw new Failure('give --config, --native-policy or both');
    const [stray] = [
      ...(audience.length > 0 ? ['--audience'] : []),
      ...(certificateAuthorityFile === undefined ? [] : ['--certificate-authority-file']),
      ...(revocationFiles.length > 0 ? ['--revocation-file'] : []),
    ];
    if (stray !== undefined) throw new Failure(`${stray} goes with --config`);
    return {};
  }
  if (audience.length === 0)
    throw new Failure(
      '--audience is required with --config: name this one cluster, as in x509.prod-eu.example',
    );
  return {
    files: {
      config,
      revocationFiles,
      ...(certificateAuthorityFile !== undefined && { certificateAuthorityFile }),
    },
  };
}
