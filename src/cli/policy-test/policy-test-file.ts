import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import { parse, YAMLParseError } from 'yaml';
import { reasonOf } from '../../server/reason-of.ts';
import type { StructuredName } from '../../x509/build-name.ts';
import { Failure } from '../failure.ts';
import { readFlagFile } from '../read-file.ts';

/** A file of policy tests: `schemas/authn-test.schema.json` is its contract. */
export type PolicyTestFile = ConfigTestFile | NativeTestFile;

/** Cases of an AuthenticationConfiguration. */
export interface ConfigTestFile {
  readonly config: string;
  readonly certificateAuthorityFile?: string;
  readonly revocationFiles?: readonly string[];
  readonly cases: readonly PolicyCase[];
}

/** Cases of a NativeCertificatePolicy; `certificateAuthorityFile` is kube-apiserver's `--client-ca-file`. */
export interface NativeTestFile {
  readonly nativePolicy: string;
  readonly certificateAuthorityFile?: string;
  readonly cases: readonly NativeCase[];
}

export interface PolicyCase {
  readonly name: string;
  readonly certificate: EntryCertificate;
  readonly remoteAddr?: string;
  readonly at?: string;
  readonly expect: Expectation;
}

/** Somebody with a certificate; with `user` too where the certificate is known by its fingerprint alone, and `user` alone has none. */
export interface NativeCase {
  readonly name: string;
  readonly certificate?: NativeCertificate;
  readonly user?: ReviewedUser;
  readonly at?: string;
  readonly expect: Expectation;
}

/** A certificate in a file, or one to be made; the schema sees to it that it is not both. */
export interface CaseCertificate {
  readonly file?: string;
  readonly chain?: string;
  readonly subject?: StructuredName;
  readonly uriSANs?: readonly string[];
  readonly dnsSANs?: readonly string[];
  readonly ipSANs?: readonly string[];
  readonly emailSANs?: readonly string[];
  readonly extKeyUsages?: readonly string[];
  readonly notBefore?: string;
  readonly notAfter?: string;
}

/** Under the entry's anchors. */
export interface EntryCertificate extends CaseCertificate {
  readonly entry?: string;
}

/** Under kube-apiserver's own authorities. */
export interface NativeCertificate extends CaseCertificate {
  /** The common name of who issued it. */
  readonly issuer?: string;
  /** Hexadecimal. */
  readonly serialNumber?: string;
  readonly fingerprint?: string;
  /** Whether it lies in the inventory, wherever the inventory's files are. */
  readonly known?: boolean;
}

/** A user as a SubjectAccessReview tells of one. */
export interface ReviewedUser {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What a case expects; what is absent does not matter. */
export interface Expectation {
  readonly outcome: string;
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
    if (error instanceof YAMLParseError && error.code === 'MULTIPLE_DOCS')
      throw new Failure(`${path} has several documents: a file of policy tests is one`);
    throw new Failure(`${path} is not YAML: ${reasonOf(error)}`);
  }
}

/** What ajv says of the errors that are reported. */
interface ErrorParams {
  readonly additionalProperty?: string;
  readonly missingProperty?: string;
}

function describeErrors(path: string, errors: readonly ErrorObject[]): string {
  // Which kind of file it is meant to be says nothing of what is wrong with it.
  const telling = errors.filter(({ keyword }) => keyword !== 'if');
  const lines = telling.map(({ instancePath, keyword, message, params }) => {
    const { additionalProperty: extra, missingProperty: missing } = params as ErrorParams;
    // The schema asks for config where there is no nativePolicy.
    const absent = missing === 'config' ? "must have required property 'config' or 'nativePolicy'" : message;
    const problem = keyword === 'false schema' ? 'does not go with what else is given' : absent;
    return `${path}: ${instancePath || '/'}: ${problem}${extra === undefined ? '' : ` (${JSON.stringify(extra)})`}`;
  });
  return [`${path} is no file of policy tests (schemas/authn-test.schema.json)`, ...lines].join('\n');
}
