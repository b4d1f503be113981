import type { ErrorCode } from '../core/error-codes.ts'
import { type Excerpt, ToolError } from '../core/tool-error.ts'
import type { Mode } from './lexical.ts'
import { maskLine } from './mask-passwords.ts'

/** One statement, without its delimiter and without the blanks and comments around it. */
export interface StatementPiece {
  readonly type: 'statement'
  /** From its first to its last token, including comments inside. */
  readonly text: string
  readonly source: string
  readonly file: string
  /** Of its first character, from 1. Columns count UTF-16 units, as `String.prototype.slice` and most editors do. */
  readonly line: number
  readonly column: number
}

/** A line comment that is a directive: `-- migrate:up` or `-- wwdb:NAME REST`. */
export interface DirectivePiece {
  readonly type: 'directive'
  /** `migrate`, or the NAME of `-- wwdb:NAME`. */
  readonly name: string
  /** What follows the name, trimmed: `up`, `down`, or the REST of the line. */
  readonly argument: string
  readonly source: string
  readonly file: string
  readonly line: number
  readonly column: number
}

/** The text between statements: blanks, comments, delimiters, DELIMITER commands, a byte order mark. */
interface GapPiece {
  readonly type: 'gap'
  readonly text: string
  readonly source: string
}

/** A script is a sequence of pieces; joining their `source` gives the script, character by character. */
export type Piece = StatementPiece | DirectivePiece | GapPiece

/** The name and argument of a directive. */
export interface Directive {
  readonly name: string
  readonly argument: string
}

const start = /--[ \t]+(?:migrate|wwdb):/y
const migrate = /^--[ \t]+migrate:([a-z]\S*)([\s\S]*)$/
const wwdb = /^--[ \t]+wwdb:([A-Za-z][\w-]*)([\s\S]*)$/

/** Whether a line comment at `at` may be a directive; the whole line is needed to decide. */
export function mayBeDirective(text: string, at: number): boolean {
  start.lastIndex = at
  return start.test(text)
}

/** How many more characters than usual `mayBeDirective` may need: any number of blanks may follow the dashes. */
export function needsWholeLine(text: string, at: number): boolean {
  return /^--[ \t]*(?:m|mi|mig|migr|migra|migrat|migrate|w|ww|wwd|wwdb)?$/.test(text.slice(at))
}

/** Reads a line comment, without its line end; null when it is an ordinary one. */
export function readDirective(line: string): Directive | null {
  const section = migrate.exec(line)
  if (section !== null) return { name: 'migrate', argument: `${section[1]}${section[2]}`.trim() }
  const own = wwdb.exec(line)
  if (own !== null) return { name: own[1] ?? '', argument: (own[2] ?? '').trim() }
  return null
}

/** `-- migrate:up` and `-- migrate:down` begin a part of the file: they end a statement that lacks its delimiter. */
export function beginsPart(directive: Directive): boolean {
  return directive.name === 'migrate' && /^(?:up|down)(?:\s|$)/.test(directive.argument)
}

/** The position of a scan error. */
export interface ErrorPlace {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly excerpt: Excerpt
}

const opened: Readonly<Record<Exclude<Mode, 'code' | 'line'>, { readonly thing: string; readonly end: string }>> = {
  single: { thing: 'string', end: "'" },
  double: { thing: 'string', end: '"' },
  backtick: { thing: 'quoted name', end: '`' },
  block: { thing: 'comment', end: '*/' },
  hint: { thing: 'optimizer hint', end: '*/' },
}

/** A quote or comment that is still open where the file or its part ends. */
export function unterminated(mode: Exclude<Mode, 'code' | 'line'>, place: ErrorPlace, escapes = false): ToolError {
  const { thing, end } = opened[mode]
  return scanError('SQL_UNTERMINATED', place, {
    what: `The ${thing} opened here is never closed.`,
    why: escapes
      ? `There is no closing ${end} before the end of the file. A \\${end} does not close it: wwdb reads every file with backslashes as escapes, also after a SET of NO_BACKSLASH_ESCAPES.`
      : `There is no closing ${end} before the end of the file.`,
    next: escapes
      ? `Close it with ${end}; for a backslash at its end write \\\\ and leave NO_BACKSLASH_ESCAPES out.`
      : `Close it with ${end}, or look for an extra quote before it.`,
  })
}

/** An executable comment that contains a delimiter or the end of the file. */
export function unterminatedExecutable(place: ErrorPlace): ToolError {
  return scanError('SQL_UNTERMINATED', place, {
    what: 'The executable comment opened here is not closed before the end of its statement.',
    why: 'The mysql client also ends a statement at a delimiter inside /*! ... */, and the server refuses the rest.',
    next: 'Close it with */ before the delimiter, or put the statement between DELIMITER // and DELIMITER ;.',
  })
}

/** A statement that is not followed by the delimiter that DELIMITER set. */
export function delimiterNeverMet(delimiter: string, place: ErrorPlace): ToolError {
  return scanError('SQL_DELIMITER', place, {
    what: `The statement that starts here does not end with the delimiter ${delimiter}.`,
    why: `DELIMITER ${delimiter} is set, but ${delimiter} does not occur afterwards.`,
    next: `End the statement with ${delimiter}, or switch back with DELIMITER ; before it.`,
  })
}

/** A statement after which the delimiter is set again before the current delimiter ended it. @param line of that command */
export function openAtDelimiter(delimiter: string, line: number, place: ErrorPlace): ToolError {
  return scanError('SQL_DELIMITER', place, {
    what: `The statement that begins here is still open at the DELIMITER command of line ${line}.`,
    why: `DELIMITER ${delimiter} is in force: the mysql client sends both as one statement, and the server refuses it.`,
    next: `Write \`${delimiter}\` on a line of its own between the statement and line ${line}.`,
  })
}

export function badDelimiterCommand(why: string, place: ErrorPlace): ToolError {
  return scanError('SQL_DELIMITER', place, {
    what: `The DELIMITER command is invalid: ${why}.`,
    next: 'Write DELIMITER followed by a short mark such as //.',
  })
}

/** A body of several statements that is cut off after the first, because the `;` ends the whole statement. */
export function compoundBody(verb: string, place: ErrorPlace): ToolError {
  return scanError('SQL_COMPOUND', place, {
    what: `The body of this ${verb} is cut off at its first semicolon.`,
    why: 'The mysql client ends a statement at every ; unless another delimiter is set, even between BEGIN and END.',
    next: 'Put DELIMITER // on a line before it, end it with //, and put DELIMITER ; on a line after it.',
  })
}

export function nulCharacter(place: ErrorPlace): ToolError {
  return scanError('SQL_NUL', place, {
    what: 'There is a NUL character here.',
    why: 'SQL text cannot contain one; the file may be UTF-16 or binary.',
    next: "Save the file as UTF-8 text, and write binary values as X'...' literals, as `mysqldump --hex-blob` does.",
  })
}

function scanError(code: ErrorCode, place: ErrorPlace, text: { what: string; why?: string; next: string }): ToolError {
  const { file, line, column, excerpt } = place
  return new ToolError(code, { ...text, where: { file, line, column }, excerpt: maskLine(excerpt) })
}
