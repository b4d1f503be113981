import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import { toolVersion } from '../core/tool-version.ts'
import { type ArgumentEntry, type CommandEntry, camelCase, type FlagEntry, flagsOf } from './command-entry.ts'
import { globalFlags } from './global-flags.ts'
import { commandHelp } from './help/command-help.ts'
import { familyHelp, programHelp } from './help/program-help.ts'
import { commandEntries, families, findCommand } from './registry.ts'
import { usageError } from './usage.ts'
import { explainParseError, unknownCommand } from './usage-error.ts'

/** Only the given ones, by the flag's or argument's name in camel case. */
export type GivenValues = Readonly<Record<string, unknown>>

/** A command to run. */
export interface RunInvocation {
  readonly type: 'run'
  readonly entry: CommandEntry
  readonly input: GivenValues
  readonly globals: GivenValues
}

/** The result of a command line. */
export type Invocation =
  | RunInvocation
  /** Help or the version: the answer is known immediately. */
  | { readonly type: 'text'; readonly stream: 'out' | 'err'; readonly content: string; readonly exitCode: ExitCode }

/**
 * Parses a command line. Throws ToolError `USAGE` (64), with a suggestion.
 * @param argv without node and the script
 * @param width of the terminal, for help
 */
export function parseCommandLine(argv: readonly string[], width: number): Invocation {
  return readNamed(argv, width) ?? new CommandLine(width, commandEntries).read(argv)
}

/**
 * Reads a line among the commands that its words name: to make all of them takes a third of the work before a run. Null for a line that asks for
 * help or is wrong: what it was meant to be is found among all commands.
 */
function readNamed(argv: readonly string[], width: number): Invocation | null {
  const words = new Set(argv)
  const named = commandEntries.filter(({ name }) => words.has(name.split(' ', 1)[0] ?? ''))
  if (named.length === 0) return null
  try {
    const invocation = new CommandLine(width, named).read(argv)
    return invocation.type === 'run' ? invocation : null
  } catch {
    return null
  }
}

/** One parse of one command line: commander works with callbacks, and they meet here. */
class CommandLine {
  readonly #width: number
  readonly #program: Command
  /** Commands whose arguments and flags are not added yet: a start needs only one of them. */
  readonly #bare = new Map<Command, CommandEntry>()
  #invocation: Invocation | null = null
  #written: { stream: 'out' | 'err'; content: string } = { stream: 'out', content: '' }

  /** @param entries the commands that are known; of a family either all or none */
  constructor(width: number, entries: readonly CommandEntry[]) {
    this.#width = width
    this.#program = this.#prepare(new Command('wwdb'), 'wwdb', () => programHelp(width))
    this.#program.version(`wwdb ${toolVersion}`, '-V, --version')
    for (const flag of flagsOf({ flags: globalFlags })) {
      if (flag.long !== 'help' && flag.long !== 'version') this.#program.addOption(makeOption(flag))
    }
    const first = new Set(entries.map(({ name }) => name.split(' ', 1)[0] ?? ''))
    const known = Object.keys(families).filter((family) => first.has(family))
    const parents = new Map(known.map((family) => [family, this.#addFamily(family)]))
    for (const entry of entries) this.#addCommand(entry, parents)
  }

  read(argv: readonly string[]): Invocation {
    try {
      this.#program.parse([...argv], { from: 'user' })
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error
      const { stream, content } = this.#written
      return { type: 'text', stream, content, exitCode: stream === 'out' ? exitCodes.done : exitCodes.usage }
    }
    if (this.#invocation === null) throw new Error('commander neither ran a command nor refused the line')
    return this.#invocation
  }

  /** Settings that every level shares. */
  #prepare(command: Command, path: string, help: () => string): Command {
    return command
      .hook('preSubcommand', (_, chosen) => this.#complete(chosen))
      .helpCommand(false)
      .helpOption('-h, --help')
      .showSuggestionAfterError()
      .allowExcessArguments(false)
      .configureHelp({ formatHelp: help })
      .configureOutput({
        writeOut: (content) => this.#write('out', content),
        writeErr: (content) => this.#write('err', content),
      })
      .exitOverride((fault) => {
        if (isAnswer(fault)) throw fault
        throw explainParseError(fault, path)
      })
  }

  #write(stream: 'out' | 'err', content: string): void {
    this.#written = { stream, content: this.#written.content + content }
  }

  #addFamily(family: string): Command {
    const parent = new Command(family)
    this.#program.addCommand(this.#prepare(parent, `wwdb ${family}`, () => familyHelp(family, this.#width)))
    return parent
  }

  #addCommand(entry: CommandEntry, parents: ReadonlyMap<string, Command>): void {
    const [first = '', second] = entry.name.split(' ')
    const family = second === undefined ? parents.get(first) : undefined
    const command = family ?? new Command(second ?? first)
    this.#prepare(command, `wwdb ${entry.name}`, () => commandHelp(entry, this.#width))
    // A word that is not a command of the family may be its argument, which then has choices.
    if (family !== undefined && entry.arguments.length === 0) refuseUnknownWords(family, entry)
    this.#bare.set(command, entry)
    const parent = second === undefined ? this.#program : parents.get(first)
    command.action(() => {
      const flags = { ...givenBefore(entry, parent), ...givenFlags(flagsOf(entry), command) }
      const input = { ...givenArguments(entry, command), ...flags }
      const globals = givenFlags(flagsOf({ flags: globalFlags }), this.#program)
      this.#invocation = { type: 'run', entry, input, globals }
    })
    if (family === undefined) parent?.addCommand(command)
  }

  #complete(command: Command): void {
    const entry = this.#bare.get(command)
    for (const argument of entry?.arguments ?? []) command.addArgument(makeArgument(argument))
    for (const flag of entry === undefined ? [] : flagsOf(entry)) command.addOption(makeOption(flag))
    this.#bare.delete(command)
  }
}

/** For a family that is also a command: a word after it that is not one of its commands is reported as an unknown command. */
function refuseUnknownWords(family: Command, entry: CommandEntry): void {
  family.addArgument(new Argument('[command]'))
  family.hook('preAction', (_, acting) => {
    const [word] = family.args
    if (acting === family && word !== undefined) throw unknownCommand(`wwdb ${entry.name}`, word)
  })
}

/**
 * The words that commander took for flags of the family, wherever they stand: they belong to the two-word command. Throws
 * ToolError `USAGE` for a flag that this command does not have.
 */
function givenBefore(entry: CommandEntry, parent: Command | undefined): GivenValues {
  const family = parent === undefined ? undefined : findCommand(parent.name())
  if (parent === undefined || family === undefined || family === entry) return {}
  const given = givenFlags(flagsOf(family), parent)
  const known = new Set(flagsOf(entry).map(({ long }) => camelCase(long)))
  const strange = flagsOf(family).find(({ long }) => camelCase(long) in given && !known.has(camelCase(long)))
  if (strange !== undefined)
    throw usageError(`\`wwdb ${entry.name}\` has no flag \`--${strange.long}\`.`, `wwdb ${entry.name}`)
  return given
}

/** Help and the version also end commander's work by an exception. */
function isAnswer(fault: CommanderError): boolean {
  return ['commander.helpDisplayed', 'commander.help', 'commander.version'].includes(fault.code)
}

function makeArgument({ name, required, variadic, choices }: ArgumentEntry): Argument {
  const named = variadic === true ? `${name}...` : name
  const argument = new Argument(required ? `<${named}>` : `[${named}]`)
  return choices === undefined ? argument : argument.choices(choices)
}

function makeOption(flag: FlagEntry): Option {
  const short = flag.short === undefined ? '' : `-${flag.short}, `
  const option = new Option(`${short}--${flag.long}${flag.value === undefined ? '' : ` <${flag.value}>`}`)
  if (flag.conflicts !== undefined) option.conflicts([...flag.conflicts])
  if (flag.value !== undefined) option.argParser((text: string, previous: unknown) => readFlag(flag, text, previous))
  return option
}

function givenArguments(entry: CommandEntry, command: Command): GivenValues {
  const values: readonly unknown[] = command.processedArgs
  const pairs = entry.arguments.map(({ name }, index) => [camelCase(name), values[index]] as const)
  const isGiven = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0)
  return Object.fromEntries(pairs.filter(([, value]) => isGiven(value)))
}

/** The given values; a `--no-` flag counts under its own name, unless it sets another flag to false. */
function givenFlags(flags: readonly FlagEntry[], command: Command): GivenValues {
  const given: Record<string, unknown> = {}
  for (const { long } of flags) {
    const negated = long.startsWith('no-') ? camelCase(long.slice(3)) : null
    const key = negated ?? camelCase(long)
    if (command.getOptionValueSource(key) !== 'cli') continue
    const value: unknown = command.getOptionValue(key)
    if (negated === null) given[key] = value
    else if (!flags.some((other) => other.long === long.slice(3))) given[camelCase(long)] = true
  }
  return given
}

/**
 * Reads the text of a flag: an integer in its range, a text as it must be, or a list of them. Throws commander's
 * InvalidArgumentError with a sentence that explains what the value must be.
 */
function readFlag(flag: FlagEntry, text: string, previous: unknown): unknown {
  // In `--accept --dry-run` commander takes the second word for the value of the first: the run would not be a dry run.
  if (/^(?:--[a-z][\w-]*|-[a-zA-Z])$/.test(text)) throw new InvalidArgumentError('It is a flag: the value is missing.')
  if (flag.repeatable !== true) return readOne(flag, text)
  const before: readonly unknown[] = Array.isArray(previous) ? previous : []
  return [...before, ...splitValues(text).map((one) => readOne(flag, one))]
}

/** An empty name, for example from an unset variable of a script, must not mean "all". */
function splitValues(text: string): readonly string[] {
  const values = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (values.length === 0) throw new InvalidArgumentError('It must not be empty.')
  return values
}

function readOne(flag: FlagEntry, text: string): string | number {
  return flag.type === 'integer' ? readInteger(flag, text) : readText(flag, text)
}

function readInteger({ min = 0, max }: FlagEntry, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  const value = Number(text)
  if (max !== undefined && (value < min || value > max))
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`)
  if (value < min) throw new InvalidArgumentError(`It must be ${min} or more.`)
  return value
}

function readText({ choices, minLength = 0, maxLength, pattern }: FlagEntry, text: string): string {
  if (choices !== undefined && !choices.includes(text))
    throw new InvalidArgumentError(`It must be one of ${choices.join(', ')}.`)
  if (text.length < minLength) throw new InvalidArgumentError('It must not be empty.')
  if (maxLength !== undefined && text.length > maxLength)
    throw new InvalidArgumentError(`It must have at most ${maxLength} characters.`)
  if (pattern !== undefined && !new RegExp(`^(?:${pattern.source})$`).test(text))
    throw new InvalidArgumentError(pattern.meaning)
  return text
}
