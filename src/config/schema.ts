import { createRequire } from 'node:module';

/** A JSON Schema as far as this project's schemas use it: a shape is written there and nowhere else. */
export interface FieldSchema {
  readonly $ref?: string;
  readonly type?: 'object' | 'array' | 'string' | 'boolean';
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly items?: FieldSchema;
  readonly anyOf?: readonly FieldSchema[];
}

/** A schema with the definitions that its `$ref`s name. */
export interface RootSchema extends FieldSchema {
  readonly definitions: Readonly<Record<string, FieldSchema>>;
}

const ROOT = 'AuthenticationConfiguration';

// A package's own file, which stands two folders up from src/config and from dist/config alike.
const load = createRequire(import.meta.url);

/** The shape of our AuthenticationConfiguration. */
export const configurationSchema: RootSchema = load('../../schemas/authentication-configuration.schema.json');

/** The shape of our NativeCertificatePolicy. */
export const nativePolicySchema: RootSchema = load('../../schemas/native-certificate-policy.schema.json');

/** The shape as Kubernetes knows it, which is ours without `x509`. */
export const kubernetesSchema: RootSchema = withFields(configurationSchema, [
  'apiVersion',
  'kind',
  'jwt',
  'anonymous',
]);

/** The shape of Kubernetes' internal version, whose fields have Go's own names; only those of every object are taken. */
export const internalSchema: RootSchema = withFields(configurationSchema, ['apiVersion', 'kind']);

/** The definition that a schema's `$ref` names, or the schema itself. */
export function resolveSchema(schema: FieldSchema, root: RootSchema): FieldSchema {
  const name = definitionName(schema);
  return name === undefined ? schema : (root.definitions[name] ?? {});
}

/** The name of the definition that a schema refers to. Definitions have the names of Kubernetes' Go types. */
export function definitionName({ $ref }: FieldSchema): string | undefined {
  return $ref?.slice($ref.lastIndexOf('/') + 1);
}

function withFields(schema: RootSchema, names: readonly string[]): RootSchema {
  const root = schema.definitions[ROOT] ?? {};
  const properties = Object.fromEntries(
    Object.entries(root.properties ?? {}).filter(([name]) => names.includes(name)),
  );
  return { ...schema, definitions: { ...schema.definitions, [ROOT]: { ...root, properties } } };
}
