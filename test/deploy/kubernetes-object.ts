import * as client from '@kubernetes/client-node';

interface Attribute {
  readonly name: string;
  readonly baseName: string;
  readonly type: string;
}

/** A class of the Kubernetes client: its type map says which fields an object of the kind has. */
interface KubernetesType {
  getAttributeTypeMap(): readonly Attribute[];
}

/** What the client's type maps say of an object: every field that Kubernetes does not have, or has of another type. */
export function findFaults(object: { apiVersion?: string; kind?: string }): readonly string[] {
  const { apiVersion = '', kind = '' } = object;
  const version = apiVersion.split('/').at(-1) ?? '';
  const type = typeNamed(version.charAt(0).toUpperCase() + version.slice(1) + kind);
  if (type === undefined) return [`no kind ${kind} in ${apiVersion}`];
  return faultsOf(object, type, kind);
}

function typeNamed(name: string): KubernetesType | undefined {
  const type: unknown = (client as Readonly<Record<string, unknown>>)[name];
  return typeof type === 'function' && 'getAttributeTypeMap' in type
    ? (type as unknown as KubernetesType)
    : undefined;
}

function faultsOf(object: object, type: KubernetesType, path: string): readonly string[] {
  const attributes = new Map(type.getAttributeTypeMap().map((attribute) => [attribute.baseName, attribute]));
  return Object.entries(object).flatMap(([field, value]) => {
    const attribute = attributes.get(field);
    if (attribute === undefined) return [`${path}.${field}: unknown field`];
    return faultsOfValue(value, attribute.type, `${path}.${field}`);
  });
}

function faultsOfValue(value: unknown, type: string, path: string): readonly string[] {
  const [, items] = /^Array<(.+)>$/.exec(type) ?? [];
  if (items !== undefined) {
    if (!Array.isArray(value)) return [`${path}: not a list`];
    return value.flatMap((item, index) => faultsOfValue(item, items, `${path}[${index}]`));
  }
  const [, values] = /^\{ \[key: string\]: (.+?);? ?\}$/.exec(type) ?? [];
  if (values !== undefined) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path}: not a map`];
    return Object.entries(value).flatMap(([key, item]) => faultsOfValue(item, values, `${path}[${key}]`));
  }
  const model = typeNamed(type);
  if (model !== undefined) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return [`${path}: not an object`];
    return faultsOf(value, model, path);
  }
  return isOfType(value, type) ? [] : [`${path}: ${JSON.stringify(value)} is not of type ${type}`];
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'any') return true;
  if (type === 'IntOrString') return typeof value === 'number' || typeof value === 'string';
  if (type === 'Date') return typeof value === 'string' && !Number.isNaN(Date.parse(value));
  return typeof value === type;
}
