import { quoteGo } from './go-syntax.ts';
import { findNearMatch } from './near-match.ts';
import { definitionName, type FieldSchema, type RootSchema, resolveSchema } from './schema.ts';
import type { MapEntry, TextRange, ValueNode } from './value-node.ts';

/** A value that does not have its field's shape. */
export interface FieldFault extends TextRange {
  readonly kind: 'unknown-field' | 'duplicate-field' | 'wrong-type';
  readonly path: string;
  /** What kube-apiserver says. */
  readonly message: string;
  /** What would be right, where that can be guessed. */
  readonly hint?: string;
}

/** kube-apiserver counts no further; a hostile file should not make us list more either. */
const MAX_FAULTS = 100;

/** Where a value stands: its schema, its path, and the Go struct and fields that Go's own message names. */
interface Place {
  readonly schema: FieldSchema;
  readonly path: string;
  readonly struct: string;
  readonly fields: string;
}

/**
 * Everything in a value that a strict decoder refuses, in the order in which Go's finds it. `goPackage` is the package
 * of the Go types that its messages name.
 */
export function checkFields(root: ValueNode, schema: RootSchema, goPackage: string): readonly FieldFault[] {
  const checker = new FieldChecker(schema, goPackage);
  checker.check(root, { schema, path: '', struct: '', fields: '' });
  return checker.faults();
}

class FieldChecker {
  readonly #root: RootSchema;
  readonly #goPackage: string;
  readonly #typeFaults: FieldFault[] = [];
  readonly #strictFaults = new Map<string, FieldFault>();

  constructor(root: RootSchema, goPackage: string) {
    this.#root = root;
    this.#goPackage = goPackage;
  }

  /** Wrong types first: where there is one, Go does not speak of the others. */
  faults(): readonly FieldFault[] {
    return [...this.#typeFaults, ...this.#strictFaults.values()];
  }

  check(node: ValueNode, place: Place): void {
    if (node.kind === 'null') return;
    const schema = resolveSchema(place.schema, this.#root);
    const choices = schema.anyOf;
    if (choices !== undefined) {
      const choice = choices.find((option) => this.#fits(node, option));
      if (choice === undefined) this.#reportType(node, place);
      else this.check(node, { ...place, schema: choice });
    } else if (!this.#fits(node, schema)) {
      this.#reportType(node, place);
    } else if (node.kind === 'list') {
      for (const [index, item] of node.items.entries()) {
        this.check(item, { ...place, schema: schema.items ?? {}, path: `${place.path}[${index}]` });
      }
    } else if (node.kind === 'map') {
      this.#checkMap(node.entries, schema, place);
    }
  }

  #checkMap(entries: readonly MapEntry[], schema: FieldSchema, place: Place): void {
    const properties = schema.properties ?? {};
    const struct = definitionName(place.schema) ?? place.struct;
    const seen = new Set<string>();
    for (const { key, keyRange, value } of entries) {
      const path = place.path === '' ? key : `${place.path}.${key}`;
      const field = Object.hasOwn(properties, key) ? properties[key] : undefined;
      if (field === undefined) {
        this.#reportStrict('unknown-field', { path, range: keyRange, hint: this.#hint(key, properties) });
      } else {
        if (seen.has(key)) this.#reportStrict('duplicate-field', { path, range: keyRange, hint: undefined });
        seen.add(key);
        const fields = place.fields === '' ? key : `${place.fields}.${key}`;
        this.check(value, { schema: field, path, struct, fields });
      }
    }
  }

  #fits(node: ValueNode, option: FieldSchema): boolean {
    const type = SCHEMA_TYPES[node.kind];
    return type !== undefined && resolveSchema(option, this.#root).type === type;
  }

  #reportType(node: ValueNode, { schema, path, struct, fields }: Place): void {
    if (this.#typeFaults.length >= MAX_FAULTS) return;
    const found = GO_KINDS[node.kind];
    const message = `json: cannot unmarshal ${found} into Go struct field ${struct}.${fields} of type ${this.#goType(schema)}`;
    const hint = `${path} must be ${this.#describe(schema)}`;
    this.#typeFaults.push({ kind: 'wrong-type', path, message, hint, start: node.start, end: node.end });
  }

  #reportStrict(
    kind: 'unknown-field' | 'duplicate-field',
    {
      path,
      range,
      hint,
    }: { readonly path: string; readonly range: TextRange; readonly hint: string | undefined },
  ): void {
    const message = `${kind === 'unknown-field' ? 'unknown field' : 'duplicate field'} ${quoteGo(path)}`;
    if (this.#strictFaults.has(message) || this.#strictFaults.size >= MAX_FAULTS) return;
    const { start, end } = range;
    this.#strictFaults.set(message, {
      kind,
      path,
      message,
      start,
      end,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  /** A field with a name like the one written, or with the very name one level down. */
  #hint(written: string, properties: Readonly<Record<string, FieldSchema>>): string | undefined {
    const near = findNearMatch(written, Object.keys(properties));
    if (near !== undefined) return `did you mean ${quoteGo(near)}?`;
    for (const [name, schema] of Object.entries(properties)) {
      const inner = resolveSchema(schema, this.#root).properties ?? {};
      if (Object.hasOwn(inner, written)) return `did you mean ${quoteGo(`${name}.${written}`)}?`;
    }
    return undefined;
  }

  #goType(schema: FieldSchema): string {
    const name = definitionName(schema);
    if (name !== undefined) return `${this.#goPackage}.${name}`;
    if (schema.type === 'array') return `[]${this.#goType(schema.items ?? {})}`;
    if (schema.anyOf !== undefined) return schema.anyOf.map((option) => this.#goType(option)).join(' or ');
    return schema.type === 'boolean' ? 'bool' : 'string';
  }

  #describe(schema: FieldSchema): string {
    const { type, anyOf } = resolveSchema(schema, this.#root);
    if (anyOf !== undefined) return anyOf.map((option) => this.#describe(option)).join(' or ');
    if (type === 'object') return 'a map of fields';
    if (type === 'array') return 'a list';
    return type === 'boolean' ? 'true or false' : 'a string; quote it if it looks like a number or a boolean';
  }
}

/** The type that a field must have for a value to fit; no field is a number. */
const SCHEMA_TYPES: Readonly<Record<ValueNode['kind'], FieldSchema['type']>> = {
  map: 'object',
  list: 'array',
  string: 'string',
  bool: 'boolean',
  number: undefined,
  null: undefined,
};

const GO_KINDS: Readonly<Record<ValueNode['kind'], string>> = {
  map: 'object',
  list: 'array',
  string: 'string',
  number: 'number',
  bool: 'bool',
  null: 'null',
};
