import { type Fault, ToolError } from '../../core/tool-error.ts'
import { toStatement } from '../../sql/classify.ts'
import { searchCode } from '../../sql/lexical.ts'
import type { Piece } from '../../sql/piece.ts'
import { scan } from '../../sql/scanner.ts'
import type { Statement } from '../../sql/statement.ts'
import { findOpenBody } from '../../sql/statement-ends.ts'
import { applyEdits, type Edit, type Token, tokenize } from '../../sql/tokens.ts'

/** A statement of a script, or the comments between two. */
type ScriptPart =
  | { readonly type: 'comment'; readonly text: string }
  | { readonly type: 'statement'; readonly statement: Statement; readonly isCompound: boolean }

/** A script of another tool as wwdb runs it. */
export interface ConvertedScript {
  readonly parts: readonly ScriptPart[]
  /** What was left out: kinds of statements. */
  readonly left: readonly string[]
  readonly faults: readonly Fault[]
}

/** What a script belongs to. */
export interface ScriptPlace {
  readonly file: string
  /** The logical database. */
  readonly database: string
  /** Names, in lower case, that mean the schema that the script runs in. */
  readonly ownSchemas: ReadonlySet<string>
}

/**
 * Splits a script as its tool does and leaves out what a migration of wwdb must not have: transactions, table locks, the choice of the own schema. Names
 * that are qualified with the own schema follow the target. Throws nothing: what cannot be converted is in `faults`. Pure.
 */
export function convertScript(text: string, place: ScriptPlace): ConvertedScript {
  let pieces: readonly Piece[]
  try {
    pieces = split(text.replaceAll(/`?\{\{schema\}\}`?/g, `{{schema:${place.database}}}`), place.file)
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

/** The schemas that scripts choose with USE, in lower case. */
export function findUsedSchemas(text: string): readonly string[] {
  return [...text.matchAll(/(?:^|;)\s*use\s+(`[^`]+`|[\w$-]+)\s*(?:;|$)/gim)].map(([, name = '']) =>
    name.replaceAll('`', '').toLowerCase(),
  )
}

/** As the mysql client, and with what tools permit that send a file whole: bodies without DELIMITER, `--` without a blank behind it. */
function split(text: string, file: string): readonly Piece[] {
  try {
    const pieces = scan(text, { file })
    const spaced = spaceDashes(text, pieces)
    return spaced === null ? pieces : split(spaced, file)
  } catch (error) {
    const body = error instanceof ToolError ? findBody(text, error) : null
    if (body === null) throw error
    const { start, end, line, column } = body
    const source = text.slice(start, end)
    // What is done is blanked out, so that the rest keeps its lines.
    const rest = text.slice(0, end + 1).replaceAll(/[^\n]/g, ' ') + text.slice(end + 1)
    const piece: Piece = { type: 'statement', text: source, source, file, line, column }
    return [...scan(text.slice(0, start), { file }), piece, ...split(rest, file)]
  }
}

/** `--DROP TABLE x` is no comment, and no statement either: a comment was meant. */
function spaceDashes(text: string, pieces: readonly Piece[]): string | null {
  let at = 0
  for (const piece of pieces) {
    if (piece.type === 'statement' && piece.text.startsWith('--')) return `${text.slice(0, at)}-- ${text.slice(at + 2)}`
    at += piece.source.length
  }
  return null
}

interface Body {
  readonly start: number
  readonly end: number
  readonly line: number
  readonly column: number
}

const findSemicolons = searchCode(';')

/** The routine that the error says is cut off, up to the semicolon behind its own END; null where it has none. */
function findBody(text: string, { code, faults }: ToolError): Body | null {
  const { line, column } = faults[0]?.where ?? {}
  if (code !== 'SQL_COMPOUND' || line === undefined || column === undefined) return null
  const before = text.split('\n').slice(0, line - 1)
  const start = before.reduce((sum, one) => sum + one.length + 1, 0) + column - 1
  const rest = text.slice(start)
  const ends = [...findSemicolons(rest), rest.trimEnd().length]
  const end = ends.find((at) => findOpenBody(rest.slice(0, at)) === null)
  return end === undefined ? null : { start, end: start + end, line, column }
}

/** The comments of a gap, each on lines of its own; delimiters and DELIMITER commands are not among them. */
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
  const where = { file, line, column, statement: text.slice(0, 200) }
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

/** Words behind which a qualified name is that of an object, and not of a column. */
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
