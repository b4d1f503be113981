import type { InBoth } from '../core/in-both.ts'
import { type DefinedColumn, readDefinedColumns } from '../ddl/defined-columns.ts'
import { type Column, findKnownColumn } from '../ddl/table.ts'
import { type Clause, hasWords, isWord, readAlterations } from '../sql/clauses.ts'
import type { Statement } from '../sql/statement.ts'
import type { LintFinding } from './rule.ts'
import type { StatementSubject } from './subjects.ts'

/** Verbs of the statements that define columns. */
export const columnVerbs = ['CREATE TABLE', 'ALTER TABLE'] as const

/** For the last statement only: keeping the columns of all statements would also keep all their tokens. */
let last: { readonly statement: Statement; readonly columns: readonly DefinedColumn[] } | null = null

/** The columns that a statement defines, read once for all rules. */
export function definedColumns({
  statement,
  tokens,
}: Pick<StatementSubject, 'statement' | 'tokens'>): readonly DefinedColumn[] {
  if (last?.statement !== statement) last = { statement, columns: readDefinedColumns(tokens) }
  return last.columns
}

/**
 * A finding for each column about which `judge` has something to say: the end of a sentence that begins with the column's name, without
 * the full stop.
 */
export function findColumns(
  subject: Pick<StatementSubject, 'statement' | 'tokens'>,
  judge: (column: DefinedColumn) => InBoth | null,
): readonly LintFinding[] {
  const table = subject.statement.objects[0]?.name ?? ''
  return definedColumns(subject).flatMap((column) => {
    const said = judge(column)
    return said === null ? [] : [{ at: column.at, message: columnSentence(table, column.name, said) }]
  })
}

/** "Column `a` of `t` is ...", in both languages. */
export function columnSentence(table: string, column: string, said: InBoth): InBoth {
  return {
    en: `Column \`${column}\` of \`${table}\` ${said.en}.`,
    zh: `表 \`${table}\` 的列 \`${column}\` ${said.zh}。`,
  }
}

/** The column that an ALTER TABLE redefines, as it is before the statement; null where it is unknown. */
export function columnBefore(subject: StatementSubject, column: DefinedColumn): Column | null {
  if (column.how === 'ADD' || subject.object.type !== 'table') return null
  // CHANGE has the old name before the new one.
  const at = subject.tokens.indexOf(column.at)
  const name = column.how === 'CHANGE' ? subject.tokens[at - 1]?.text : column.name
  return name === undefined ? null : findKnownColumn(subject.object.table, name)
}

/** From the first to the last of these tokens, for `at`; nothing where there are none. */
export function placeOf(tokens: Clause): { readonly at?: { readonly start: number; readonly end: number } } {
  const [first, last] = [tokens[0], tokens.at(-1)]
  return first === undefined || last === undefined ? {} : { at: { start: first.start, end: last.end } }
}

/**
 * The existing columns whose default an `ALTER [COLUMN] ... SET DEFAULT` or `DROP DEFAULT` changes, with what `judge` says about each; null where it says
 * nothing.
 */
export function findAlteredDefaults(
  { tokens, statement, object, isNew }: StatementSubject,
  word: 'SET' | 'DROP',
  judge: (column: Column) => InBoth | null,
): readonly LintFinding[] {
  const table = statement.objects[0]
  if (table === undefined || isNew(table) || object.type !== 'table') return []
  return readAlterations(tokens).flatMap((clause) => {
    const at = isWord(clause[1], 'COLUMN') ? 2 : 1
    if (!isWord(clause[0], 'ALTER') || !hasWords(clause, at + 1, word, 'DEFAULT')) return []
    const column = findKnownColumn(object.table, clause[at]?.text ?? '')
    const said = column === null ? null : judge(column)
    return column === null || said === null
      ? []
      : [{ ...placeOf(clause), message: columnSentence(table.name, column.name, said) }]
  })
}
