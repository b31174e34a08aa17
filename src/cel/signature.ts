import {
  ANY,
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
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

/** A function's declaration without what it does. */
export interface Signature {
  readonly name: string;
  readonly isMember: boolean;
  /** A member's receiver is the first. */
  readonly parameters: readonly Type[];
  readonly result: Type;
  /** The names of its type parameters, each once; most functions have none. */
  readonly typeParameters: readonly string[];
}

const PLAIN: ReadonlyMap<string, Type> = new Map(
  [ANY, BOOL, BYTES, DOUBLE, DURATION, DYN, INT, NULL, STRING, TIMESTAMP, UINT].map((type) => [
    type.name,
    type,
  ]),
);

/** Kubernetes declares these as structures without fields; its IP and CIDR, like optionals, are opaque. */
const OBJECTS: ReadonlySet<string> = new Set([
  'kubernetes.NamedFormat',
  'kubernetes.Quantity',
  'kubernetes.Semver',
  'kubernetes.URL',
  'kubernetes.authorization.Authorizer',
  'kubernetes.authorization.Decision',
  'kubernetes.authorization.GroupCheck',
  'kubernetes.authorization.PathCheck',
  'kubernetes.authorization.ResourceCheck',
]);

/**
 * Reads a signature as cel-go prints it, e.g. `<list(<T>)>.slice(int, int) -> list(<T>)`. Signatures are ours, so a
 * malformed one is a bug and throws.
 */
export function parseSignature(text: string): Signature {
  const reader = new Reader(text);
  const receiver = reader.receiver();
  const name = reader.until('(');
  const listed = reader.list();
  reader.skip(' -> ');
  const result = reader.type();
  reader.end();
  const isMember = receiver !== undefined;
  const parameters = isMember ? [receiver, ...listed] : listed;
  const typeParameters = [...new Set([result, ...parameters].flatMap(parameterNames))];
  return { name, isMember, parameters, result, typeParameters };
}

function parameterNames(type: Type): readonly string[] {
  return type.kind === 'param' ? [type.name] : type.parameters.flatMap(parameterNames);
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  receiver(): Type | undefined {
    if (!this.#take('<')) return undefined;
    const type = this.type();
    this.skip('>.');
    return type;
  }

  until(end: string): string {
    const stop = this.#text.indexOf(end, this.#at);
    if (stop < 0) throw this.#malformed();
    const text = this.#text.slice(this.#at, stop);
    this.#at = stop;
    return text;
  }

  /** A parenthesised list of types. */
  list(): Type[] {
    this.skip('(');
    const types: Type[] = [];
    if (this.#take(')')) return types;
    do types.push(this.type());
    while (this.#take(', '));
    this.skip(')');
    return types;
  }

  type(): Type {
    if (this.#take('<')) {
      const type = paramType(this.#word());
      this.skip('>');
      return type;
    }
    const name = this.#word();
    return makeType(name, this.#text[this.#at] === '(' ? this.list() : []);
  }

  skip(expected: string): void {
    if (!this.#take(expected)) throw this.#malformed();
  }

  end(): void {
    if (this.#at !== this.#text.length) throw this.#malformed();
  }

  #word(): string {
    const word = /^[\w.]+/.exec(this.#text.slice(this.#at))?.[0];
    if (word === undefined) throw this.#malformed();
    this.#at += word.length;
    return word;
  }

  #take(expected: string): boolean {
    if (!this.#text.startsWith(expected, this.#at)) return false;
    this.#at += expected.length;
    return true;
  }

  #malformed(): Error {
    return new Error(`malformed signature at ${this.#at}: ${this.#text}`);
  }
}

function makeType(name: string, parameters: readonly Type[]): Type {
  const [first, second] = parameters;
  if (name === 'list' && first !== undefined) return listType(first);
  if (name === 'map' && first !== undefined && second !== undefined) return mapType(first, second);
  if (name === 'type') return typeType(first);
  return PLAIN.get(name) ?? (OBJECTS.has(name) ? objectType(name) : opaqueType(name, parameters));
}
