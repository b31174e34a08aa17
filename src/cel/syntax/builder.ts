import {
  ACCUMULATOR,
  type Call,
  type Comprehension,
  type Expr,
  type Ident,
  type ListExpr,
  type Literal,
  type MapExpr,
  type Select,
} from './expr.ts';
import type { CelValue } from '../value.ts';

/** Makes the nodes that a macro adds, all at the place of its call. */
export class Builder {
  readonly #offset: number;

  constructor(offset: number) {
    this.#offset = offset;
  }

  literal(value: CelValue): Literal {
    return { kind: 'literal', value, offset: this.#offset };
  }

  ident(name: string): Ident {
    return { kind: 'ident', name, offset: this.#offset };
  }

  get accumulator(): Ident {
    return this.ident(ACCUMULATOR);
  }

  list(...elements: Expr[]): ListExpr {
    return { kind: 'list', elements, optionals: new Set(), offset: this.#offset };
  }

  emptyMap(): MapExpr {
    return { kind: 'map', entries: [], offset: this.#offset };
  }

  call(name: string, ...args: Expr[]): Call {
    return { kind: 'call', name, args, offset: this.#offset };
  }

  memberCall(target: Expr, name: string, ...args: Expr[]): Call {
    return { kind: 'call', name, target, args, offset: this.#offset };
  }

  presenceTest(operand: Expr, field: string): Select {
    return { kind: 'select', operand, field, isTest: true, offset: this.#offset };
  }

  fold(range: Expr, parts: Omit<Comprehension, 'kind' | 'offset' | 'range'>): Comprehension {
    return { kind: 'comprehension', range, ...parts, offset: this.#offset };
  }
}
