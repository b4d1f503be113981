import type { Fault } from '../../core/tool-error.ts'

/** A file of another migration tool. */
export interface OldFile {
  /** Relative to the folder that was given, with `/`. */
  readonly path: string
  /** As it is: with its byte order mark and line ends, because checksums are computed over them. */
  readonly text: string
}

/** A migration of another tool that consists of SQL. */
export interface OldMigration {
  /** The name of its row in the history, as the tool's `readHistory` returns it. */
  readonly id: string
  /** The file that contains it. */
  readonly file: string
  readonly kind: 'versioned' | 'repeatable'
  /** As the tool writes it: digits, possibly with dots, or a timestamp. The list defines the order of the migrations. */
  readonly version: string
  readonly name: string
  /** SQL with the lines of its section: lines that do not belong to it are empty, so that line numbers can be those of the file. */
  readonly up: string
  /** Null where the tool cannot roll it back. */
  readonly down: string | null
  /** The line of the file at which both texts begin, where it is not the first: one file of Liquibase has thousands of sections. */
  readonly firstLine?: number
}

/** The content of a tool's files, in the order in which the tool runs them. */
export interface OldProject {
  readonly migrations: readonly OldMigration[]
  readonly notes: readonly string[]
  readonly faults: readonly Fault[]
  /** Names of the schema that the SQL is for, in lower case. */
  readonly schemas?: readonly string[]
}

/** A row of the history table: its columns as text. */
export type HistoryRow = Readonly<Record<string, string | null>>

/** A migration that the other tool has applied. */
export interface AppliedMigration {
  /** Of `OldMigration`; for tools whose migrations are code, the name in the history. */
  readonly id: string
  /** UTC, as `YYYY-MM-DD HH:MM:SS.ffffff`; null where the tool does not record it. */
  readonly at: string | null
  readonly by: string | null
  readonly milliseconds: number | null
}

/** The content of a history table. */
export interface OldHistory {
  /** In the order in which they ran. */
  readonly applied: readonly AppliedMigration[]
  /** Files that differ from what ran: the file, and how that is known. */
  readonly edited: readonly { readonly file: string; readonly why: string }[]
  readonly notes: readonly string[]
  /** What must be repaired first: a migration that failed half way, a missing file. */
  readonly faults: readonly Fault[]
}

/** The facts that are read about a table. */
export interface TableReading {
  readonly table: string
  readonly columns: readonly string[]
  /** An SQL list of columns; rows are read in the order in which they ran. */
  readonly order: string
}

/** A history table: every tool has one. */
export interface HistoryTable extends TableReading {
  /** Tables that are read where the first does not exist. */
  readonly others?: readonly TableReading[]
  /** The tool's other tables, such as that of its lock. */
  readonly beside?: (table: string) => readonly string[]
}

/** A tool whose migrations are SQL: its files become files of wwdb. */
export interface SqlTool {
  readonly kind: 'sql'
  /** As people write it: `golang-migrate`. */
  readonly name: string
  readonly history: HistoryTable
  readonly readProject: (files: readonly OldFile[]) => OldProject
  readonly readHistory: (rows: readonly HistoryRow[], project: OldProject, files: readonly OldFile[]) => OldHistory
}

/** A tool whose migrations are programs: their result becomes a baseline. */
export interface CodeTool {
  readonly kind: 'code'
  readonly name: string
  readonly history: HistoryTable
  readonly readHistory: (rows: readonly HistoryRow[]) => OldHistory
}

export type AdoptTool = SqlTool | CodeTool

/** A fault about a migration that did not end well: `next` is the tool's own remedy. */
export function unfinished(tool: string, label: string, why: string, next: string): Fault {
  return { what: `${tool} records \`${label}\` as not finished.`, why, next }
}

/** A row of the history whose file is missing. */
export function fileGone(tool: string, label: string): Fault {
  return {
    what: `${tool} has applied \`${label}\`, but there is no file for it.`,
    why: 'Without the file it is not known what it created.',
    next: 'Restore the file, or give the folder that has it with `--files`.',
  }
}

/** A file name that the tool itself ignores. */
export function passedOver(tool: string, paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return []
  const shown = paths.slice(0, 3).map((path) => `\`${path}\``)
  const more = paths.length > shown.length ? ` and ${paths.length - shown.length} more` : ''
  return [`${tool} does not treat ${shown.join(', ')}${more} as migrations; they are skipped.`]
}

/** The text of a section, on the lines that it has in its file. @param isInside whether the line at an index belongs to it */
export function keepLines(lines: readonly string[], isInside: (index: number) => boolean): string {
  return lines.map((line, index) => (isInside(index) ? line : '')).join('\n')
}

/** Lines without a byte order mark and without line ends. */
export function splitLines(text: string): readonly string[] {
  return text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)
}
