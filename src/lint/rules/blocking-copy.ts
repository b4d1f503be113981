import { isAtLeast } from '../../core/version.ts'
import { readColumnChanges } from '../../ddl/column-changes.ts'
import { optionOf } from '../../ddl/read-options.ts'
import { indexColumns } from '../../ddl/read-parts.ts'
import { findPresentTable } from '../../ddl/schema.ts'
import { type Clause, findWords, hasWords, isWord, readAlterations, readOption } from '../../sql/clauses.ts'
import type { Token } from '../../sql/tokens.ts'
import { compareStorage } from '../narrowing.ts'
import type { HazardFinding, HazardRule } from '../rule.ts'

/** Guesses from the text; where the server was asked, its answer replaces them (`explain`). */
export const copy: HazardRule = {
  code: 'BLOCKING_COPY',
  looksAt: 'plan',
  kind: 'blocking',
  stops: true,
  severity: 'error',
  family: 'blocking',
  title: {
    en: 'The table is copied (`ALGORITHM=COPY`): other sessions cannot write to it until the copy is complete',
    zh: '需要复制整张表（`ALGORITHM=COPY`），期间其他会话不能写入',
  },
  why: {
    en: 'The server copies the table row by row: other sessions cannot write to it until the copy is complete, and replicas copy it again.',
    zh: '服务器会逐行复制该表：完成之前其他会话不能写入，从库上还会重复一次。',
  },
  fix: {
    en: 'Run it when no session writes to the table, split it into steps that the server does in place, or use an online schema change tool.',
    zh: '请在没有会话写入时执行，拆成服务器可就地完成的步骤，或使用在线变更工具。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-online-ddl-operations.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a MODIFY n BIGINT',
        claims: { server: 'copies' },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, s VARCHAR(9)) DEFAULT CHARSET = latin1',
        sql: 'ALTER TABLE a CONVERT TO CHARACTER SET utf8mb4',
        claims: { server: 'blocks' },
      },
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY, s VARCHAR(9) COLLATE utf8mb4_bin, KEY (s)) DEFAULT CHARSET = utf8mb4',
        sql: 'ALTER TABLE a MODIFY s VARCHAR(9) COLLATE utf8mb4_general_ci',
        claims: { server: 'copies' },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, m INT)',
        sql: 'ALTER TABLE a MODIFY m INT AS (n + 1) STORED',
        claims: { server: 'copies' },
      },
    ],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ADD COLUMN m BIGINT' },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, s VARCHAR(9) COLLATE utf8mb4_bin) DEFAULT CHARSET = utf8mb4',
        sql: "ALTER TABLE a MODIFY s VARCHAR(9) COLLATE utf8mb4_bin COMMENT 'short'",
      },
      // Without an index on it, a newer server only changes its data dictionary.
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, s VARCHAR(9) COLLATE utf8mb4_bin) DEFAULT CHARSET = utf8mb4',
        sql: 'ALTER TABLE a MODIFY s VARCHAR(9) COLLATE utf8mb4_general_ci',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a ADD COLUMN m INT AS (n + 1) VIRTUAL',
      },
      { sql: 'CREATE TABLE b (id INT PRIMARY KEY, n INT); ALTER TABLE b MODIFY n BIGINT' },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const changes = readColumnChanges(tokens, statement, context.tables)
    const cause = findCause(tokens, context.serverVersion) ?? changedType() ?? changedCollation() ?? becomesStored()
    return cause === null ? [] : [describeCopy(cause)]

    function changedType(): string | null {
      const change = changes.find(({ before, after }) => before !== null && compareStorage(before, after) === 'copy')
      return change === undefined ? null : `The type of \`${change.column}\` changes`
    }

    /** For a column in an index: its values are sorted differently. */
    function changedCollation(): string | null {
      const indexed = findPresentTable(statement, context.tables)?.indexes.flatMap(indexColumns) ?? []
      const change = changes.find(({ before, after, column }) => {
        const isKnown = before?.collation != null && after.collation != null
        return (
          isKnown &&
          before.collation !== after.collation &&
          indexed.some((name) => name.toLowerCase() === column.toLowerCase())
        )
      })
      return change === undefined ? null : `The collation of the indexed column \`${change.column}\` changes`
    }

    function becomesStored(): string | null {
      const change = changes.find(
        ({ attributes, attributesBefore }) =>
          attributes.generated?.stored === true &&
          attributesBefore !== null &&
          attributesBefore.generated?.stored !== true,
      )
      return change === undefined ? null : `\`${change.column}\` becomes a stored generated column`
    }
  },
  explain: ({ algorithm }, size) =>
    algorithm === 'COPY' ? describeCopy(`The server supports no other algorithm for it${size}`) : null,
}

function describeCopy(cause: string): HazardFinding {
  return {
    message: {
      en: `${cause}, so the server copies the table: other sessions cannot write to it until the copy is complete.`,
      zh: '服务器会复制整张表：复制完成之前，其他会话不能写入该表。',
    },
  }
}

type Cause = readonly [reason: string, holds: (clause: Clause, all: readonly Clause[]) => boolean]

/** Operations for which InnoDB always copies the table (manual, "Online DDL Operations"; measured on 8.0.12 and 9.7). */
const causes: readonly Cause[] = [
  ['It converts every text column to another character set', (clause) => hasWords(clause, 0, 'CONVERT', 'TO')],
  ['It changes the storage engine', (clause) => !['INNODB', null].includes(optionOf(clause, 'ENGINE'))],
  ['It drops the primary key without adding one', dropsPrimaryKeyOnly],
  ['It sorts the rows', (clause) => hasWords(clause, 0, 'ORDER', 'BY')],
  ['It changes the partitioning', (clause) => findWords(clause, 'PARTITION', 'BY') >= 0],
  ['It removes the partitioning', (clause) => findWords(clause, 'REMOVE', 'PARTITIONING') >= 0],
  ['It adds a foreign key and checks every row', (clause) => addsConstraint(clause, 'FOREIGN')],
  ['It adds a stored generated column', addsStoredColumn],
]

function findCause(tokens: readonly Token[], serverVersion: string | undefined): string | null {
  if (readOption(tokens, 'ALGORITHM') === 'COPY') return 'It requests ALGORITHM=COPY'
  const clauses = readAlterations(tokens)
  const found = causes.find(([, holds]) => clauses.some((clause) => holds(clause, clauses)))
  if (found !== undefined) return found[0]
  // Before 8.0.16 a CHECK is parsed and ignored.
  const checks =
    (serverVersion === undefined || isAtLeast(serverVersion, '8.0.16')) &&
    clauses.some((clause) => addsConstraint(clause, 'CHECK'))
  return checks ? 'It adds a check constraint and checks every row' : null
}

function dropsPrimaryKeyOnly(clause: Clause, all: readonly Clause[]): boolean {
  return hasWords(clause, 0, 'DROP', 'PRIMARY') && !all.some(addsPrimaryKey)
}

export function addsPrimaryKey(clause: Clause): boolean {
  return isWord(clause[0], 'ADD') && findWords(clause, 'PRIMARY') > 0
}

/** ADD [CONSTRAINT [name]] FOREIGN KEY or CHECK. */
function addsConstraint(clause: Clause, word: 'FOREIGN' | 'CHECK'): boolean {
  if (!isWord(clause[0], 'ADD')) return false
  if (isWord(clause[1], word)) return true
  return isWord(clause[1], 'CONSTRAINT') && (isWord(clause[2], word) || isWord(clause[3], word))
}

function addsStoredColumn(clause: Clause): boolean {
  return isWord(clause[0], 'ADD') && findWords(clause, 'AS') > 0 && findWords(clause, 'STORED') > 0
}
