import { type Overload, overload } from '../overload.ts';
import { matching } from '../size.ts';
import { Optional } from '../value.ts';
import { NAMED_FORMATS, NamedFormat } from './named-format.ts';

const FORMAT = 'kubernetes.NamedFormat';

function validate(format: NamedFormat, text: string): Optional {
  const problems = format.check(text);
  return problems.length === 0 ? Optional.none : new Optional(problems);
}

/** Kubernetes' `kubernetes.NamedFormat`. */
export const formatOverloads: readonly Overload[] = [
  overload('format-named', `format.named(string) -> optional_type(${FORMAT})`, {
    evaluate: (name: string) => new Optional(NAMED_FORMATS.get(name)),
  }),
  overload('format-validate', `<${FORMAT}>.validate(string) -> optional_type(list(string))`, {
    evaluate: validate,
    cost: ([format, text]) => (format instanceof NamedFormat ? matching(text, format.patternSize) : 1),
  }),
  ...[...NAMED_FORMATS].map(([name, format]) =>
    overload(`format.${name}`, `format.${name}() -> ${FORMAT}`, { evaluate: () => format }),
  ),
];
