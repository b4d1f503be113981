import { type Fault, ToolError } from '../../core/tool-error.ts'
import { toStatement } from '../../sql/classify.ts'
import { searchCode } from '../../sql/lexical.ts'
import { beginningOf } from '../../sql/mask-passwords.ts'
import type { Piece } from '../../sql/piece.ts'
import { scan } from '../../sql/scanner.ts'
import type { Statement } from '../../sql/statement.ts'
import { findOpenBody } from '../../sql/statement-ends.ts'
import { applyEdits, type Edit, type Token, tokenize } from '../../sql/tokens.ts'

/** A statement of a script, or the comments between two statements. */
type ScriptPart =
  | { readonly type: 'comment'; readonly text: string }
  | { readonly type: 'statement'; readonly statement: Statement; readonly isCompound: boolean }

/** A script of another tool in the form in which wwdb runs it. */
export interface ConvertedScript {
  readonly parts: readonly ScriptPart[]
  /** What was left out: kinds of statements. */
  readonly left: readonly string[]
  readonly faults: readonly Fault[]
}

/** The owner of a script. */
export interface ScriptPlace {
  readonly file: string
  /** The line of the file at which the script begins. */
  readonly firstLine?: number
  /** The logical database. */
  readonly database: string
  /** Names, in lower case, that mean the schema that the script runs in. */
  readonly ownSchemas: ReadonlySet<string>
}

/**
 * Splits a script as its tool does and removes what a migration of wwdb must not contain: transactions, table locks, USE of its own schema. Names that
 * are qualified with its own schema follow the target. Throws nothing: what cannot be converted is in `faults`. Pure.
 */
export function convertScript(text: string, place: ScriptPlace): ConvertedScript {
  let pieces: readonly Piece[]
  try {
    const own = text.replaceAll(/`?\{\{schema\}\}`?/g, `{{schema:${place.database}}}`)
    pieces = split(own, place.file, { line: (place.firstLine ?? 1) - 1, column: 0 })
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return { parts: [], left: [], faults: error.faults }
  }
  const parts: ScriptPart[] = []
  const left = new Set<string>()
  const faults: Fault[] = []
  for (const piece of pieces) {
    if (piece.type !== 'statement') {
      const comment = piece.type === 'gap' ? readComments(piece.text) : ''
      if (comment !== '') parts.push({ type: 'comment', text: comment })
      continue
    }
    const converted = toStatement({ ...piece, text: followTarget(piece.text, place) }, parts.length)
    const dropped = isLeftOut(converted, place)
    if (dropped) left.add(converted.verb === 'SET' ? 'SET autocommit' : converted.verb)
    else {
      faults.push(...findFaults(converted))
      parts.push({ type: 'statement', statement: converted, isCompound: isCompound(converted.text) })
    }
  }
  return { parts, left: [...left], faults }
}

/** The schemas that scripts select with USE, in lower case. */
export function findUsedSchemas(text: string): readonly string[] {
  // No pattern here may match line ends: each of thousands of empty lines would be the start of another search.
  return [...text.matchAll(/(?:^|;)[^\S\n]*use[^\S\n]+(`[^`\n]+`|[\w$-]+)[^\S\n]*(?:;|$)/gim)].map(([, name = '']) =>
    name.replaceAll('`', '').toLowerCase(),
  )
}

/** Where a text begins in its file: this is added to the lines of its pieces, and to the columns of those on its first line. */
interface Offset {
  readonly line: number
  readonly column: number
}

/**
 * Like the mysql client, and like tools that send a whole file: they allow bodies without DELIMITER, and `--` without a following
 * blank.
 */
function split(text: string, file: string, begin: Offset): readonly Piece[] {
  const done: Piece[] = []
  let [rest, offset] = [text, begin]
  for (;;) {
    try {
      for (const piece of scanSpaced(rest, file)) done.push(movePiece(piece, offset))
      return done
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      const body = findBody(rest, error)
      if (body === null) throw moveError(error, offset)
      const { start, end, line, column } = body
      const source = rest.slice(start, end)
      for (const piece of scanSpaced(rest.slice(0, start), file)) done.push(movePiece(piece, offset))
      done.push(movePiece({ type: 'statement', text: source, source, file, line, column }, offset))
      offset = offsetAt(rest, end + 1, offset)
      rest = rest.slice(end + 1)
    }
  }
}

function offsetAt(text: string, at: number, { line, column }: Offset): Offset {
  const before = text.slice(0, at)
  const lines = before.split('\n').length - 1
  return { line: line + lines, column: lines === 0 ? column + at : at - before.lastIndexOf('\n') - 1 }
}

function movePlace<Place extends { readonly line?: number; readonly column?: number }>(
  place: Place,
  offset: Offset,
): Place {
  const { line, column } = place
  if (line === undefined) return place
  return {
    ...place,
    line: line + offset.line,
    ...(column === undefined ? {} : { column: column + (line === 1 ? offset.column : 0) }),
  }
}

function movePiece(piece: Piece, offset: Offset): Piece {
  return piece.type === 'gap' ? piece : movePlace(piece, offset)
}

function moveError(error: ToolError, offset: Offset): ToolError {
  const faults = error.faults.map((fault) =>
    fault.where === undefined ? fault : { ...fault, where: movePlace(fault.where, offset) },
  )
  return new ToolError(error.code, faults, { cause: error })
}

/** `--DROP TABLE x` and a line of dashes are neither a comment nor a statement: a comment was meant. Consecutive lines get a blank at once. */
function scanSpaced(text: string, file: string): readonly Piece[] {
  const pieces = scan(text, { file })
  if (!pieces.some(isDashed)) return pieces
  const spaced = pieces.map((piece) => (isDashed(piece) ? spaceLines(piece.source) : piece.source))
  return scanSpaced(spaced.join(''), file)
}

function isDashed(piece: Piece): boolean {
  return piece.type === 'statement' && piece.text.startsWith('-')
}

/**
 * The scanner takes the first two dashes of a line of dashes for a statement, and the others for a comment after it.
 */
function spaceLines(source: string): string {
  return /^\s*--/.test(source) ? source.replace(dashedLines, spaceDashes) : source.replace('-', '-- -')
}

const dashedLines = /^(?:[^\S\n]*(?:--[^\n]*)?(?:\n|$))+/
const spaceDashes = (lines: string): string => lines.replaceAll(/^([^\S\n]*)--(?=\S)/gm, '$1-- ')

interface Body {
  readonly start: number
  readonly end: number
  readonly line: number
  readonly column: number
}

const findSemicolons = searchCode(';')
/** The part of a text that is searched first for the end of a body; four times as much where it is not found. */
const firstReach = 10_000

/** The routine that the error reports as cut off, up to the semicolon after its own END; null where it has none. */
function findBody(text: string, { code, faults }: ToolError): Body | null {
  const { line, column } = faults[0]?.where ?? {}
  if (code !== 'SQL_COMPOUND' || line === undefined || column === undefined) return null
  const before = text.split('\n').slice(0, line - 1)
  const start = before.reduce((sum, one) => sum + one.length + 1, 0) + column - 1
  for (let reach = firstReach; ; reach *= 4) {
    const rest = text.slice(start, start + reach)
    const isAll = start + reach >= text.length
    const ends = [...findSemicolons(rest), ...(isAll ? [rest.trimEnd().length] : [])]
    const end = ends.find((at) => findOpenBody(rest.slice(0, at)) === null)
    if (end !== undefined) return { start, end: start + end, line, column }
    if (isAll) return null
  }
}

/** The comments of a gap, each on its own lines; delimiters and DELIMITER commands are left out. */
function readComments(gap: string): string {
  const found = gap.match(/\/\*[\s\S]*?\*\/|--(?=[\s]|$)[^\n]*|#[^\n]*/gm) ?? []
  return found
    .map((one) => one.trimEnd())
    .filter((one) => !/^(?:--|#)\s*(?:$|migrate:|wwdb:)/.test(one))
    .join('\n')
}

const leftOutVerbs = new Set([
  'BEGIN',
  'START TRANSACTION',
  'COMMIT',
  'ROLLBACK',
  'SAVEPOINT',
  'RELEASE SAVEPOINT',
  'LOCK TABLES',
  'UNLOCK TABLES',
])

function isLeftOut({ verb, text }: Statement, { ownSchemas }: ScriptPlace): boolean {
  if (leftOutVerbs.has(verb)) return true
  if (/^SET\s+(?:SESSION\s+|LOCAL\s+|@@(?:SESSION\.)?)?autocommit\b[^,]*$/i.test(text)) return true
  const named =
    /^(?:USE|CREATE\s+(?:DATABASE|SCHEMA)(?:\s+IF\s+NOT\s+EXISTS)?)\s+(`[^`]+`|[\w$-]+|\{\{schema:\w+\}\})/i.exec(
      text,
    )?.[1]
  return named !== undefined && (named.startsWith('{{') || ownSchemas.has(named.replaceAll('`', '').toLowerCase()))
}

function findFaults({ file, line, column, text, refusal, objects, references }: Statement): readonly Fault[] {
  const where = { file, line, column, statement: beginningOf(text) }
  if (refusal !== null) return [{ what: refusal.why, where, next: refusal.next }]
  const foreign = [...objects, ...references].find(({ schema }) => schema !== null && !schema.startsWith('{{'))
  if (foreign === undefined) return []
  return [
    {
      what: `The statement names the schema \`${foreign.schema}\`, which is not the one of the target.`,
      where,
      next: `Write \`{{schema:DATABASE}}.${foreign.name}\` in the copy of the file that \`--files\` names, or leave the schema out.`,
    },
  ]
}

/** Words after which a qualified name is that of an object, and not of a column. */
const objectWords = new Set(
  'TABLE INTO FROM JOIN UPDATE REFERENCES EXISTS VIEW TRIGGER PROCEDURE FUNCTION EVENT CALL TO IGNORE REPLACE LIKE'.split(
    ' ',
  ),
)

/** `own.users` becomes `{{schema:app}}.users`. */
function followTarget(text: string, { database, ownSchemas }: ScriptPlace): string {
  if (ownSchemas.size === 0 || !text.includes('.')) return text
  const tokens = tokenize(text)
  const edits = tokens.flatMap((token, index): readonly Edit[] => {
    if (!isName(token) || !ownSchemas.has(token.text.toLowerCase()) || tokens[index + 1]?.text !== '.') return []
    const before = tokens[index - 1]
    const isObject = before?.type === 'word' && objectWords.has(before.text.toUpperCase())
    const isTable = before?.text.toUpperCase() === 'ON' && /^create\b/i.test(text)
    if (!isObject && !isTable && tokens[index + 3]?.text !== '.') return []
    return [{ start: token.start, end: token.end, text: `{{schema:${database}}}` }]
  })
  return edits.length === 0 ? text : applyEdits(text, edits)
}

function isName({ type }: Token): boolean {
  return type === 'word' || type === 'name'
}

function isCompound(text: string): boolean {
  return text.includes(';') && tokenize(text).some(({ type, text: mark }) => type === 'punctuation' && mark === ';')
}
