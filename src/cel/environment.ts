import { arithmeticOverloads } from './library/arithmetic.ts';
import type { Declarations, NameDeclaration, Structure } from './check/declarations.ts';
import { libraryOverloads } from './library.ts';
import { optionalOverloads } from './library/optionals.ts';
import type { Overload } from './overload.ts';
import { standardOverloads } from './library/standard.ts';
import {
  ANY,
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  INT,
  NULL,
  STRING,
  TIMESTAMP,
  type Type,
  UINT,
  listType,
  mapType,
  objectType,
  opaqueType,
  paramType,
  typeType,
} from './type.ts';
import { messageTypes } from './library/well-known.ts';

/** What an expression is compiled against: its variables, and the functions and types of Kubernetes' environment. */
export interface Environment {
  readonly declarations: Declarations;
}

/** A variable of an environment: of a plain type, or a structure with these fields. */
export type VariableDeclaration =
  | { readonly kind: 'plain'; readonly type: Type }
  | {
      readonly kind: 'object';
      readonly typeName: string;
      readonly fields: Structure;
      /** The structures among the fields, by the name of their type. */
      readonly nested?: ReadonlyMap<string, Structure>;
    };

const A = paramType('A');
const B = paramType('B');

const TYPE_NAMES: readonly Type[] = [
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  INT,
  listType(A),
  mapType(A, B),
  NULL,
  STRING,
  TIMESTAMP,
  typeType(),
  UINT,
  opaqueType('optional_type'),
  opaqueType('net.IP'),
  opaqueType('net.CIDR'),
];

const FUNCTIONS = byName([
  ...standardOverloads,
  ...arithmeticOverloads,
  ...optionalOverloads,
  ...libraryOverloads,
]);

function byName(overloads: readonly Overload[]): ReadonlyMap<string, readonly Overload[]> {
  const functions = new Map<string, Overload[]>();
  for (const overload of overloads) {
    const group = functions.get(overload.name);
    if (group === undefined) functions.set(overload.name, [overload]);
    else group.push(overload);
  }
  return functions;
}

/** An environment with these variables and nothing else of its own. */
export function declareEnvironment(variables: Readonly<Record<string, VariableDeclaration>>): Environment {
  const names = new Map<string, NameDeclaration>();
  const structures = new Map<string, Structure>();
  for (const type of TYPE_NAMES) names.set(type.name, { kind: 'type', type });
  for (const [name, { type }] of messageTypes)
    if (!names.has(name)) names.set(name, { kind: 'structure', type });
  for (const [name, variable] of Object.entries(variables)) {
    if (variable.kind === 'plain') {
      names.set(name, { kind: 'variable', type: variable.type });
      continue;
    }
    const type = objectType(variable.typeName);
    const own = [...(variable.nested ?? []), [variable.typeName, variable.fields] as const];
    for (const [typeName, structure] of own) {
      structures.set(typeName, structure);
      names.set(typeName, { kind: 'structure', type: objectType(typeName) });
    }
    names.set(name, { kind: 'variable', type });
  }
  return { declarations: { names, structures, functions: FUNCTIONS, messages: messageTypes } };
}

function fields(types: Readonly<Record<string, Type>>): Structure {
  return new Map(Object.entries(types));
}

const STRINGS = listType(STRING);

/** The variable `user`. */
export const userVariable: VariableDeclaration = {
  kind: 'object',
  typeName: 'kubernetes.UserInfo',
  fields: fields({ username: STRING, uid: STRING, groups: STRINGS, extra: mapType(STRING, STRINGS) }),
};

/** The variable `request`. */
export const requestVariable: VariableDeclaration = {
  kind: 'object',
  typeName: 'kubernetes.RequestInfo',
  fields: fields({ remoteaddr: STRING }),
};

/** The types of `cert` and of its `subject` and `issuer`. */
export const CERTIFICATE_TYPE = 'kubernetes.CertificateInfo';
export const NAME_TYPE = 'kubernetes.CertificateName';

const nameFields = fields({
  commonName: STRING,
  organization: STRINGS,
  organizationalUnit: STRINGS,
  country: STRINGS,
  locality: STRINGS,
  province: STRINGS,
});

/** The variable `cert`. */
export const certVariable: VariableDeclaration = {
  kind: 'object',
  typeName: CERTIFICATE_TYPE,
  fields: fields({
    subject: objectType(NAME_TYPE),
    issuer: objectType(NAME_TYPE),
    serialNumber: STRING,
    notBefore: TIMESTAMP,
    notAfter: TIMESTAMP,
    dnsSANs: STRINGS,
    uriSANs: STRINGS,
    emailSANs: STRINGS,
    ipSANs: STRINGS,
    fingerprint: STRING,
    extKeyUsages: STRINGS,
    publicKeyAlgorithm: STRING,
  }),
  nested: new Map([[NAME_TYPE, nameFields]]),
};

/** The variable `claims`. */
export const claimsVariable: VariableDeclaration = { kind: 'plain', type: mapType(STRING, ANY) };

/** The environments of the rules, each with its one variable. */
export const environments: Readonly<Record<'user' | 'request' | 'cert' | 'claims', Environment>> = {
  user: declareEnvironment({ user: userVariable }),
  request: declareEnvironment({ request: requestVariable }),
  cert: declareEnvironment({ cert: certVariable }),
  claims: declareEnvironment({ claims: claimsVariable }),
};
