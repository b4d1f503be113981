import { hasWords, listNames, readAlterations } from '../../sql/clauses.ts'
import { printType, toColumnType } from '../../sql/column-type.ts'
import type { Statement } from '../../sql/statement.ts'
import { noTablesKnown } from '../../sql/table-state.ts'
import type { Token } from '../../sql/tokens.ts'
import {
  type ColumnChange,
  charsetAfter,
  findPresentTable,
  readCharsetChange,
  readColumnChanges,
  readColumnDefinition,
} from '../column-changes.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import { compareCharsets, findNarrowing, mayLoseCharacters } from '../narrowing.ts'
import type { Finding, HazardContext, HazardRule } from '../rule.ts'

export const narrowColumn: HazardRule = {
  code: 'NARROW_COLUMN',
  kind: 'destructive',
  title:
    '`MODIFY`, `CHANGE` or `CONVERT TO CHARACTER SET` to a type or character set that cannot store every present value (or may not, where the present type is unknown)',
  find: (tokens, statement, context) => {
    if (!firstTableMayHaveData(statement, context)) return []
    const serverAsked = (context.tables ?? noTablesKnown).schema !== null
    const changes = readColumnChanges(tokens, statement, context.tables).filter(({ made }) => !made)
    const converted = findConverted(tokens, statement, context)
    return [...changes.flatMap((change) => judge(change, serverAsked)), ...converted].map((finding) =>
      context.strict === false ? { ...finding, why: `${finding.why} ${silently}` } : finding,
    )
  },
}

const instead = 'Add a new column, copy the values that fit, and drop the old one when every row has been checked.'

const silently =
  'Under the sql_mode that the file sets, values that do not fit are truncated or replaced without an error.'

function judge(change: ColumnChange, serverAsked: boolean): readonly Finding[] {
  if (change.before === null) {
    return [
      {
        why: `Column ${change.column} becomes ${printType(change.after)}; it may narrow: its present type is not known.`,
        instead: serverAsked ? instead : 'Run `wwdb plan`, which reads the present type from the server.',
      },
    ]
  }
  const reasons = findNarrowing(change.before, change.after)
  if (reasons.length === 0) return []
  return [{ why: `Column ${change.column} narrows: ${reasons.join('; ')}.`, instead }]
}

/** The effect of CONVERT TO on the columns that the same statement does not redefine; redefined ones are checked on their own. */
function findConverted(tokens: readonly Token[], statement: Statement, context: HazardContext): readonly Finding[] {
  const clauses = readAlterations(tokens)
  const convert = clauses.find((clause) => hasWords(clause, 0, 'CONVERT', 'TO'))
  if (convert === undefined) return []
  const table = findPresentTable(statement, context.tables)
  const charsets = readCharsetChange(clauses, table)
  if (table === null) return judgeUnknown(charsets.converted)
  const defined = clauses.map((clause) => readColumnDefinition(clause)?.column.toLowerCase())
  const narrowed = table.columns.filter((column) => {
    const before = column.made === true || defined.includes(column.name.toLowerCase()) ? null : toColumnType(column)
    return before !== null && compareCharsets(before, { ...before, charset: charsetAfter(before, charsets) }).length > 0
  })
  const from = [...new Set(narrowed.map(({ charset }) => charset ?? ''))]
  if (narrowed.length === 0) return []
  const names = listNames(narrowed.map(({ name }) => name))
  const verb = narrowed.length === 1 ? `Column ${names} becomes` : `Columns ${names} become`
  return [{ why: `${verb} ${charsets.converted}, which does not have every character of ${listNames(from)}.`, instead }]
}

function judgeUnknown(charset: string | null): readonly Finding[] {
  if (charset === null || !mayLoseCharacters(null, charset)) return []
  return [
    {
      why: `Every text column becomes ${charset}, which may not have every character of the present values: their character sets are not known.`,
      instead,
    },
  ]
}
