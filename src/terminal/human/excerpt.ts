import type { Excerpt } from '../../core/tool-error.ts'
import { printable } from '../text/printable.ts'
import { displayWidth, type Line, toned } from '../text/span.ts'
import type { Page } from './page.ts'

/** What a character of the file looks like, and how many columns it takes. */
interface Cell {
  readonly text: string
  readonly width: number
}

const tabStop = 4
/** Where no terminal limits the width, one line of a dump would still fill a screen. */
const widest = 160
const narrowest = 10

/**
 * The file's line with a caret under the character that a fault points at. Tabs and wide characters are measured; of a long
 * line only the part around the caret is shown. The excerpt's text is the raw text of the file.
 */
export function renderExcerpt(excerpt: Excerpt, page: Page): readonly Line[] {
  const number = String(excerpt.line)
  const gutter = `  ${number} | `
  const room = Math.max(narrowest, Math.min(page.columns, widest) - gutter.length)
  const { text, caret } = cutAround(excerpt, room)
  return [
    [toned('faint', gutter), text],
    [toned('faint', `  ${' '.repeat(number.length)} | `), ' '.repeat(caret), toned('bad', '^')],
  ]
}

/** @returns the part of the line that fits `room` columns, and the column (from 0) of the caret in it */
function cutAround(excerpt: Excerpt, room: number): { readonly text: string; readonly caret: number } {
  const position = Math.min(Math.max(0, excerpt.column - 1), excerpt.text.length)
  // More than `room` characters to either side can never be shown; a line may have a million.
  const first = Math.max(0, position - room)
  const before = toCells(excerpt.text.slice(first, position), 0)
  const caret = widthOf(before)
  const after = toCells(excerpt.text.slice(position, position + room), caret)
  const complete = first === 0 && position + room >= excerpt.text.length
  if (complete && caret + Math.max(1, widthOf(after)) <= room) return { text: textOf(before) + textOf(after), caret }

  // Half of the room for what follows, or less where less follows.
  const behind = Math.min(Math.max(1, widthOf(after)), Math.ceil(room / 2))
  const left = first === 0 && caret <= Math.floor((room * 2) / 3) ? before : keepEnd(before, room - behind)
  const shown = left === before ? textOf(before) : `…${textOf(left)}`
  const caretShown = displayWidth(shown)
  return { text: shown + keepStart(after, room - caretShown, position + room < excerpt.text.length), caret: caretShown }
}

function toCells(text: string, column: number): readonly Cell[] {
  let reached = column
  return Array.from(text, (character) => {
    const shown = character === '\t' ? ' '.repeat(tabStop - (reached % tabStop)) : printable(character)
    const width = displayWidth(shown)
    reached += width
    return { text: shown, width }
  })
}

function widthOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + cell.width, 0)
}

function textOf(cells: readonly Cell[]): string {
  return cells.map((cell) => cell.text).join('')
}

/** The last cells that leave one column of `room` free, for the sign that text was cut off. */
function keepEnd(cells: readonly Cell[], room: number): readonly Cell[] {
  let width = 0
  let start = cells.length
  for (let index = cells.length - 1; index >= 0; index -= 1) {
    width += cells[index]?.width ?? 0
    if (width > room - 1) break
    start = index
  }
  return cells.slice(start)
}

function keepStart(cells: readonly Cell[], room: number, more: boolean): string {
  if (!more && widthOf(cells) <= room) return textOf(cells)
  let width = 0
  const kept: Cell[] = []
  for (const cell of cells) {
    width += cell.width
    if (width > room - 1) break
    kept.push(cell)
  }
  return `${textOf(kept)}…`
}
