import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { Suppression } from '../../lint/accepted.ts'
import { readNolint } from '../../migrations/files/header.ts'
import { toStatement } from '../../sql/classify.ts'
import { beginningOf } from '../../sql/mask-passwords.ts'
import type { DirectivePiece, StatementPiece } from '../../sql/piece.ts'
import { scan } from '../../sql/scanner.ts'
import { type HeaderSet, headerFault, type PlacedHeader, readShardHeader } from './header.ts'
import { readTemplateStatement, type TemplateStatement } from './template-statement.ts'

/** The content of a template's file, split and checked as far as the file alone allows. */
export interface TemplateFile {
  readonly headers: readonly PlacedHeader[]
  /** Names of headers that could not be read: they are not missing. */
  readonly unreadable: readonly string[]
  /** Its `wwdb:nolint` lines: only review uses them. */
  readonly suppressed: readonly Suppression[]
  readonly content: TemplateStatement | null
  readonly faults: readonly Fault[]
}

/** Splits a template's normalized text. Never throws because of its content. */
export function readTemplateFile(text: string, file: string): TemplateFile {
  const reader = new TemplateReader(file)
  let line = 1
  try {
    for (const piece of scan(text, { file })) {
      if (piece.type === 'statement') reader.takeStatement(piece)
      else if (piece.type === 'directive') reader.takeDirective(piece)
      else reader.takeGap(piece.text, line)
      line += piece.source.split('\n').length - 1
    }
    reader.finish()
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    reader.faults.push(...error.faults)
  }
  const { headers, unreadable, suppressed, content, faults } = reader
  return { headers, unreadable, suppressed, content, faults }
}

class TemplateReader {
  readonly #file: string
  readonly faults: Fault[] = []
  readonly headers: PlacedHeader[] = []
  readonly unreadable: string[] = []
  readonly suppressed: Suppression[] = []
  #content: TemplateStatement | null = null
  #extra = false

  constructor(file: string) {
    this.#file = file
  }

  takeStatement(piece: StatementPiece): void {
    if (this.#content === null) {
      this.#content = readTemplateStatement(toStatement(piece, 0))
      this.faults.push(...this.#content.faults)
    } else if (!this.#extra) {
      this.#extra = true
      this.faults.push({
        what: 'A second statement follows, but a template must have only one.',
        where: { file: piece.file, line: piece.line, column: piece.column, statement: beginningOf(piece.text) },
        next: 'Move its indexes and keys into the CREATE TABLE; rows belong in a seed.',
      })
    }
  }

  takeDirective(piece: DirectivePiece): void {
    const where = { file: piece.file, line: piece.line, column: piece.column }
    if (piece.name === 'migrate') {
      const next = 'Remove the line; a change of all shards is a migration with "-- wwdb:shards".'
      this.faults.push({ what: 'A template has no up and down parts.', where, next })
      return
    }
    if (this.#content !== null) {
      const what = `The header \`wwdb:${piece.name}\` is below the statement.`
      this.faults.push({ what, where, next: 'Move it above CREATE TABLE.' })
      return
    }
    if (piece.name === 'nolint') {
      this.#takeNolint(piece)
      return
    }
    const place = { subject: `The header \`wwdb:${piece.name}\``, where: this.#placeOfArgument(piece) }
    const outcome = readShardHeader(piece.name, piece.argument)
    if ('type' in outcome) this.#addHeader({ header: outcome.header, place })
    else {
      this.faults.push(headerFault(place, outcome))
      this.unreadable.push(piece.name)
    }
  }

  #takeNolint({ file, line, argument }: DirectivePiece): void {
    const read = readNolint(argument.trim(), { file, line })
    if ('type' in read) this.suppressed.push({ ...read.suppression, scope: 'file' })
    else this.faults.push(read)
  }

  #addHeader(placed: PlacedHeader): void {
    const { name } = placed.header
    const first = this.headers.find(({ header }) => header.name === name)
    if (first === undefined || name === 'reference') {
      this.headers.push(placed)
      return
    }
    this.faults.push(
      headerFault(placed.place, {
        says: `is repeated here; the first is on line ${first.place.where?.line}`,
        next: 'Remove one of the two.',
      }),
    )
  }

  #placeOfArgument({ file, line, column, source, argument }: DirectivePiece): Fault['where'] & object {
    const at = argument === '' ? 0 : source.lastIndexOf(argument)
    return { file, line, column: column + Math.max(0, at) }
  }

  /** Comments that were meant as headers: an extra space, `#`, or capitals. */
  takeGap(text: string, firstLine: number): void {
    for (const [index, line] of text.split('\n').entries()) {
      const [found, start = ''] = /^([ \t]*)(?:--+|#|\/\*)[ \t]*wwdb[ \t]*:.*$/i.exec(line) ?? []
      if (found === undefined) continue
      this.faults.push({
        what: 'This comment looks like a header but is not one.',
        where: { file: this.#file, line: firstLine + index, column: start.length + 1 },
        next: 'Write it as "-- wwdb:NAME VALUE": two dashes, a space, lower case, no space around the colon.',
      })
    }
  }

  /** Adds the faults that only the end of the file shows. */
  finish(): void {
    if (this.#content !== null) return
    const next = 'Write CREATE TABLE {{table}} (...) below the headers.'
    this.faults.push({
      what: 'The template has no CREATE TABLE statement.',
      where: { file: this.#file, line: 1 },
      next,
    })
  }

  get content(): TemplateStatement | null {
    return this.#content
  }
}

/** What a family is made from. */
export interface FamilyDraft {
  readonly name: string
  readonly database: string
  /** As a person would type it. */
  readonly file: string
  readonly headers: HeaderSet
  /** Names of headers that could not be read: they are not missing. */
  readonly unreadable: readonly string[]
  readonly content: TemplateStatement
  /** False where no folder for archives is configured. */
  readonly archives: boolean
}
