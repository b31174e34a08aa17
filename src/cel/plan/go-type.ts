import { type CelValue, typeNameOf } from '../value.ts';

const GO_TYPES: ReadonlyMap<string, string> = new Map([
  ['bool', 'types.Bool'],
  ['bytes', 'types.Bytes'],
  ['double', 'types.Double'],
  ['google.protobuf.Duration', 'types.Duration'],
  ['google.protobuf.Timestamp', 'types.Timestamp'],
  ['int', 'types.Int'],
  ['null_type', 'types.Null'],
  ['optional_type', '*types.Optional'],
  ['string', 'types.String'],
  ['type', '*types.Type'],
  ['uint', 'types.Uint'],
]);

/** The name of Go's type for a value, which some of cel-go's messages give. */
export function goTypeOf(value: CelValue): string {
  const name = typeNameOf(value);
  return GO_TYPES.get(name) ?? name;
}
