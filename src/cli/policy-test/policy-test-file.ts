import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import { parse } from 'yaml';
import type { Decision } from '../../authenticator/decision.ts';
import type { StructuredName } from '../../x509/build-name.ts';
import { Failure, reasonOf } from '../failure.ts';
import { readFlagFile } from '../read-file.ts';

/** A file of policy tests: `schemas/authn-test.schema.json` is its contract. */
export interface PolicyTestFile {
  readonly config: string;
  readonly certificateAuthorityFile?: string;
  readonly revocationFiles?: readonly string[];
  readonly cases: readonly PolicyCase[];
}

export interface PolicyCase {
  readonly name: string;
  readonly certificate: CaseCertificate;
  readonly remoteAddr?: string;
  readonly at?: string;
  readonly expect: Expectation;
}

/** A certificate in a file, or one to be made; the schema sees to it that it is not both. */
export interface CaseCertificate {
  readonly file?: string;
  readonly chain?: string;
  readonly entry?: string;
  readonly subject?: StructuredName;
  readonly uriSANs?: readonly string[];
  readonly dnsSANs?: readonly string[];
  readonly ipSANs?: readonly string[];
  readonly emailSANs?: readonly string[];
  readonly extKeyUsages?: readonly string[];
  readonly notBefore?: string;
  readonly notAfter?: string;
}

/** What a case expects; what is absent does not matter. */
export interface Expectation {
  readonly outcome: Decision['outcome'];
  readonly reason?: string;
  readonly message?: string;
  readonly user?: ExpectedUser;
}

export interface ExpectedUser {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

const SCHEMA = new URL('../../../schemas/authn-test.schema.json', import.meta.url);

/** Reads files of policy tests: each is checked against the schema. */
export function createPolicyTestReader(): (path: string) => PolicyTestFile {
  const schema: object = JSON.parse(readFileSync(SCHEMA, 'utf8'));
  const ajv = new Ajv({ allErrors: true });
  const validate = ajv.compile<PolicyTestFile>(schema);
  return (path) => {
    const value = readYaml(path);
    if (!validate(value)) throw new Failure(describeErrors(path, validate.errors ?? []));
    return value;
  };
}

function readYaml(path: string): unknown {
  const text = readFlagFile('test', path).toString('utf8');
  try {
    return parse(text);
  } catch (error) {
    throw new Failure(`${path} is not YAML: ${reasonOf(error)}`);
  }
}

function describeErrors(path: string, errors: readonly ErrorObject[]): string {
  const lines = errors.map(({ instancePath, message, params }) => {
    const extra = (params as { additionalProperty?: string }).additionalProperty;
    return `${path}: ${instancePath || '/'}: ${message}${extra === undefined ? '' : ` (${JSON.stringify(extra)})`}`;
  });
  return [`${path} is no file of policy tests (schemas/authn-test.schema.json)`, ...lines].join('\n');
}
