import { characterWidth } from '../../../src/terminal/text/span.ts'

const escapeCharacter = '\u001b'
const controlSequence = new RegExp(`^${escapeCharacter}\\[([0-9;]*)([A-Za-z])`)

/** Text without its colors. */
export function stripColors(text: string): string {
  return text.replaceAll(new RegExp(`${escapeCharacter}\\[[0-9;]*m`, 'g'), '')
}

/**
 * A terminal, as far as our output uses one: text, line ends, cursor up, erasing, colors. It counts the lines that it had to
 * wrap and refuses a sequence that it does not know.
 */
export class TerminalScreen {
  readonly #columns: number
  #rows: string[][] = [[]]
  #row = 0
  #column = 0
  /** Lines that reached past the last column. */
  wraps = 0
  /** Everything that was written, as it was written. */
  raw = ''

  constructor(columns: number) {
    this.#columns = columns
  }

  readonly write = (text: string): void => {
    this.raw += text
    let rest = text
    while (rest !== '') {
      const sequence = controlSequence.exec(rest)
      if (sequence !== null) this.#control(sequence[1] ?? '', sequence[2] ?? '')
      else this.#put([...rest][0] ?? '')
      rest = rest.slice(sequence?.[0].length ?? [...rest][0]?.length ?? 1)
    }
  }

  /** What a person sees, without blanks at the ends of lines. */
  get text(): string {
    return this.#rows
      .map((cells) => cells.join('').trimEnd())
      .join('\n')
      .trimEnd()
  }

  #put(character: string): void {
    if (character === '\n') {
      this.#row += 1
      this.#column = 0
      this.#rows[this.#row] ??= []
    } else if (character === '\r') this.#column = 0
    else if (character < ' ' || character === '\u001b')
      throw new Error(`control character ${JSON.stringify(character)}`)
    else this.#print(character)
  }

  #print(character: string): void {
    const width = characterWidth(character)
    if (this.#column + width > this.#columns) {
      this.wraps += 1
      this.#put('\n')
    }
    const row = this.#rows[this.#row] ?? []
    while (row.length < this.#column) row.push(' ')
    row[this.#column] = character
    // The second half of a wide character.
    if (width === 2) row[this.#column + 1] = ''
    this.#column += width
  }

  #control(parameters: string, letter: string): void {
    const row = this.#rows[this.#row] ?? []
    if (letter === 'A') this.#row -= Number(parameters === '' ? 1 : parameters)
    else if (letter === 'K') row.length = Math.min(row.length, this.#column)
    else if (letter === 'J') {
      row.length = Math.min(row.length, this.#column)
      this.#rows.length = this.#row + 1
    } else if (letter !== 'm') throw new Error(`unknown sequence ESC[${parameters}${letter}`)
    if (this.#row < 0) throw new Error('the cursor left the screen at the top')
  }
}
