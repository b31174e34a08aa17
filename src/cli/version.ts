import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';

/** The version of this package, from its package.json. */
export const VERSION: string = readVersion();

/** The Kubernetes release whose CEL environment, validation and X.509 rules these are. */
export const KUBERNETES_VERSION = '1.36';

/** `version`: what this is, and which Kubernetes it follows. */
export function versionCommand(): Command {
  return new Command('version')
    .description('print the version, and the Kubernetes release whose behaviour it follows')
    .addOption(new Option('-o, --output <format>', 'text or JSON').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExample:\n  $ kube-x509-authn version -o json')
    .action(({ output }: { readonly output: 'text' | 'json' }) => {
      process.stdout.write(output === 'json' ? toJson() : toText());
    });
}

function toText(): string {
  return `kube-x509-authn ${VERSION} (behaves as Kubernetes ${KUBERNETES_VERSION}; Node.js ${process.versions.node})\n`;
}

function toJson(): string {
  const version = {
    version: VERSION,
    kubernetesVersion: KUBERNETES_VERSION,
    nodeVersion: process.versions.node,
    platform: `${process.platform}/${process.arch}`,
  };
  return `${JSON.stringify(version, null, 2)}\n`;
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
