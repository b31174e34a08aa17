import type { Scanner } from './scanner.ts';
import type { DirectiveToken, TagToken } from './token.ts';
import { type Mark, parserFailure } from './yaml-failure.ts';

const VERSION = '1.1';

/** What `!` and `!!` stand for where no `%TAG` says otherwise (YAML 1.1 §6.8.2). */
const DEFAULT_TAGS: readonly (readonly [string, string])[] = [
  ['!', '!'],
  ['!!', 'tag:yaml.org,2002:'],
];

/** The directives before a document. */
export class Directives {
  readonly #tags = new Map<string, string>();
  #hasVersion = false;

  /** Takes the directives that stand here; gives whether a `---` follows, as it must after any. */
  take(scanner: Scanner): boolean {
    const first = scanner.peek().type;
    for (;;) {
      const token = scanner.peek();
      if (token.type === 'version-directive') this.#setVersion(token);
      else if (token.type === 'tag-directive') this.#setTag(token);
      else break;
      scanner.next();
    }
    for (const [handle, prefix] of DEFAULT_TAGS) {
      if (!this.#tags.has(handle)) this.#tags.set(handle, prefix);
    }
    const { type, start } = scanner.peek();
    if (type === 'document-start') return true;
    if (type === first) return false;
    throw parserFailure('did not find expected <document start>', start, start);
  }

  /** A tag in full; `from` is where its node began. */
  resolve(tag: TagToken, from: Mark): string {
    if (tag.handle === '') return tag.suffix;
    const prefix = this.#tags.get(tag.handle);
    if (prefix === undefined) throw parserFailure('found undefined tag handle', tag.start, from);
    return prefix + tag.suffix;
  }

  #setVersion({ value, start }: DirectiveToken): void {
    if (this.#hasVersion) throw parserFailure('found duplicate %YAML directive', start, start);
    if (value !== VERSION) throw parserFailure('found incompatible YAML document', start, start);
    this.#hasVersion = true;
  }

  #setTag({ handle, value, start }: DirectiveToken): void {
    if (this.#tags.has(handle)) throw parserFailure('found duplicate %TAG directive', start, start);
    this.#tags.set(handle, value);
  }
}
