import { displayWidth } from '../../terminal/text/span.ts'
import type { FlagEntry, FlagGroup } from '../command-entry.ts'

/** Wide enough for two columns, and narrow enough to read; also the width where the terminal's is unknown. */
export const defaultHelpWidth = 100

/** Letters and signs of Chinese. */
const chinese = /[\u2e80-\u9fff\uff00-\uff60]/u

/** A Chinese letter with the signs that must not begin a line, or a word of another script; each with the blank before it. */
const chinesePiece = / ?（?(?:[\u2e80-\u2fff\u3040-\u9fff][，。；：、！？）]*|[^ \u2e80-\u2fff\u3040-\u9fff（]+)/gu

/** Chinese may be broken between any two letters. */
function wrapChinese(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const piece of text.match(chinesePiece) ?? []) {
    if (line !== '' && displayWidth(line + piece) > width) {
      lines.push(line)
      line = piece.trimStart()
    } else line += piece
  }
  return [...lines, line]
}

/** Breaks text at blanks into lines of at most `width` columns. */
export function wrapText(text: string, width: number): readonly string[] {
  if (chinese.test(text)) return wrapChinese(text, width)
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
 * Lays out terms beside their explanations, as help does. A term wider than half the width gets its own line. @param width of the whole line, including the indentation
 */
export function layoutRows(rows: readonly Row[], width: number): readonly string[] {
  const widest = Math.floor(width * 0.55)
  const lengths = rows.map(({ term }) => displayWidth(term)).filter((length) => length <= widest)
  const column = indent.length + Math.max(0, ...lengths) + gap
  return rows.flatMap(({ term, text }) => {
    const lines = wrapText(text, Math.max(20, width - column)).map((line) => ' '.repeat(column) + line)
    const head = indent + term
    const taken = displayWidth(head)
    if (taken + gap > column) return [head, ...lines]
    return [head + (lines[0] ?? '').slice(taken), ...lines.slice(1)]
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
