import type { InBoth } from '../../core/in-both.ts'
import { isAtLeast } from '../../core/version.ts'
import { readColumnChanges } from '../../ddl/column-changes.ts'
import { optionOf } from '../../ddl/read-options.ts'
import { type Clause, findWords, hasWords, isWord, readAlterations } from '../../sql/clauses.ts'
import type { Token } from '../../sql/tokens.ts'
import { compareStorage } from '../narrowing.ts'
import type { HazardRule } from '../rule.ts'
import { addsPrimaryKey } from './blocking-copy.ts'

/** Guesses from the text; where the server was asked, its answer replaces them (`explain`). */
export const rebuild: HazardRule = {
  code: 'REBUILDING_TABLE',
  looksAt: 'plan',
  kind: 'rebuilding',
  stops: false,
  severity: 'hint',
  family: 'blocking',
  title: {
    en: 'The table is rebuilt in place; other sessions can read and write meanwhile',
    zh: '就地重建整张表；期间其他会话可以读写',
  },
  why: {
    en: 'Other sessions can use the table meanwhile, but a rebuild takes time and disk space and makes replicas lag.',
    zh: '期间其他会话可以使用该表，但重建需要时间和磁盘空间，并造成从库延迟。',
  },
  fix: {
    en: 'Combine such changes of one table in one ALTER TABLE, and run it at low load.',
    zh: '请把同一张表的此类变更合并为一条 ALTER TABLE，并在低负载时执行。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-online-ddl-operations.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a MODIFY n INT FIRST',
        claims: { server: 'rebuilds' },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a MODIFY n INT NOT NULL',
        claims: { server: 'rebuilds' },
      },
    ],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ADD COLUMN m INT' },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a RENAME KEY x TO y' },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const changes = readColumnChanges(tokens, statement, context.tables)
    const known = changes.some(({ before, after }) => before !== null && compareStorage(before, after) === 'rebuild')
    if (!known && !rebuildsByText(tokens, context.serverVersion)) return []
    return [{ message }]
  },
  explain: ({ algorithm, lock, rebuilds }) =>
    algorithm === 'INPLACE' && lock === 'NONE' && rebuilds ? { message } : null,
}

const message: InBoth = {
  en: 'The server rebuilds the whole table: other sessions can use it meanwhile, but it takes time and disk space and causes replication lag.',
  zh: '服务器会重建整张表：期间其他会话可以使用它，但需要时间和磁盘空间，并造成从库延迟。',
}

/** True when InnoDB rebuilds the table in place (manual, "Online DDL Operations"; measured on 8.0.12 and 9.7). */
export function rebuildsByText(tokens: readonly Token[], serverVersion: string | undefined): boolean {
  if (hasWords(tokens, 0, 'OPTIMIZE')) return true
  const oldServer = serverVersion !== undefined && !isAtLeast(serverVersion, '8.0.29')
  return readAlterations(tokens).some((clause) => rebuildsAlways(clause) || (oldServer && rebuildsOnOldServers(clause)))
}

function rebuildsAlways(clause: Clause): boolean {
  const options = ['ROW_FORMAT', 'KEY_BLOCK_SIZE'] as const
  if (options.some((option) => optionOf(clause, option) !== null)) return true
  if (optionOf(clause, 'ENGINE') === 'INNODB') return true
  if (clause.length === 1 && isWord(clause[0], 'FORCE')) return true
  if (hasWords(clause, 0, 'OPTIMIZE', 'PARTITION') || hasWords(clause, 0, 'REBUILD', 'PARTITION')) return true
  return addsPrimaryKey(clause) || (isWord(clause[0], 'MODIFY', 'CHANGE') && isMoved(clause))
}

/** Since 8.0.29 columns are added anywhere and dropped without rewriting the rows. */
function rebuildsOnOldServers(clause: Clause): boolean {
  if (hasWords(clause, 0, 'DROP', 'COLUMN')) return true
  return isWord(clause[0], 'ADD') && isMoved(clause)
}

function isMoved(clause: Clause): boolean {
  const last = clause.length - 1
  return isWord(clause[last], 'FIRST') || findWords(clause, 'AFTER') === last - 1
}
