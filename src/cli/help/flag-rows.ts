import type { FlagEntry, FlagGroup } from '../command-entry.ts'
import { layoutRows, type Row, section } from './layout.ts'

/** `-c, --config FILE`: the spelling of a flag. */
export function spellFlag(flag: FlagEntry): string {
  const name = flag.short === undefined ? `    --${flag.long}` : `-${flag.short}, --${flag.long}`
  return flag.value === undefined ? name : `${name} ${flag.value}`
}

/** What a flag does, with its choices, default and variable in brackets. */
export function explainFlag(flag: FlagEntry): string {
  const notes = [
    flag.choices === undefined ? null : flag.choices.join(', '),
    describeDefault(flag),
    flag.environment ?? null,
  ].filter((note) => note !== null)
  return notes.length === 0 ? flag.description : `${flag.description} [${notes.join('; ')}]`
}

function describeDefault({ default: value, otherwise }: FlagEntry): string | null {
  const text = otherwise ?? value
  return text === undefined ? null : `default: ${text}`
}

/** The groups of flags, each under its heading. */
export function layoutFlags(groups: readonly FlagGroup[], width: number): readonly string[] {
  const rows = (flags: readonly FlagEntry[]): readonly Row[] =>
    flags.map((flag) => ({ term: spellFlag(flag), text: explainFlag(flag) }))
  return groups.flatMap((group) => section(group.heading, layoutRows(rows(group.flags), width)))
}
