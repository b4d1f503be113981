import type { FlagEntry, FlagGroup } from '../command-entry.ts'

/** Wide enough for two columns, narrow enough to be read; also the width where that of the terminal is unknown. */
export const defaultHelpWidth = 100

/** Breaks text at blanks into lines of at most `width` characters. Help is written in ASCII: one character, one column. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

export interface Row {
  readonly term: string
  readonly text: string
}

const indent = '  '
const gap = 2

/**
 * Lays out terms beside their explanations, as help does. A term wider than half the width gets a line of its own.
 * @param width of the whole line, indentation included
 */
export function layoutRows(rows: readonly Row[], width: number): readonly string[] {
  const widest = Math.floor(width * 0.55)
  const lengths = rows.map(({ term }) => term.length).filter((length) => length <= widest)
  const column = indent.length + Math.max(0, ...lengths) + gap
  return rows.flatMap(({ term, text }) => {
    const lines = wrapText(text, Math.max(20, width - column)).map((line) => ' '.repeat(column) + line)
    const head = indent + term
    if (head.length + gap > column) return [head, ...lines]
    return [head + (lines[0] ?? '').slice(head.length), ...lines.slice(1)]
  })
}

/** A heading with its lines; nothing when there are no lines. */
export function section(heading: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `${heading}:`, ...lines]
}

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
