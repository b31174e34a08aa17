import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { pino } from 'pino';
import type { Authenticator } from '../authenticator/authenticator.ts';
import { compile } from '../authenticator/compile.ts';
import { loadConfig } from '../config/decode.ts';
import { decodeText } from '../config/decode-text.ts';
import type { Issue } from '../config/issue.ts';
import { createLog, type Log } from '../server/log.ts';
import { type RunningServer, startServer } from '../server/serve.ts';
import { ensureServingCertificate } from '../server/serving-certificate.ts';
import { type Address, parseAddress, parsePort } from './address.ts';
import { checkAudience } from './audience.ts';
import { Failure, reasonOf } from './failure.ts';
import { readFlagFile } from './read-file.ts';

interface ServeFlags {
  readonly config: string;
  readonly certificateAuthorityFile?: string;
  readonly revocationFile: readonly string[];
  readonly audience: readonly string[];
  readonly bindAddress: string;
  readonly securePort: string;
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  readonly certDir: string;
  readonly healthBindAddress: string;
}

const HELP = `
Example:
  $ kube-x509-authn serve --config authn.yaml --certificate-authority-file users-ca.pem --audience x509.prod-eu.example`;

/** `serve`: the authentication webhook of a kube-apiserver. */
export function serveCommand(): Command {
  return new Command('serve')
    .description("serve kube-apiserver's authentication webhook (TokenReview) over TLS")
    .requiredOption('--config <file>', 'the AuthenticationConfiguration with the x509 entries')
    .option(
      '--certificate-authority-file <file>',
      "anchors of entries without their own, PEM (not kube-apiserver's --client-ca-file)",
    )
    .option(
      '--revocation-file <file>',
      'revocation list or CRL that holds for every entry; may be repeated',
      collect,
      [],
    )
    .requiredOption(
      '--audience <name>',
      "the cluster's audience, which tokens must name; may be repeated",
      collect,
      [],
    )
    .option('--bind-address <ip>', 'where to listen', '127.0.0.1')
    .option('--secure-port <port>', 'the port to serve TLS on; 0 takes a free one', '8443')
    .option('--tls-cert-file <file>', 'serving certificate, PEM')
    .option('--tls-private-key-file <file>', "the serving certificate's key, PEM")
    .option(
      '--cert-dir <dir>',
      'where a serving certificate is made when none is given',
      '/var/run/kube-x509-authn',
    )
    .option('--health-bind-address <host:port>', 'where to serve /livez and /readyz', '127.0.0.1:8081')
    .addHelpText('after', HELP)
    .action(serve);
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

async function serve(flags: ServeFlags): Promise<void> {
  const audiences = flags.audience.map(checkAudience);
  const secure: Address = { host: flags.bindAddress, port: parsePort('--secure-port', flags.securePort) };
  const health = parseAddress('--health-bind-address', flags.healthBindAddress);
  const log = createLog(pino.destination({ dest: 2, sync: true }));
  const authenticator = loadAuthenticator(flags, log);
  const service = {
    authenticator: () => authenticator,
    audiences,
    now: () => Date.now(),
    newDecisionId: () => randomBytes(8).toString('hex'),
    log,
  };
  const { certificate, key } = await loadServingCertificate(flags, log);
  const server = await listen(() => startServer(service, { secure, health, certificate, key }));
  log.info('serving', { secure: server.secureAddress, health: server.healthAddress, audiences });
  stopOnSignal(server, log);
}

function loadAuthenticator(flags: ServeFlags, log: Log): Authenticator {
  const decoded = decodeText(readFlagFile('--config', flags.config));
  if (!decoded.ok) throw new Failure(`--config: ${flags.config}: ${decoded.error}`, 1);
  const loaded = loadConfig(decoded.text);
  if (loaded.kind === 'invalid') throw new Failure(describeIssues(flags.config, loaded.issues), 1);
  const compiled = compile(loaded.config, {
    readFile: (path) => readFileSync(path),
    revocationFiles: flags.revocationFile,
    ...(flags.certificateAuthorityFile !== undefined && {
      certificateAuthorityFile: flags.certificateAuthorityFile,
    }),
  });
  if (compiled.kind === 'invalid') throw new Failure(describeIssues(flags.config, compiled.issues), 1);
  for (const issue of [...loaded.warnings, ...compiled.warnings]) {
    log.warn(issue.message, {
      config: flags.config,
      path: issue.path,
      line: issue.line,
      column: issue.column,
    });
  }
  return compiled.authenticator;
}

/** Every issue on lines of its own: `file:line:column: message`. */
function describeIssues(file: string, issues: readonly Issue[]): string {
  const lines = issues.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  return [`${file} has ${issues.length} error${issues.length === 1 ? '' : 's'}`, ...lines].join('\n');
}

async function loadServingCertificate(
  flags: ServeFlags,
  log: Log,
): Promise<{ certificate: Buffer; key: Buffer }> {
  const { tlsCertFile, tlsPrivateKeyFile, certDir, bindAddress } = flags;
  if (tlsCertFile !== undefined && tlsPrivateKeyFile !== undefined) {
    return {
      certificate: readFlagFile('--tls-cert-file', tlsCertFile),
      key: readFlagFile('--tls-private-key-file', tlsPrivateKeyFile),
    };
  }
  if (tlsCertFile !== undefined || tlsPrivateKeyFile !== undefined) {
    throw new Failure(
      '--tls-cert-file and --tls-private-key-file go together: give both, or neither and --cert-dir',
    );
  }
  try {
    const made = await ensureServingCertificate(certDir, bindAddress, Date.now());
    log.info('using the serving certificate of --cert-dir', { certificate: made.certificatePath });
    return made;
  } catch (error) {
    throw new Failure(`--cert-dir: cannot make a serving certificate in ${certDir}: ${reasonOf(error)}`);
  }
}

async function listen(start: () => Promise<RunningServer>): Promise<RunningServer> {
  try {
    return await start();
  } catch (error) {
    throw new Failure(`cannot serve: ${reasonOf(error)}`);
  }
}

function stopOnSignal(server: RunningServer, log: Log): void {
  const stop = (signal: string): void => {
    log.info('stopping', { signal });
    void server.close();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
