import { readCreatedTable } from '../../ddl/created-table.ts'
import { noTablesKnown, stateOfTable, tableKey } from '../../ddl/table-state.ts'
import { type Clause, hasWords, isMark, isWord, outerTokens } from '../../sql/clauses.ts'
import type { Statement } from '../../sql/statement.ts'
import type { Token } from '../../sql/tokens.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardContext, HazardRule } from '../rule.ts'
import { findUniqueAsPrimary } from '../unique-keys.ts'

export const noPrimaryKey: HazardRule = {
  code: 'NO_PRIMARY_KEY',
  looksAt: 'plan',
  kind: 'advisory',
  severity: 'warning',
  family: 'keys',
  title: {
    en: '`CREATE TABLE` without a primary key, which no later statement of the plan adds either',
    zh: '没有主键的 `CREATE TABLE`，之后的语句也没有添加',
  },
  why: {
    en: 'A replica scans the whole table for every changed row, group replication refuses writes to it, and tools cannot identify its rows.',
    zh: '从库每改一行都要扫描整张表，组复制会拒绝写入，工具也无法定位其中的行。',
  },
  fix: {
    en: 'Add a primary key, for example id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY.',
    zh: '请添加主键，例如 id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/group-replication-requirements.html',
  fixtures: {
    found: [{ sql: 'CREATE TABLE a (n INT UNIQUE)', claims: { server: 'accepts' } }],
    clean: [
      { sql: 'CREATE TABLE a (n INT NOT NULL, PRIMARY KEY (n))' },
      { sql: 'CREATE TABLE a (n INT NOT NULL); ALTER TABLE a ADD PRIMARY KEY (n)' },
      // UNIQUE_AS_PRIMARY says what is to be said of it.
      { sql: 'CREATE TABLE a (n INT NOT NULL, m INT, UNIQUE KEY (n))', claims: { server: 'accepts' } },
    ],
  },
  find: ({ tokens, statement, context }) => {
    if (!createsTable(statement, context) || hasPrimaryKey(tokens, statement.text)) return []
    if (findUniqueAsPrimary(statement.text) !== null) return []
    const table = statement.objects[0]
    const known = context.tables ?? noTablesKnown
    if (table !== undefined && context.keyedLater?.has(tableKey(known, table)) === true) return []
    return [
      {
        message: {
          en: 'A replica scans the whole table for every changed row, group replication refuses writes to it, and tools cannot identify its rows.',
          zh: '从库每改一行都要扫描整张表，组复制会拒绝写入，工具也无法定位其中的行。',
        },
      },
    ]
  },
}

export const noTransactions: HazardRule = {
  code: 'NO_TRANSACTIONS',
  looksAt: 'plan',
  kind: 'advisory',
  severity: 'warning',
  family: 'options',
  title: {
    en: 'A table in MyISAM or another engine without transactions',
    zh: '使用 MyISAM 或其他不支持事务的引擎的表',
  },
  why: {
    en: 'An interrupted statement stays half done without a trace in the journal, and a server crash may corrupt the table.',
    zh: '中断的语句会只完成一半且日志中没有痕迹，服务器崩溃还可能损坏该表。',
  },
  fix: { en: 'Use InnoDB.', zh: '请使用 InnoDB。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/myisam-storage-engine.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY) ENGINE = MyISAM; INSERT INTO a (id) VALUES (1), (2), (1)',
        claims: [{ server: 'refuses', number: 1062 }],
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ENGINE = MyISAM' },
    ],
    clean: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY) ENGINE = InnoDB' },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ADD COLUMN engine VARCHAR(20)' },
    ],
  },
  find: ({ tokens, statement, context }) => {
    if (!createsTable(statement, context) && !altersTable(statement, context)) return []
    const at = tokens.findIndex((token, index) => isEngine(tokens, index) && isWord(token, 'ENGINE'))
    const value = at < 0 ? undefined : tokens[isMark(tokens[at + 1], '=') ? at + 2 : at + 1]
    const engine = engines.find((name) => name.toUpperCase() === value?.text.toUpperCase())
    if (engine === undefined) return []
    return [
      {
        message: {
          en: `${engine} has no transactions: an interrupted statement stays half done without a trace in the journal, and a server crash may corrupt the table.`,
          zh: `${engine} 不支持事务：中断的语句会只完成一半且日志中没有痕迹，服务器崩溃还可能损坏该表。`,
        },
      },
    ]
  },
}

const engines = ['MyISAM', 'MRG_MYISAM', 'Aria', 'CSV', 'ARCHIVE']

/** A table option, not a column of that name: outside parentheses and followed by a value. */
function isEngine(tokens: Clause, at: number): boolean {
  if (!isWord(tokens[at], 'ENGINE')) return false
  return (
    outerTokens(tokens).some((outer) => outer.at === at) && !isWord(tokens[at - 1], 'ADD', 'COLUMN', 'DROP', 'MODIFY')
  )
}

export const narrowCharset: HazardRule = {
  code: 'NARROW_CHARSET',
  looksAt: 'plan',
  kind: 'advisory',
  severity: 'warning',
  family: 'types',
  title: {
    en: '`latin1` as the character set of a schema, a table or a column',
    zh: '以 `latin1` 作为库、表或列的字符集',
  },
  why: {
    en: 'The character set latin1 has only Western European characters: Chinese text and emoji are refused, or become question marks.',
    zh: 'latin1 只有西欧字符：中文和表情符号会被拒绝，或变成问号。',
  },
  fix: { en: 'Use utf8mb4, or ascii for tokens and hashes.', zh: '请使用 utf8mb4；令牌和哈希可用 ascii。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/charset-unicode-utf8mb4.html',
  fixtures: {
    found: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, s VARCHAR(9)) DEFAULT CHARSET = latin1; INSERT INTO a (id, s) VALUES (1, '中文')",
        claims: { server: 'refuses', number: 1366 },
      },
      { sql: 'ALTER DATABASE app CHARACTER SET latin1' },
    ],
    clean: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, s VARCHAR(9) COMMENT 'once CHARSET latin1') DEFAULT CHARSET = utf8mb4",
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const ofSchema = ['CREATE DATABASE', 'ALTER DATABASE'].includes(statement.verb)
    if (!ofSchema && !createsTable(statement, context) && !altersTable(statement, context)) return []
    if (!tokens.some((_, at) => namesLatin(tokens, at))) return []
    return [
      {
        message: {
          en: 'latin1 has only Western European characters: Chinese text and emoji are refused, or become question marks.',
          zh: 'latin1 只有西欧字符：中文和表情符号会被拒绝，或变成问号。',
        },
      },
    ]
  },
}

/** `CHARACTER SET latin1`, `CHARSET = latin1`, `COLLATE latin1_bin`. */
function namesLatin(tokens: Clause, at: number): boolean {
  const isCharset = isWord(tokens[at], 'CHARSET', 'COLLATE') || hasWords(tokens, at - 1, 'CHARACTER', 'SET')
  const value = tokens[isMark(tokens[at + 1], '=') ? at + 2 : at + 1]
  return isCharset && value !== undefined && /^latin1(?:_\w+)?$/i.test(value.text)
}

/** CREATE TABLE IF NOT EXISTS changes nothing where the table exists. */
function createsTable(statement: Statement, context: HazardContext): boolean {
  const table = statement.objects[0]
  if (statement.verb !== 'CREATE TABLE' || table === undefined) return false
  return !statement.idempotent || stateOfTable(context.tables ?? noTablesKnown, table).type !== 'table'
}

/** A table that the plan creates was checked at its CREATE TABLE. */
function altersTable(statement: Statement, context: HazardContext): boolean {
  return statement.verb === 'ALTER TABLE' && firstTableMayHaveData(statement, context)
}

export function hasPrimaryKey(tokens: readonly Token[], text: string): boolean {
  if (tokens.some((token) => isWord(token, 'PRIMARY'))) return true
  const created = readCreatedTable(text)
  // LIKE copies the keys of the other table; a query alone adds none.
  if (created === null) return tokens.some((token) => isWord(token, 'LIKE'))
  return created.columns.some(({ definition }) =>
    outerTokens(definition).some(
      ({ token, at }) => at > 1 && isWord(token, 'KEY') && !isWord(definition[at - 1], 'UNIQUE'),
    ),
  )
}
