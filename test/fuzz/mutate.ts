import { allElements, copyOf, type Element, toBytes, toTree } from './der-tree.ts';
import type { Random } from './random.ts';

/** No mutation copies an element more often than this: far beyond every limit on a count. */
const MAX_COPIES = 5000;
const MAX_NESTING = 500;
/** What grows beyond it is left out: nothing presented gets that long past the limits on a request. */
const MAX_BYTES = 512 * 1024;

const TAGS = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x0d, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1c, 0x1e, 0x1f, 0x30,
  0x31, 0x80, 0x81, 0x82, 0x86, 0x87, 0xa0, 0xa1, 0xa3, 0xa4, 0xbf, 0xff,
];

const CONTENTS = [
  '',
  '00',
  '01',
  '7f',
  '80',
  'ff',
  '0080',
  '00ff',
  'ff7f',
  '8000000000000000',
  'c0af',
  'eda080',
  'f4908080',
  'd83d',
  '0a',
  '0d0a',
  '3939313233313233353935395a',
  '393930323330303030305a',
  '551d1504',
  '2a8648ce3d0301',
].map((hex) => Buffer.from(hex, 'hex'));

const FALSE_LENGTHS = [
  '80',
  '81',
  '8100',
  '817f',
  '820001',
  '84ffffffff',
  '847fffffff',
  '85000000000a',
  'ff',
  '00',
  '01',
].map((hex) => Buffer.from(hex, 'hex'));

type Mutation = (element: Element, random: Random, donors: readonly Buffer[]) => void;

const MUTATIONS: readonly Mutation[] = [
  (element, random) => {
    element.tag = random.pick(TAGS);
  },
  (element, random) => {
    element.contents = random.pick(CONTENTS);
  },
  (element, random) => {
    element.contents = random.bytes(random.below(40));
  },
  (element, random) => {
    element.contents = flipBit(bodyOf(element), random);
  },
  (element, random) => {
    const body = bodyOf(element);
    element.contents = body.subarray(0, random.below(body.length + 1));
  },
  (element, random) => {
    element.contents = Buffer.concat([bodyOf(element), random.pick(CONTENTS)]);
  },
  (element, random) => {
    element.contents = Buffer.alloc(2 ** random.below(18), random.pick([0, 0x2e, 0x41, 0x80, 0x81, 0xff]));
  },
  (element, random) => {
    element.falseLength = random.pick(FALSE_LENGTHS);
  },
  (element, random) => inChildren(element, (children) => children.splice(random.below(children.length), 1)),
  (element, random) =>
    inChildren(element, (children) => {
      const copies = random.oneIn(20) ? random.below(MAX_COPIES) : random.below(4);
      const child = random.pick(children);
      for (let copy = 0; copy < copies; copy += 1) children.push(copyOf(child));
    }),
  (element, random) =>
    inChildren(element, (children) => {
      const [moved] = children.splice(random.below(children.length), 1);
      if (moved !== undefined) children.splice(random.below(children.length + 1), 0, moved);
    }),
  (element, random) => {
    const depth = random.oneIn(10) ? random.below(MAX_NESTING) : 1;
    for (let level = 0; level < depth; level += 1) {
      element.contents = [{ tag: element.tag, prefix: element.prefix, contents: element.contents }];
    }
  },
  (element, random, donors) => {
    const donor = toTree(random.pick(donors));
    if (donor !== undefined) Object.assign(element, copyOf(random.pick(allElements(donor))));
  },
];

/**
 * Changes DER at one to four places of its structure, all lengths made right again but for those that are to be wrong; one time in
 * eight it flips bits of the bytes as well. Parts may come from the donors.
 */
export function mutateDer(der: Buffer, random: Random, donors: readonly Buffer[]): Buffer {
  const root = toTree(der);
  let bytes = root === undefined ? der : toBytes(mutateTree(root, random, donors));
  if (bytes.length > MAX_BYTES) bytes = bytes.subarray(0, MAX_BYTES);
  for (let flips = random.oneIn(8) ? 1 + random.below(4) : 0; flips > 0; flips -= 1)
    bytes = flipBit(bytes, random);
  return bytes;
}

/** Changes text at one to four places. */
export function mutateText(text: string, random: Random): string {
  const pieces = [
    '',
    '\n',
    '\r\n',
    '=',
    '-----',
    '-----BEGIN X-----',
    '\0',
    ' ',
    '.',
    '"',
    '{',
    ':',
    'A',
    '\u{fffd}',
  ];
  let mutated = text;
  for (let change = random.below(4); change >= 0; change -= 1) {
    const at = random.below(mutated.length + 1);
    const rest = mutated.slice(at + random.pick([0, 0, 1, 3, 64, 1000]));
    mutated = mutated.slice(0, at) + random.pick(pieces).repeat(random.oneIn(30) ? 4000 : 1) + rest;
  }
  return mutated;
}

function mutateTree(root: Element, random: Random, donors: readonly Buffer[]): Element {
  // One change gets furthest: most of them are refused where they are.
  for (let change = random.oneIn(2) ? 0 : random.below(4); change >= 0; change -= 1) {
    random.pick(MUTATIONS)(random.pick(allElements(root)), random, donors);
  }
  return root;
}

function inChildren({ contents }: Element, change: (children: Element[]) => void): void {
  if (!Buffer.isBuffer(contents) && contents.length > 0) change(contents);
}

function bodyOf({ contents }: Element): Buffer {
  return Buffer.isBuffer(contents) ? contents : Buffer.concat(contents.map(toBytes));
}

function flipBit(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return bytes;
  const changed = Buffer.from(bytes);
  const at = random.below(changed.length);
  changed.writeUInt8(changed.readUInt8(at) ^ (1 << random.below(8)), at);
  return changed;
}
