import type { InBoth } from '../../core/in-both.ts'
import { readAdded, readDroppedColumn } from '../../ddl/read-alterations.ts'
import { findObject } from '../../ddl/schema.ts'
import { readAlterations } from '../../sql/clauses.ts'
import type { FileRule } from '../rule.ts'
import type { LintFile, ReadStatement } from '../subjects.ts'

export const downWithoutData: FileRule = {
  code: 'DOWN_WITHOUT_DATA',
  looksAt: 'file',
  severity: 'hint',
  family: 'data-loss',
  title: {
    en: 'A down part that creates a dropped column or table again, without its values or rows',
    zh: 'down 部分重建了被删除的列或表，但没有其中的数据',
  },
  why: {
    en: 'A rollback looks complete, but the column contains NULL or its default in every row: the previous code reads wrong values.',
    zh: '回滚看似完整，但该列在每一行都是 NULL 或默认值：原来的代码会读到错误的值。',
  },
  fix: {
    en: 'Copy the values to another table before the drop and back in the down part, or drop in a later migration without a down part, when nobody needs a rollback anymore.',
    zh: '请在删除前把值复制到另一张表，并在 down 部分写回；或等不再需要回滚时，在之后一个没有 down 部分的迁移里再删除。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 5)',
        sql: 'ALTER TABLE a DROP COLUMN n',
        down: 'ALTER TABLE a ADD COLUMN n INT',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 5)',
        sql: 'DROP TABLE a',
        down: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'CREATE TABLE kept (id INT PRIMARY KEY, n INT); INSERT INTO kept (id, n) SELECT id, n FROM a; ALTER TABLE a DROP COLUMN n',
        down: 'ALTER TABLE a ADD COLUMN n INT; UPDATE a JOIN kept ON kept.id = a.id SET a.n = kept.n; DROP TABLE kept',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, m INT AS (n + 1))',
        sql: 'ALTER TABLE a DROP COLUMN m, ADD COLUMN k INT',
        down: 'ALTER TABLE a DROP COLUMN k, ADD COLUMN m INT AS (n + 1)',
      },
    ],
  },
  find: ({ file }) => {
    const down = file.down ?? []
    const gone = listDropped(file)
    if (gone.size === 0) return []
    return down.flatMap((read, at) =>
      listMade(read).flatMap((made) => {
        const isFilled = down.slice(at + 1).some((later) => fills(later, made))
        if (!gone.has(keyOf(made)) || isFilled) return []
        return [{ statement: read.statement, message: describe(made) }]
      }),
    )
  },
}

interface Part {
  readonly table: string
  /** Null for the table itself. */
  readonly column: string | null
}

const keyOf = ({ table, column }: Part): string => `${table}\0${column ?? ''}`.toLowerCase()

/** What the up part drops and does not create itself. */
function listDropped({ up }: LintFile): ReadonlySet<string> {
  const made = new Set(up.flatMap((read) => listMade(read).map(keyOf)))
  const dropped = up.flatMap(({ statement, tokens }): readonly Part[] => {
    const table = statement.objects[0]?.name ?? ''
    if (statement.verb === 'DROP TABLE') return statement.objects.map(({ name }) => ({ table: name, column: null }))
    return readAlterations(tokens).flatMap((clause) => {
      const column = readDroppedColumn(clause)
      return column === null ? [] : [{ table, column }]
    })
  })
  return new Set(dropped.map(keyOf).filter((key) => !made.has(key)))
}

/**
 * Tables and columns that a statement creates without values: a table that a query fills, and generated columns, have
 * theirs.
 */
function listMade({ statement, tokens, after }: ReadStatement): readonly Part[] {
  const [object] = statement.objects
  if (object === undefined) return []
  if (statement.verb === 'CREATE TABLE') {
    const made = findObject(after, object)
    return made.type === 'table' && made.table.partial !== true ? [{ table: object.name, column: null }] : []
  }
  return readAlterations(tokens).flatMap((clause) =>
    readAdded(clause).flatMap(([column, definition]) =>
      definition.some((token) => token.text.toUpperCase() === 'AS') ? [] : [{ table: object.name, column }],
    ),
  )
}

/** True for a statement that may write the values: its text names the column, or the table. */
function fills({ statement, tokens }: ReadStatement, { table, column }: Part): boolean {
  if (statement.class === 'call' || statement.class === 'execute') return true
  if (!['UPDATE', 'INSERT', 'REPLACE', 'LOAD DATA', 'RENAME TABLE'].includes(statement.verb)) return false
  const wanted = (column ?? table).toLowerCase()
  return tokens.some(({ text }) => text.toLowerCase() === wanted)
}

function describe({ table, column }: Part): InBoth {
  return column === null
    ? { en: `\`${table}\` comes back without its rows.`, zh: `\`${table}\` 重建后没有原来的行。` }
    : {
        en: `Column \`${column}\` of \`${table}\` comes back without its values.`,
        zh: `表 \`${table}\` 的列 \`${column}\` 重建后没有原来的值。`,
      }
}
