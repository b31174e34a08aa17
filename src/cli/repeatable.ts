import { Option } from 'commander';

/** An option that may be given several times; its value is the list of what was given. */
export function repeatable(flags: string, description: string): Option {
  const collect = (value: string, previous: readonly string[]): readonly string[] => [...previous, value];
  return new Option(flags, `${description}; may be repeated`).argParser(collect).default([]);
}
