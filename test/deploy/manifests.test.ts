import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KubeConfig } from '@kubernetes/client-node';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { addServeFlags, parseServeFlags, type ServeFlags } from '../../src/cli/serve-flags.ts';
import { loadConfig } from '../../src/config/decode.ts';
import { loadRevocationList } from '../../src/config/load-revocation-list.ts';
import { findFaults } from './kubernetes-object.ts';

const DEPLOY = fileURLToPath(new URL('../../config/deploy', import.meta.url));
const { version: VERSION } = JSON.parse(readFileSync(join(DEPLOY, '../../package.json'), 'utf8'));
const read = (...path: readonly string[]): string => readFileSync(join(DEPLOY, ...path), 'utf8');

/** Files that are not objects of the Kubernetes API; the tests below have a look at each. */
const OTHERS = [
  'alerts.yaml',
  'authn.yaml',
  'revoked.yaml',
  'kustomization.yaml',
  'webhook.kubeconfig',
  'cluster-configuration.yaml',
  'envoy.yaml',
];

const files = readdirSync(DEPLOY, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /\.(?:yaml|kubeconfig)$/.test(file),
);
const manifests = files.filter((file) => !OTHERS.includes(basename(file)));

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec?: Spec & { readonly template?: { readonly spec: Spec } };
}

interface Spec {
  readonly automountServiceAccountToken?: boolean;
  readonly securityContext?: object;
  readonly containers?: readonly Container[];
  readonly volumes?: readonly { readonly name: string }[];
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly securityContext: object;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

const objects = manifests.flatMap((file) =>
  parseAllDocuments(read(file)).map((document) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors.join('; ')}`);
    return { file, object: document.toJS() as Manifest };
  }),
);

/** The pods' specs that run our image. */
const pods = objects
  .map(({ file, object }) => ({ file, spec: object.spec?.template?.spec ?? object.spec }))
  .filter(({ spec }) => spec?.containers?.some(({ name }) => name === 'kube-x509-authn'));

describe('the manifests', () => {
  it.each(objects.map(({ file, object }) => [file, object.kind, object] as const))(
    '%s: %s has only what Kubernetes has',
    (_, _kind, object) => {
      expect(findFaults(object)).toEqual([]);
    },
  );

  it.each([
    [{ apiVersion: 'v1', kind: 'Pod', spec: { hostNetwrok: true } }, 'Pod.spec.hostNetwrok: unknown field'],
    [
      { apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ image: 5 }] } },
      'Pod.spec.containers[0].image: 5 is not of type string',
    ],
    [{ apiVersion: 'v1', kind: 'Pod', spec: { volumes: {} } }, 'Pod.spec.volumes: not a list'],
    [{ apiVersion: 'apps/v1', kind: 'Deploymnet' }, 'no kind Deploymnet in apps/v1'],
  ])('%o would be found', (object, fault) => {
    expect(findFaults(object)).toEqual([fault]);
  });

  it('are a static pod, and a Deployment with all that belongs to it', () => {
    expect(objects.map(({ object }) => object.kind).toSorted()).toEqual([
      'Deployment',
      'Namespace',
      'NetworkPolicy',
      'Pod',
      'Pod',
      'PodDisruptionBudget',
      'Role',
      'RoleBinding',
      'Service',
      'ServiceAccount',
      'ServiceAccount',
    ]);
    expect(pods).toHaveLength(2);
  });

  it.each(pods)(
    '$file runs without root, without rights, and from a read-only image of this version',
    ({ spec }) => {
      const [container] = spec!.containers!;
      expect(spec).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect(container).toMatchObject({
        image: expect.stringMatching(new RegExp(`:${VERSION.replaceAll('.', '\\.')}$`)),
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      });
    },
  );

  it.each(pods)(
    '$file has flags that serve takes, and files of theirs only where a volume is',
    ({ spec }) => {
      const [container] = spec!.containers!;
      const [command, ...args] = container!.args;
      expect(command).toBe('serve');
      const flags = addServeFlags(new Command())
        .exitOverride()
        .parse(args, { from: 'user' })
        .opts<ServeFlags>();
      const options = parseServeFlags(flags);
      expect(options.callers.certificates).toBeDefined();
      const mounts = container!.volumeMounts.map(({ mountPath }) => `${mountPath}/`);
      const paths = args.flatMap((arg) => /=(\/.*)$/.exec(arg)?.[1] ?? []);
      expect(paths.filter((path) => !mounts.some((mount) => path.startsWith(mount)))).toEqual([]);
      expect(container!.volumeMounts.map(({ name }) => name)).toEqual(spec!.volumes!.map(({ name }) => name));
    },
  );
});

type Shape = string | number | boolean | readonly Shape[] | { readonly [field: string]: Shape };

/**
 * Files that kustomize, kube-apiserver and kubeadm read, with the fields that ours may have: an example of each type, of kustomize.config.k8s.io/v1beta1, of
 * a kubeconfig (client-go's clientcmd/api/v1), and of kubeadm.k8s.io/v1beta4.
 */
const SHAPES: Readonly<Record<string, Shape>> = {
  'kustomize/kustomization.yaml': {
    apiVersion: '',
    kind: '',
    namespace: '',
    resources: [''],
    configMapGenerator: [{ name: '', files: [''] }],
    generatorOptions: { disableNameSuffixHash: true },
    images: [{ name: '', newTag: '' }],
  },
  'static-pod/webhook.kubeconfig': {
    apiVersion: '',
    kind: '',
    clusters: [{ name: '', cluster: { server: '', 'certificate-authority': '' } }],
    users: [{ name: '', user: { 'client-certificate': '', 'client-key': '' } }],
    contexts: [{ name: '', context: { cluster: '', user: '' } }],
    'current-context': '',
  },
  'kubeadm/cluster-configuration.yaml': {
    apiVersion: '',
    kind: '',
    apiServer: {
      extraArgs: [{ name: '', value: '' }],
      extraVolumes: [{ name: '', hostPath: '', mountPath: '', readOnly: true, pathType: '' }],
    },
  },
};

function misshapen(value: unknown, shape: Shape | undefined, path: string): readonly string[] {
  if (shape === undefined) return [`${path}: unknown field`];
  if (Array.isArray(shape) !== Array.isArray(value) || typeof shape !== typeof value)
    return [`${path}: of another type`];
  if (Array.isArray(value)) {
    const [item] = shape as readonly Shape[];
    return value.flatMap((each, index) => misshapen(each, item, `${path}[${index}]`));
  }
  if (typeof value !== 'object' || value === null) return [];
  const fields = shape as { readonly [field: string]: Shape };
  return Object.entries(value).flatMap(([field, each]) => misshapen(each, fields[field], `${path}.${field}`));
}

describe('the other files', () => {
  it.each(Object.entries(SHAPES))('%s has only fields that there are', (file, shape) => {
    expect(misshapen(parse(read(file)), shape, '')).toEqual([]);
  });

  it('and others would be found', () => {
    const shape = SHAPES['kubeadm/cluster-configuration.yaml'];
    const extraArgs = [
      { name: 'v', value: '1' },
      { nmae: 'x', value: 2 },
    ];
    expect(misshapen({ kind: '', apiServer: { extraArgs } }, shape, '')).toEqual([
      '.apiServer.extraArgs[1].nmae: unknown field',
      '.apiServer.extraArgs[1].value: of another type',
    ]);
  });

  it('are all known', () => {
    const known = files.map((file) => basename(file)).filter((file) => OTHERS.includes(file));
    expect(known.toSorted()).toEqual(OTHERS.toSorted());
  });

  it('the configuration and the list are such as serve takes', () => {
    expect(loadConfig(read('kustomize/authn.yaml'))).toMatchObject({ kind: 'config', warnings: [] });
    expect(loadRevocationList(read('kustomize/revoked.yaml'))).toMatchObject({ kind: 'list' });
  });

  it('the kustomization names every file beside it, and the version', () => {
    const { resources, configMapGenerator, images } = parse(read('kustomize/kustomization.yaml'));
    const named = [...resources, ...configMapGenerator[0].files, 'kustomization.yaml'];
    expect(new Set(named)).toEqual(new Set(readdirSync(join(DEPLOY, 'kustomize'))));
    expect(images[0].newTag).toBe(VERSION);
  });

  it('the kubeconfig reaches the static pod, with a certificate', () => {
    const config = new KubeConfig();
    config.loadFromString(read('static-pod/webhook.kubeconfig'));
    expect(config.getCurrentCluster()?.server).toBe('https://127.0.0.1:8443/authenticate');
    expect(config.getCurrentUser()?.certFile).toMatch(/^\/etc\/kubernetes\/x509-authn\//);
  });

  it('kubeadm gets flags of kube-apiserver, in the form of v1beta4', () => {
    const { apiVersion, kind, apiServer } = parse(read('kubeadm/cluster-configuration.yaml'));
    expect([apiVersion, kind]).toEqual(['kubeadm.k8s.io/v1beta4', 'ClusterConfiguration']);
    expect(apiServer.extraArgs.map(({ name }: { name: string }) => name)).toEqual([
      'authentication-token-webhook-config-file',
      'authentication-token-webhook-version',
      'authentication-token-webhook-cache-ttl',
    ]);
  });
});

describe('the configuration of Envoy', () => {
  it('is YAML with a listener that asks the terminator port', () => {
    const envoy = parse(read('envoy', 'envoy.yaml'));
    expect(Object.keys(envoy)).toContain('static_resources');
    expect(JSON.stringify(envoy)).toContain('ext_authz');
  });
});
