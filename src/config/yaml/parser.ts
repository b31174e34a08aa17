import type { TextRange } from '../value-node.ts';
import { Directives } from './directives.ts';
import {
  close,
  emptyScalar,
  type GrowingMapping,
  type GrowingSequence,
  openMapping,
  openSequence,
} from './growing-node.ts';
import { Scanner } from './scanner.ts';
import type { ScalarToken, TagToken, Token } from './token.ts';
import { type Mark, parserFailure, scannerFailure, YamlFailure } from './yaml-failure.ts';
import type { YamlNode } from './yaml-node.ts';

/**
 * Far deeper than any field; nothing deeper could be a value that is known. go-yaml's own limit of 10000 would exhaust
 * our stack.
 */
const MAX_DEPTH = 100;

const BANG = '!';

interface Properties {
  readonly start: Mark;
  readonly end: Mark;
  readonly anchor: string;
  readonly tag: string;
}

/** Where a node stands, which decides what it may be. */
type Place = 'flow' | 'block' | 'block-value';

/** Makes nodes of tokens, as libyaml's parser does: what it refuses, in which order, and in which words. */
export class Parser {
  readonly #scanner: Scanner;
  readonly #anchors = new Map<string, YamlNode>();
  readonly #directives = new Directives();
  #depth = 0;

  constructor(text: string) {
    this.#scanner = new Scanner(text);
  }

  /** The first document; undefined for a text without one. */
  parseDocument(): YamlNode | undefined {
    const first = this.#scanner.peek();
    if (first.type === 'stream-end') return undefined;
    const isExplicit = this.#directives.take(this.#scanner);
    if (isExplicit) this.#scanner.next();
    const root =
      isExplicit && this.#isAtDocumentEdge() ? emptyScalar(this.#peek().start) : this.#parseNode('block');
    // The end of the document is an event of its own, for which one more token is read.
    if (this.#scanner.peek().type === 'document-end') this.#scanner.next();
    return root;
  }

  /** Where something stands after the first document; undefined where nothing does. */
  findFurther(): TextRange | undefined {
    try {
      let token = this.#scanner.peek();
      while (token.type === 'document-end') {
        this.#scanner.next();
        token = this.#scanner.peek();
      }
      return token.type === 'stream-end' ? undefined : { start: token.start.at, end: token.end.at };
    } catch (error) {
      if (error instanceof YamlFailure) return { start: error.start, end: error.end };
      throw error;
    }
  }

  #peek(): Token {
    return this.#scanner.peek();
  }

  #take(type: Token['type']): boolean {
    if (this.#peek().type !== type) return false;
    this.#scanner.next();
    return true;
  }

  #isAtDocumentEdge(): boolean {
    const { type } = this.#peek();
    return (
      type === 'version-directive' ||
      type === 'tag-directive' ||
      type === 'document-start' ||
      type === 'document-end' ||
      type === 'stream-end'
    );
  }

  #parseNode(place: Place): YamlNode {
    const token = this.#peek();
    if (token.type === 'alias') return this.#parseAlias();
    const properties = this.#parseProperties(token);
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) {
      throw scannerFailure(`exceeded max depth of ${MAX_DEPTH}`, token.start, token.start);
    }
    const node = this.#parseContent(properties, place);
    this.#depth -= 1;
    return node;
  }

  #parseAlias(): YamlNode {
    const token = this.#scanner.next();
    const name = token.type === 'alias' ? token.name : '';
    const range = { start: token.start.at, end: token.end.at };
    const target = this.#anchors.get(name);
    if (target === undefined) throw new YamlFailure(`unknown anchor '${name}' referenced`, range);
    return { kind: 'alias', name, target, line: token.start.line, ...range };
  }

  #parseProperties(first: Token): Properties {
    let anchor = '';
    let tag: TagToken | undefined;
    let end = first.start;
    for (;;) {
      const token = this.#peek();
      if (token.type === 'anchor' && anchor === '') anchor = token.name;
      else if (token.type === 'tag' && tag === undefined) tag = token;
      else break;
      end = this.#scanner.next().end;
    }
    const resolved = tag === undefined ? '' : this.#directives.resolve(tag, first.start);
    return { start: first.start, end, anchor, tag: resolved };
  }

  #parseContent(properties: Properties, place: Place): YamlNode {
    const token = this.#peek();
    if (place === 'block-value' && token.type === 'block-entry')
      return this.#parseIndentlessSequence(properties);
    if (token.type === 'scalar') return this.#parseScalar(properties, token);
    if (token.type === 'flow-sequence-start') return this.#parseFlowSequence(properties);
    if (token.type === 'flow-mapping-start') return this.#parseFlowMapping(properties);
    if (place !== 'flow' && token.type === 'block-sequence-start')
      return this.#parseBlockSequence(properties);
    if (place !== 'flow' && token.type === 'block-mapping-start') return this.#parseBlockMapping(properties);
    if (properties.anchor !== '' || properties.tag !== '') return this.#parseNothing(properties);
    throw parserFailure('did not find expected node content', token.start, properties.start);
  }

  #parseScalar({ start, anchor, tag }: Properties, token: ScalarToken): YamlNode {
    this.#scanner.next();
    const isImplicit = tag === BANG || (tag === '' && token.isPlain);
    const { value, pieces } = token;
    const range = { start: token.start.at, end: token.end.at };
    return this.#name(anchor, { kind: 'scalar', tag, isImplicit, value, pieces, line: start.line, ...range });
  }

  /** Properties with no content are an empty scalar. */
  #parseNothing({ start, end, anchor, tag }: Properties): YamlNode {
    const range = { start: start.at, end: end.at };
    const isImplicit = tag === '';
    return this.#name(anchor, {
      kind: 'scalar',
      tag,
      isImplicit,
      value: '',
      pieces: [],
      line: start.line,
      ...range,
    });
  }

  #parseBlockSequence(properties: Properties): YamlNode {
    const open = this.#scanner.next();
    const sequence = this.#openSequence(properties, open.start);
    while (this.#peek().type === 'block-entry') {
      const mark = this.#scanner.next().end;
      const { type } = this.#peek();
      const isEmpty = type === 'block-entry' || type === 'block-end';
      sequence.items.push(isEmpty ? emptyScalar(mark) : this.#parseNode('block'));
    }
    const token = this.#peek();
    if (token.type !== 'block-end') {
      throw parserFailure("did not find expected '-' indicator", token.start, open.start);
    }
    this.#scanner.next();
    return close(sequence);
  }

  #parseIndentlessSequence(properties: Properties): YamlNode {
    const sequence = this.#openSequence(properties, this.#peek().start);
    while (this.#peek().type === 'block-entry') {
      const mark = this.#scanner.next().end;
      const { type } = this.#peek();
      const isEmpty = type === 'block-entry' || type === 'key' || type === 'value' || type === 'block-end';
      sequence.items.push(isEmpty ? emptyScalar(mark) : this.#parseNode('block'));
    }
    return close(sequence);
  }

  #parseBlockMapping(properties: Properties): YamlNode {
    const open = this.#scanner.next();
    const mapping = this.#openMapping(properties, open.start);
    while (this.#peek().type === 'key') {
      const key = this.#parseBlockPart(this.#scanner.next().end);
      const token = this.#peek();
      const value =
        token.type === 'value' ? this.#parseBlockPart(this.#scanner.next().end) : emptyScalar(token.start);
      mapping.pairs.push({ key, value });
    }
    const token = this.#peek();
    if (token.type !== 'block-end') throw parserFailure('did not find expected key', token.start, open.start);
    this.#scanner.next();
    return close(mapping);
  }

  /** A key or a value of a block mapping; nothing is an empty scalar. */
  #parseBlockPart(mark: Mark): YamlNode {
    const { type } = this.#peek();
    const isEmpty = type === 'key' || type === 'value' || type === 'block-end';
    return isEmpty ? emptyScalar(mark) : this.#parseNode('block-value');
  }

  #parseFlowSequence(properties: Properties): YamlNode {
    const open = this.#scanner.next();
    const sequence = this.#openSequence(properties, open.start);
    while (this.#peek().type !== 'flow-sequence-end') {
      if (sequence.items.length > 0) this.#parseComma("did not find expected ',' or ']'", open.start);
      const { type } = this.#peek();
      if (type === 'key') sequence.items.push(this.#parseSinglePair());
      else if (type !== 'flow-sequence-end') sequence.items.push(this.#parseNode('flow'));
      else break;
    }
    return close(sequence, this.#scanner.next().end);
  }

  /** `key: value` without braces, inside brackets. */
  #parseSinglePair(): YamlNode {
    const { start } = this.#scanner.next();
    const isAtEnd = (type: Token['type']): boolean => type === 'flow-entry' || type === 'flow-sequence-end';
    const first = this.#peek();
    let key: YamlNode;
    if (first.type === 'value' || isAtEnd(first.type)) {
      // libyaml passes over the token that it has just seen here, whatever it is.
      this.#scanner.next();
      key = emptyScalar(first.end);
    } else {
      key = this.#parseNode('flow');
    }
    const isGiven = this.#take('value') && !isAtEnd(this.#peek().type);
    const value = isGiven ? this.#parseNode('flow') : emptyScalar(this.#peek().start);
    return { kind: 'mapping', pairs: [{ key, value }], line: start.line, start: start.at, end: value.end };
  }

  #parseFlowMapping(properties: Properties): YamlNode {
    const open = this.#scanner.next();
    const mapping = this.#openMapping(properties, open.start);
    while (this.#peek().type !== 'flow-mapping-end') {
      if (mapping.pairs.length > 0) this.#parseComma("did not find expected ',' or '}'", open.start);
      const { type } = this.#peek();
      if (type === 'flow-mapping-end') break;
      if (type === 'key') mapping.pairs.push(this.#parseFlowPair());
      else mapping.pairs.push({ key: this.#parseNode('flow'), value: emptyScalar(this.#peek().start) });
    }
    return close(mapping, this.#scanner.next().end);
  }

  #parseFlowPair(): { readonly key: YamlNode; readonly value: YamlNode } {
    this.#scanner.next();
    const isAtEnd = (type: Token['type']): boolean => type === 'flow-entry' || type === 'flow-mapping-end';
    const first = this.#peek();
    const hasKey = first.type !== 'value' && !isAtEnd(first.type);
    const key = hasKey ? this.#parseNode('flow') : emptyScalar(first.start);
    const isGiven = this.#take('value') && !isAtEnd(this.#peek().type);
    return { key, value: isGiven ? this.#parseNode('flow') : emptyScalar(this.#peek().start) };
  }

  #parseComma(problem: string, open: Mark): void {
    if (!this.#take('flow-entry')) throw parserFailure(problem, this.#peek().start, open);
  }

  #openSequence({ start, anchor }: Properties, open: Mark): GrowingSequence {
    const node = openSequence(start, open);
    this.#name(anchor, node);
    return node;
  }

  #openMapping({ start, anchor }: Properties, open: Mark): GrowingMapping {
    const node = openMapping(start, open);
    this.#name(anchor, node);
    return node;
  }

  #name(anchor: string, node: YamlNode): YamlNode {
    if (anchor !== '') this.#anchors.set(anchor, node);
    return node;
  }
}
