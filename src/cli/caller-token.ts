import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { pino } from 'pino';
import type { FoundApiServer, ServiceAccount } from '../kube/api-server.ts';
import { findInClusterApiServer } from '../kube/in-cluster.ts';
import { findKubeconfigApiServer } from '../kube/kubeconfig.ts';
import { writeTokenFile } from '../kube/token-file.ts';
import { keepToken, renewToken, type TokenEvent, type TokenKeeping } from '../kube/token-keeper.ts';
import { requestToken, TOKEN_LIFETIME } from '../kube/token-request.ts';
import { createLog, type Log } from '../server/log.ts';
import { reasonOf } from '../server/reason-of.ts';
import { checkCallerAudience } from './caller-flags.ts';
import { parseDuration } from './duration.ts';
import { Failure } from './failure.ts';

const HELP = `
Run it beside kube-apiserver, and name FILE as tokenFile in the kubeconfig of --authentication-token-webhook-config-file;
kube-apiserver reads it again within a minute. The service account that asks needs "create" on serviceaccounts/token.

Example:
  $ kube-x509-authn caller-token --audience x509-authn.prod-eu.example --write /run/x509-authn/token \\
      --kubeconfig /etc/kubernetes/caller-token.kubeconfig --service-account kube-system/x509-authn-caller`;

interface CallerTokenFlags {
  readonly audience: string;
  readonly write: string;
  readonly kubeconfig?: string;
  readonly serviceAccount?: string;
  readonly lifetime: string;
  readonly once?: boolean;
}

/** `caller-token`: keeps a service-account token for kube-apiserver to call the webhook with. */
export function callerTokenCommand(): Command {
  return new Command('caller-token')
    .description(
      'keep a file with a service-account token, bound to the webhook, for kube-apiserver to call the webhook with',
    )
    .requiredOption('--audience <name>', "what the token is bound to: serve's --caller-token-audience")
    .requiredOption('--write <file>', 'the file to keep; replaced as a whole, readable by its owner alone')
    .option('--kubeconfig <file>', 'how to reach the API server (default: as a pod of its cluster)')
    .option('--service-account <namespace/name>', "whose token (default in a pod: the pod's own)")
    .option('--lifetime <duration>', 'how long a token is good for; renewed before 80 % of it', '1h')
    .option('--once', 'write one token and end; an API server that does not answer is asked ten times')
    .addHelpText('after', HELP)
    .action((flags: CallerTokenFlags) => run(flags));
}

async function run(flags: CallerTokenFlags): Promise<void> {
  const keeping = toKeeping(flags, createLog(pino.destination({ dest: 2, sync: true })));
  if (flags.once !== true) {
    // A token is written in one turn of the event loop, so that nothing is ever half done.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
  }
  const result = flags.once === true ? await renewToken(keeping) : await keepToken(keeping);
  if (!result.ok) throw new Failure(result.error);
}

function toKeeping(flags: CallerTokenFlags, log: Log): TokenKeeping {
  const found = findApiServer(flags.kubeconfig);
  const serviceAccount = parseServiceAccount(flags.serviceAccount) ?? found.serviceAccount;
  if (serviceAccount === undefined)
    throw new Failure('--service-account is required with --kubeconfig: NAMESPACE/NAME');
  const lifetime = parseLifetime(flags.lifetime);
  const audience = checkCallerAudience('--audience', flags.audience);
  checkWritable(flags.write);
  return {
    request: () => requestToken(found.apiServer, { serviceAccount, audience, lifetime }),
    write: (token) => writeTokenFile(flags.write, token),
    now: () => Date.now(),
    sleep: (ms) => delay(ms),
    random: () => Math.random(),
    onEvent: (event) => report(event, { log, file: flags.write }),
  };
}

function report(event: TokenEvent, { log, file }: { log: Log; file: string }): void {
  switch (event.kind) {
    case 'written': {
      const expiresAt = new Date(event.expiresAt).toISOString();
      log.info('wrote a token', { file, expiresAt, renewInSeconds: Math.round(event.renewInMs / 1000) });
      break;
    }
    case 'failed':
      log.warn('could not get a token; trying again', { error: event.error, retryInMs: event.retryInMs });
      break;
  }
}

/** What only a person can mend is better said at once than tried again and again. */
function checkWritable(path: string): void {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
      throw new Error(`${path} is a directory`);
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw new Failure(`--write: ${reasonOf(error)}`);
  }
}

function findApiServer(kubeconfig: string | undefined): Extract<FoundApiServer, { ok: true }> {
  const found =
    kubeconfig === undefined ? findInClusterApiServer(process.env) : findKubeconfigApiServer(kubeconfig);
  if (found.ok) return found;
  throw new Failure(
    kubeconfig === undefined ? `${found.error}: give --kubeconfig` : `--kubeconfig: ${found.error}`,
  );
}

function parseServiceAccount(text: string | undefined): ServiceAccount | undefined {
  if (text === undefined) return undefined;
  const [, namespace, name] = /^([a-z0-9.-]+)\/([a-z0-9.-]+)$/.exec(text) ?? [];
  if (namespace === undefined || name === undefined) {
    throw new Failure(
      `--service-account: ${JSON.stringify(text)}: expected NAMESPACE/NAME, as in kube-system/x509-authn-caller`,
    );
  }
  return { namespace, name };
}

function parseLifetime(text: string): number {
  const seconds = parseDuration('--lifetime', text) / 1000;
  if (seconds < TOKEN_LIFETIME.least || seconds > TOKEN_LIFETIME.most || !Number.isInteger(seconds)) {
    throw new Failure(`--lifetime: ${text}: the API server takes whole seconds from 10m`);
  }
  return seconds;
}
