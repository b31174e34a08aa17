/** The families of types that the checker tells apart. */
export type TypeKind =
  | 'any'
  | 'bool'
  | 'bytes'
  | 'double'
  | 'duration'
  | 'dyn'
  | 'error'
  | 'int'
  | 'list'
  | 'map'
  | 'null'
  | 'object'
  | 'opaque'
  | 'param'
  | 'string'
  | 'timestamp'
  | 'type'
  | 'uint';

/**
 * A type of the checker. `name` is the run-time name (for a `param`, the parameter's own); `parameters` are a list's
 * element, a map's key and value, an opaque type's arguments, or what a `type` is the type of.
 */
export interface Type {
  readonly kind: TypeKind;
  readonly name: string;
  readonly parameters: readonly Type[];
  /** A wrapper such as google.protobuf.Int64Value: the same type, or null. */
  readonly nullable?: true;
}

function plain(kind: TypeKind, name: string): Type {
  return { kind, name, parameters: [] };
}

export const ANY: Type = plain('any', 'google.protobuf.Any');
export const BOOL: Type = plain('bool', 'bool');
export const BYTES: Type = plain('bytes', 'bytes');
export const DOUBLE: Type = plain('double', 'double');
export const DURATION: Type = plain('duration', 'google.protobuf.Duration');
export const DYN: Type = plain('dyn', 'dyn');
export const ERROR: Type = plain('error', 'error');
export const INT: Type = plain('int', 'int');
export const NULL: Type = plain('null', 'null_type');
export const STRING: Type = plain('string', 'string');
export const TIMESTAMP: Type = plain('timestamp', 'google.protobuf.Timestamp');
export const UINT: Type = plain('uint', 'uint');

/** `list(element)` */
export function listType(element: Type): Type {
  return { kind: 'list', name: 'list', parameters: [element] };
}

/** `map(key, value)` */
export function mapType(key: Type, value: Type): Type {
  return { kind: 'map', name: 'map', parameters: [key, value] };
}

/** `optional_type(value)` */
export function optionalType(value: Type): Type {
  return opaqueType('optional_type', [value]);
}

/** An abstract type without fields, such as `net.IP`. */
export function opaqueType(name: string, parameters: readonly Type[] = []): Type {
  return { kind: 'opaque', name, parameters };
}

/** A structure with declared fields, such as `kubernetes.UserInfo`. */
export function objectType(name: string): Type {
  return plain('object', name);
}

/** The type of a type: `type(int)`; plain `type` without an argument. */
export function typeType(of?: Type): Type {
  return { kind: 'type', name: 'type', parameters: of === undefined ? [] : [of] };
}

/** A type parameter such as `<A>` of an overload, or a free type variable of the checker. */
export function paramType(name: string): Type {
  return plain('param', name);
}

/** The type, or null: what google.protobuf's wrappers are. */
export function nullableType(type: Type): Type {
  return { ...type, nullable: true };
}

/** The type as cel-go writes it: `map(string, list(<A>))`, `wrapper(int)`. */
export function formatType(type: Type): string {
  if (type.kind === 'param') return `<${type.name}>`;
  const name = type.nullable === true ? `wrapper(${type.name})` : type.name;
  return type.parameters.length === 0 ? name : `${name}(${type.parameters.map(formatType).join(', ')})`;
}

/** Whether the two are the same type, parameters and their names included. */
export function isExactType(a: Type, b: Type): boolean {
  return (
    a === b ||
    (a.kind === b.kind &&
      a.name === b.name &&
      a.parameters.length === b.parameters.length &&
      a.parameters.every((parameter, index) => isExactType(parameter, b.parameters[index] as Type)))
  );
}

export function isDyn(type: Type): boolean {
  return type.kind === 'dyn' || type.kind === 'any';
}

/** The type as cel-go writes it in its error messages, where some have shorter names. */
export function describeType(type: Type): string {
  const short = SHORT_NAMES.get(type.kind);
  if (short !== undefined) return short;
  if (type.parameters.length === 0) return formatParameterless(type);
  return `${type.name}(${type.parameters.map(describeType).join(', ')})`;
}

/** The arguments of a call as cel-go writes them: `list(int).(string)` for a member's. */
export function describeCall(types: readonly Type[], isMember: boolean): string {
  const described = types.map(describeType);
  return isMember ? `${described[0]}.(${described.slice(1).join(', ')})` : `(${described.join(', ')})`;
}

const SHORT_NAMES: ReadonlyMap<TypeKind, string> = new Map([
  ['any', 'any'],
  ['duration', 'duration'],
  ['error', '!error!'],
  ['null', 'null'],
  ['timestamp', 'timestamp'],
]);

function formatParameterless(type: Type): string {
  return type.nullable === true ? `wrapper(${type.name})` : type.name;
}
