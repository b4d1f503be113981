/** One statement, without its delimiter and without the blanks and comments around it. */
export interface StatementPiece {
  readonly type: 'statement'
  /** From its first to its last token; comments inside are kept. */
  readonly text: string
  readonly source: string
  readonly file: string
  /** Of its first character, from 1. Columns count UTF-16 units, as `String.prototype.slice` and most editors do. */
  readonly line: number
  readonly column: number
}

/** A line comment that speaks to this tool: `-- migrate:up` or `-- wwdb:NAME REST`. */
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

/** What stands between statements: blanks, comments, delimiters, DELIMITER commands, a byte order mark. */
interface GapPiece {
  readonly type: 'gap'
  readonly text: string
  readonly source: string
}

/** A script is a row of pieces; joining their `source` gives the script back, character by character. */
export type Piece = StatementPiece | DirectivePiece | GapPiece
