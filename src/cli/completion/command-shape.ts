import type { Argument, Command, Option } from 'commander';

/** What follows a flag or a command: nothing, a file, one of some words, or a word that only its writer knows. */
export type Operand = 'nothing' | 'file' | 'word' | readonly string[];

export interface FlagShape {
  /** `--config`. */
  readonly name: string;
  readonly description: string;
  readonly takes: Operand;
}

/** A command as a shell completes it. */
export interface CommandShape {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly FlagShape[];
  readonly takes: Operand;
}

/** The shape of a command. */
export function shapeOf(command: Command): CommandShape {
  return {
    name: command.name(),
    description: firstLine(command.description()),
    flags: [
      ...command.options.flatMap(toFlag),
      { name: '--help', description: 'display help for command', takes: 'nothing' },
    ],
    takes: operandOf(command.registeredArguments[0]),
  };
}

function toFlag({ long, description, required, optional, argChoices, flags }: Option): readonly FlagShape[] {
  if (typeof long !== 'string') return [];
  const takes = required || optional ? (argChoices ?? toOperand(flags)) : 'nothing';
  return [{ name: long, description: firstLine(description), takes }];
}

function operandOf(argument: Argument | undefined): Operand {
  if (argument === undefined) return 'nothing';
  return argument.argChoices ?? toOperand(argument.name());
}

/** Our flags call what they take a file where it is one: `--config <file>`. */
function toOperand(name: string): Operand {
  return /\b(?:files?|dir|directory)\b/i.test(name) ? 'file' : 'word';
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
