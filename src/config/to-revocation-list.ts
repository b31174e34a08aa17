import { quoteGo } from './go-syntax.ts';
import type { RevocationList, RevokedHash, RevokedSerial } from './revocation-list.ts';
import type { TextRange, ValueNode } from './value-node.ts';

/** What is wrong at a place of the file. */
export interface Fault extends TextRange {
  readonly id: string;
  readonly path: string;
  readonly message: string;
}

const API_VERSION = 'kube-x509-authn.dev/v1alpha1';
const KIND = 'RevocationList';

/** A reload reads them while nothing else is done: in half a second where they are laid out plainly, else in two. */
const MAX_ITEMS = 100_000;

/** A reason is sent to clients, as the message of a rule is. */
const MAX_REASON_LENGTH = 1024;

const HEX = /^[0-9A-Fa-f]+$/;
const OCTETS = /^(?:[0-9A-Fa-f]{2})+$/;
const SHA256 = /^[0-9A-Fa-f]{64}$/;
const ONE_LINE = /^[^\p{Cc}\u2028\u2029]*$/u;

/** The list that a value of the right shape stands for, or everything that is wrong with its values. */
export function toRevocationList(
  root: ValueNode,
):
  | { readonly ok: true; readonly list: RevocationList }
  | { readonly ok: false; readonly faults: readonly Fault[] } {
  const converter = new Converter();
  const list = converter.toList(root);
  const { faults } = converter;
  return faults.length > 0 ? { ok: false, faults } : { ok: true, list };
}

/** A text in the file: empty, and as wide as what it is missing from, where it is not there. */
interface Field extends TextRange {
  readonly path: string;
  readonly value: string;
}

/** An item of one of the lists. */
interface Item {
  readonly node: ValueNode;
  readonly path: string;
}

/** Converts values, and gathers what is wrong with them. */
class Converter {
  readonly faults: Fault[] = [];

  toList(root: ValueNode): RevocationList {
    this.#checkConstant(fieldOf({ node: root, path: '' }, 'apiVersion'), API_VERSION);
    this.#checkConstant(fieldOf({ node: root, path: '' }, 'kind'), KIND);
    const serials = itemsOf(root, 'serials');
    const fingerprints = itemsOf(root, 'fingerprints');
    const publicKeys = itemsOf(root, 'publicKeys');
    const count = serials.length + fingerprints.length + publicKeys.length;
    if (count > MAX_ITEMS) {
      const message = `${count} items: must have at most ${MAX_ITEMS}; give a CRL for more`;
      this.faults.push({ id: 'revocation/too-many', path: '', message, start: root.start, end: root.start });
      return { serials: [], fingerprints: [], publicKeys: [] };
    }
    return {
      serials: serials.map((item) => this.#toSerial(item)),
      fingerprints: fingerprints.map((item) => this.#toHash(item)),
      publicKeys: publicKeys.map((item) => this.#toHash(item)),
    };
  }

  #toSerial(item: Item): RevokedSerial {
    const serial = this.#toHex(fieldOf(item, 'serial'), HEX, 'hexadecimal digits without colons').replace(
      /^0+(?=.)/,
      '',
    );
    const reason = this.#toReason(item);
    const issuerName = fieldOf(item, 'issuerName');
    const issuerKeyId = fieldOf(item, 'issuerKeyId');
    if ((issuerName.value === '') === (issuerKeyId.value === '')) {
      const { start, end } = item.node;
      const message =
        'give issuerName or issuerKeyId, and not both: a serial number means one certificate of one issuer';
      this.#report({ path: item.path, start, end }, `Invalid value: ${message}`);
    }
    if (issuerKeyId.value === '') return { serial, reason, issuerName: issuerName.value };
    return {
      serial,
      reason,
      issuerKeyId: this.#toHex(issuerKeyId, OCTETS, 'octets in hexadecimal without colons'),
    };
  }

  #toHash(item: Item): RevokedHash {
    const sha256 = this.#toHex(fieldOf(item, 'sha256'), SHA256, '64 hexadecimal digits without colons');
    return { sha256, reason: this.#toReason(item) };
  }

  #toReason(item: Item): string {
    const field = fieldOf(item, 'reason');
    if (field.value.length > MAX_REASON_LENGTH)
      this.#report(field, `Too long: may not be more than ${MAX_REASON_LENGTH} characters`);
    if (!ONE_LINE.test(field.value))
      this.#report(field, `Invalid value: ${quoteGo(field.value)}: must be on one line`);
    return field.value;
  }

  #toHex(field: Field, pattern: RegExp, expected: string): string {
    if (field.value === '') this.#report(field, `Required value: must be ${expected}`);
    else if (!pattern.test(field.value)) {
      this.#report(field, `Invalid value: ${quoteGo(field.value)}: must be ${expected}`);
    }
    return field.value.toLowerCase();
  }

  #checkConstant(field: Field, expected: string): void {
    if (field.value === '') this.#report(field, `Required value: must be ${quoteGo(expected)}`);
    else if (field.value !== expected) {
      this.#report(
        field,
        `Unsupported value: ${quoteGo(field.value)}: supported values: ${quoteGo(expected)}`,
      );
    }
  }

  #report({ path, start, end }: Omit<Field, 'value'>, text: string): void {
    this.faults.push({ id: 'revocation/value', path, message: `${path}: ${text}`, start, end });
  }
}

function itemsOf(root: ValueNode, name: string): readonly Item[] {
  const list = childOf(root, name);
  return list?.kind === 'list' ? list.items.map((node, index) => ({ node, path: `${name}[${index}]` })) : [];
}

function fieldOf({ node, path }: Item, name: string): Field {
  const child = childOf(node, name);
  const { start, end } = child ?? node;
  return {
    path: path === '' ? name : `${path}.${name}`,
    value: child?.kind === 'string' ? child.value : '',
    start,
    end,
  };
}

function childOf(node: ValueNode, name: string): ValueNode | undefined {
  return node.kind === 'map' ? node.entries.find(({ key }) => key === name)?.value : undefined;
}
