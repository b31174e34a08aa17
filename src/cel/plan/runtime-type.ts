import { plainList } from '../input-value.ts';
import type { Type } from '../type.ts';
import { type CelList, CelMap, type CelValue, typeNameOf } from '../value.ts';

/** Tells whether a value is of a type as far as can be seen at run time: of lists and maps the first element is looked at. */
export type TypeGuard = (value: CelValue) => boolean;

/** The guard of a declared parameter. */
export function guardOf(type: Type): TypeGuard {
  switch (type.kind) {
    case 'any':
    case 'dyn':
    case 'param':
    case 'error':
      return () => true;
    case 'string':
      return (value) => typeof value === 'string';
    case 'int':
      return (value) => typeof value === 'bigint';
    case 'bool':
      return (value) => typeof value === 'boolean';
    case 'double':
      return (value) => typeof value === 'number';
    case 'list':
      return guardOfList(guardOf(type.parameters[0] as Type));
    case 'map':
      return guardOfMap(guardOf(type.parameters[0] as Type), guardOf(type.parameters[1] as Type));
    case 'bytes':
    case 'duration':
    case 'null':
    case 'object':
    case 'opaque':
    case 'timestamp':
    case 'type':
    case 'uint':
      break;
  }
  return (value) => typeNameOf(value) === type.name;
}

function guardOfList(element: TypeGuard): TypeGuard {
  return (value) => {
    if (!Array.isArray(value)) return false;
    const first = plainList(value as CelList)[0];
    return first === undefined || element(first);
  };
}

function guardOfMap(key: TypeGuard, element: TypeGuard): TypeGuard {
  return (value) => {
    if (!(value instanceof CelMap)) return false;
    for (const [first, found] of value.pairs()) return key(first) && element(found);
    return true;
  };
}
