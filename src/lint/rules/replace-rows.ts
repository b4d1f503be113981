import { indexColumns } from '../../ddl/read-parts.ts'
import { findPresentTable } from '../../ddl/schema.ts'
import { findWords, isWord, listNames } from '../../sql/clauses.ts'
import type { Statement } from '../../sql/statement.ts'
import type { Token } from '../../sql/tokens.ts'
import { columnMayHaveData, firstTableMayHaveData } from '../existing-data.ts'
import { isPlainInsert } from '../plain-rows.ts'
import type { HazardContext, HazardFinding, HazardRule } from '../rule.ts'
import { readInsertedColumns } from '../written-tables.ts'

export const replaceRows: HazardRule = {
  code: 'REPLACE_ROWS',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: '`REPLACE ... SELECT`, `LOAD DATA ... REPLACE`, or `REPLACE` of rows without all columns, into a table that existed before the run',
    zh: '向已有的表执行 `REPLACE ... SELECT`、`LOAD DATA ... REPLACE`，或未写出全部列的 `REPLACE`',
  },
  why: {
    en: 'It deletes every row with the same key and inserts a new one: columns that it does not list lose their values, and ON DELETE CASCADE deletes rows of other tables.',
    zh: '它会删除键相同的行再插入新行：未写出的列会丢失原值，ON DELETE CASCADE 还会删除其他表的行。',
  },
  fix: {
    en: 'Write INSERT ... SELECT ... ON DUPLICATE KEY UPDATE with the columns that should change.',
    zh: '请写 INSERT ... SELECT ... ON DUPLICATE KEY UPDATE，只列出应改变的列。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/replace.html',
  fixtures: {
    found: [
      {
        setup: "CREATE TABLE a (id INT PRIMARY KEY, n INT, note VARCHAR(9)); INSERT INTO a VALUES (1, 2, 'kept?')",
        sql: 'REPLACE INTO a (id, n) VALUES (1, 3)',
        claims: { server: 'answers', query: 'SELECT n, note IS NULL FROM a', answer: '3,1' },
      },
      {
        setup:
          "CREATE TABLE a (id INT PRIMARY KEY, n INT, note VARCHAR(9)); CREATE TABLE b (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n, note) VALUES (1, 2, 'kept?'); INSERT INTO b (id, n) VALUES (1, 3)",
        sql: 'REPLACE INTO a (id, n) SELECT id, n FROM b',
        claims: { server: 'answers', query: 'SELECT n, note IS NULL FROM a', answer: '3,1' },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, n INT)',
        sql: 'REPLACE INTO a (n) VALUES (1)',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); CREATE TABLE b (id INT PRIMARY KEY, n INT)',
        sql: 'INSERT INTO a (id, n) SELECT id, n FROM b ON DUPLICATE KEY UPDATE n = b.n',
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'REPLACE INTO a (id, n) VALUES (1, 2)' },
    ],
  },
  find: ({ tokens, statement, context }) => {
    if (statement.verb === 'LOAD DATA' || statement.verb === 'LOAD XML') return findLoaded(tokens, statement, context)
    if (statement.verb !== 'REPLACE' || !firstTableMayHaveData(statement, context)) return []
    const reset = listReset(tokens, statement, context)
    if (reset.length > 0) return [describeReset(reset)]
    const query = ['SELECT', 'TABLE', 'WITH'].map((word) => findWords(tokens, word)).filter((at) => at > 0)
    const start = query.length > 0 ? Math.min(...query) : tokens.findIndex((token) => isWord(token, 'SELECT'))
    if (start < 0) return []
    return [
      {
        message: {
          en: 'It deletes every row that has a key of the query and inserts a new one: columns that it does not list lose their values, and ON DELETE CASCADE deletes rows of other tables.',
          zh: '它会删除键与查询结果相同的行再插入新行：未写出的列会丢失原值，ON DELETE CASCADE 还会删除其他表的行。',
        },
      },
    ]
  },
}

/** The columns that rows of literals do not list, where one of the table's keys may find an existing row. */
function listReset(tokens: readonly Token[], statement: Statement, context: HazardContext): readonly string[] {
  const table = findPresentTable(statement, context.tables)
  const named = isPlainInsert(statement) ? readInsertedColumns(statement.text)?.map((name) => name.toLowerCase()) : null
  if (table === null || table.columns.length === 0 || named === null || named === undefined) return []
  if (tokens.length === 0) return []
  const finds = table.indexes.some(
    (index) => index.unique && indexColumns(index).every((name) => named.includes(name.toLowerCase())),
  )
  if (!finds) return []
  return table.columns.flatMap(({ name, generated }) => {
    const isKept = named.includes(name.toLowerCase()) || generated !== null
    return isKept || !columnMayHaveData(name, statement, context) ? [] : [name]
  })
}

function describeReset(names: readonly string[]): HazardFinding {
  return {
    message: {
      en: `It deletes a row that has the same key and inserts a new one: ${listNames(names)}, which it does not list, ${names.length === 1 ? 'loses its value' : 'lose their values'}.`,
      zh: `它会删除键相同的行再插入新行：未写出的 \`${names.join('`、`')}\` 会丢失原值。`,
    },
    fix: {
      en: 'Write INSERT ... ON DUPLICATE KEY UPDATE with the columns that should change.',
      zh: '请写 INSERT ... SELECT ... ON DUPLICATE KEY UPDATE，只列出应改变的列。',
    },
  }
}

/** `LOAD DATA INFILE ... REPLACE INTO TABLE`. */
function findLoaded(tokens: readonly Token[], statement: Statement, context: HazardContext): readonly HazardFinding[] {
  const into = tokens.findIndex((token) => isWord(token, 'INTO'))
  if (!isWord(tokens[into - 1], 'REPLACE') || !firstTableMayHaveData(statement, context)) return []
  return [
    {
      message: {
        en: 'It deletes every row that has a key of the file and inserts a new one: columns that are not in the file lose their values, and ON DELETE CASCADE deletes rows of other tables.',
        zh: '它会删除键与文件相同的行再插入新行：文件中没有的列会丢失原值，ON DELETE CASCADE 还会删除其他表的行。',
      },
      fix: {
        en: 'Load the file into a new table, then write INSERT ... SELECT ... ON DUPLICATE KEY UPDATE with the columns that should change.',
        zh: '请写 INSERT ... SELECT ... ON DUPLICATE KEY UPDATE，只列出应改变的列。',
      },
    },
  ]
}
