import { type ColumnChange, charsetAfter, readCharsetChange, readColumnChanges } from '../../ddl/column-changes.ts'
import { printType } from '../../ddl/column-type.ts'
import { readColumnDefinition } from '../../ddl/read-alterations.ts'
import { typeOf } from '../../ddl/read-parts.ts'
import { findPresentTable, nothingKnown } from '../../ddl/schema.ts'
import { hasWords, listNames, readAlterations } from '../../sql/clauses.ts'
import type { Statement } from '../../sql/statement.ts'
import type { Token } from '../../sql/tokens.ts'
import { columnMayHaveData, firstTableMayHaveData } from '../existing-data.ts'
import { compareCharsets, findNarrowing, mayLoseCharacters } from '../narrowing.ts'
import type { HazardContext, HazardFinding, HazardRule } from '../rule.ts'

export const narrowColumn: HazardRule = {
  code: 'NARROW_COLUMN',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: '`MODIFY`, `CHANGE` or `CONVERT TO CHARACTER SET` to a type or character set that cannot store every existing value (or may not, if the current type is unknown)',
    zh: '`MODIFY`、`CHANGE` 或 `CONVERT TO CHARACTER SET` 改成存不下现有值的类型或字符集',
  },
  why: {
    en: 'Values that do not fit make the statement fail halfway through a table copy; if sql_mode is not strict, they are truncated without an error.',
    zh: '放不下的值会让语句在复制表的中途失败；在非严格的 sql_mode 下则被无声截断。',
  },
  fix: {
    en: 'Add a new column, copy the values that fit, and drop the old one after checking every row.',
    zh: '请新增一列，复制放得下的值，核对每一行之后再删除旧列。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        setup: "CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(50)); INSERT INTO a (id, name) VALUES (1, 'abcdef')",
        sql: "SET SESSION sql_mode = ''; ALTER TABLE a MODIFY name VARCHAR(3)",
        claims: { server: 'answers', query: 'SELECT name FROM a', answer: 'abc' },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 70000)',
        sql: 'ALTER TABLE a MODIFY n SMALLINT',
        claims: { server: 'refuses', number: 1264 },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, name VARCHAR(50))',
        sql: 'ALTER TABLE a MODIFY name VARCHAR(60)',
        claims: { server: 'accepts' },
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    if (!firstTableMayHaveData(statement, context)) return []
    const serverAsked = (context.tables ?? nothingKnown).schema !== null
    const changes = readColumnChanges(tokens, statement, context.tables).filter(({ made }) => !made)
    const converted = findConverted(tokens, statement, context)
    return [...changes.flatMap((change) => judge(change, serverAsked)), ...converted].map((finding) =>
      context.strict === false
        ? {
            ...finding,
            message: { en: `${finding.message.en} ${silently}`, zh: `${finding.message.zh}${silentlyInChinese}` },
          }
        : finding,
    )
  },
}

/** Without a server, the files may not define the column at all. */
const unsure = true

const instead = 'Add a new column, copy the values that fit, and drop the old one after checking every row.'

const silentlyInChinese = '在该文件设置的 sql_mode 下，放不下的值会被无声地截断或替换。'

const silently =
  'Under the sql_mode that the file sets, values that do not fit are truncated or replaced without an error.'

function judge(change: ColumnChange, serverAsked: boolean): readonly HazardFinding[] {
  if (change.before === null) {
    return [
      {
        message: {
          en: `Column \`${change.column}\` becomes ${printType(change.after)}; it may narrow: its current type is not known.`,
          zh: `列 \`${change.column}\` 变为 ${printType(change.after)}；现有类型未知，可能会变窄。`,
        },
        fix: {
          en: serverAsked ? instead : 'Run `wwdb plan`, which reads the current type from the server.',
          zh: '请新增一列，复制放得下的值，核对每一行之后再删除旧列。',
        },
        ...(serverAsked ? {} : { unsure }),
      },
    ]
  }
  const reasons = findNarrowing(change.before, change.after)
  if (reasons.length === 0) return []
  return [
    {
      message: {
        en: `Column \`${change.column}\` narrows: ${reasons.join('; ')}.`,
        zh: `列 \`${change.column}\` 变为 ${printType(change.after)}，存不下原来的所有值。`,
      },
    },
  ]
}

/** The effect of CONVERT TO on the columns that the same statement does not redefine; redefined ones are checked on their own. */
function findConverted(
  tokens: readonly Token[],
  statement: Statement,
  context: HazardContext,
): readonly HazardFinding[] {
  const clauses = readAlterations(tokens)
  const convert = clauses.find((clause) => hasWords(clause, 0, 'CONVERT', 'TO'))
  if (convert === undefined) return []
  const table = findPresentTable(statement, context.tables)
  const charsets = readCharsetChange(clauses, table)
  if (table === null) return judgeUnknown(charsets.converted, (context.tables ?? nothingKnown).schema !== null)
  const defined = clauses.map((clause) => readColumnDefinition(clause)?.column.toLowerCase())
  const narrowed = table.columns.filter((column) => {
    const { name } = column
    const isOwn = defined.includes(name.toLowerCase()) || !columnMayHaveData(name, statement, context)
    const before = isOwn ? null : typeOf(column)
    return before !== null && compareCharsets(before, { ...before, charset: charsetAfter(before, charsets) }).length > 0
  })
  const from = [...new Set(narrowed.map((column) => typeOf(column)?.charset ?? ''))]
  if (narrowed.length === 0) return []
  const names = listNames(narrowed.map(({ name }) => name))
  const verb = narrowed.length === 1 ? `Column ${names} becomes` : `Columns ${names} become`
  const zh = `列 \`${narrowed.map(({ name }) => name).join('`、`')}\` 变为 ${charsets.converted}，它没有 ${from.join('、')} 的全部字符。`
  return [
    {
      message: {
        en: `${verb} ${charsets.converted}, which does not have every character of ${from.join(' and ')}.`,
        zh: zh,
      },
    },
  ]
}

function judgeUnknown(charset: string | null, serverAsked: boolean): readonly HazardFinding[] {
  if (charset === null || !mayLoseCharacters(null, charset)) return []
  return [
    {
      message: {
        en: `Every text column becomes ${charset}, which may not have every character of the existing values: their character sets are not known.`,
        zh: `所有文本列变为 ${charset}；现有值的字符集未知，它可能没有其中的全部字符。`,
      },
      ...(serverAsked ? {} : { unsure }),
    },
  ]
}
