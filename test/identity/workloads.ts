import * as fc from 'fast-check';
import type { ProfileName } from '../../src/identity/profile.ts';
import type { ObjectIdentity, Workload } from '../../src/identity/workload.ts';

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const objectName = fc
  .array(label, { minLength: 1, maxLength: 8 })
  .map((labels) => labels.join('.'))
  .filter((name) => name.length <= 253);
const uid = fc.oneof(fc.uuid(), fc.stringMatching(/^[\x21-\x7e]{1,128}$/));
const object: fc.Arbitrary<ObjectIdentity> = fc.record({ name: objectName, uid });

const account = { namespace: label, serviceAccount: objectName };

/** Workloads with all that a certificate of the profile can say, and no more. */
export const workloadsOf: Readonly<Record<ProfileName, fc.Arbitrary<Workload>>> = {
  SPIFFE: fc.record(account),
  ServiceAccount: fc.record(account),
  PodIdentity: fc.record({
    ...account,
    namespaceUID: uid,
    serviceAccountUID: uid,
    pod: object,
    node: object,
  }),
};

/** Trust domains. */
export const trustDomains: fc.Arbitrary<string> = fc
  .array(fc.stringMatching(/^[a-z0-9_-]{1,80}$/), { minLength: 1, maxLength: 10 })
  .map((labels) => labels.join('.'))
  .filter((name) => name.length <= 255);

/** A pod known by everything. */
export const webPod: Required<Workload> = {
  namespace: 'default',
  namespaceUID: '0d6d0e4c-5a4f-4b0e-9d5e-2f3c1a7b8d90',
  serviceAccount: 'web',
  serviceAccountUID: '4f1d9c2e-7f7a-4a39-8c55-6e1f0b9a2c3d',
  pod: { name: 'web-7c5ddbdf54-x2x8k', uid: '277b9c49-39c3-4f23-b0b1-e889ef90c0b2' },
  node: { name: 'worker-1.example.org', uid: '9a1b2c3d-0000-4000-8000-abcdefabcdef' },
};
