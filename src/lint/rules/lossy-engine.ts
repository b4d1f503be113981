import { optionOf } from '../../ddl/read-options.ts'
import { readAlterations } from '../../sql/clauses.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

/** MERGE and FEDERATED show the rows of other tables instead of the table's own. */
const lossy: readonly string[] = ['BLACKHOLE', 'MEMORY', 'HEAP', 'MERGE', 'MRG_MYISAM', 'FEDERATED']

export const lossyEngine: HazardRule = {
  code: 'LOSSY_ENGINE',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: '`ALTER TABLE ... ENGINE = BLACKHOLE`, `MEMORY`, `MERGE` or `FEDERATED`',
    zh: '`ALTER TABLE ... ENGINE = BLACKHOLE`、`MEMORY`、`MERGE` 或 `FEDERATED`',
  },
  why: {
    en: 'BLACKHOLE, MERGE and FEDERATED keep no rows, and MEMORY loses them when the server restarts.',
    zh: 'BLACKHOLE、MERGE 和 FEDERATED 不保存任何行，MEMORY 在服务器重启后会丢失所有行。',
  },
  fix: { en: 'Keep the table in InnoDB.', zh: '请让该表继续使用 InnoDB。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/blackhole-storage-engine.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 5), (2, 6)',
        sql: 'ALTER TABLE a ENGINE = BLACKHOLE',
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a', answer: '0' },
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ENGINE = MEMORY' },
    ],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ADD COLUMN engine VARCHAR(20)' },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const engines = readAlterations(tokens).map((clause) => optionOf(clause, 'ENGINE'))
    const engine = engines.find((name) => name !== null && lossy.includes(name))
    if (engine === undefined || engine === null || !firstTableMayHaveData(statement, context)) return []
    return [
      {
        message: {
          en:
            engine !== 'MEMORY' && engine !== 'HEAP'
              ? `A ${engine} table stores no rows: all existing rows are lost.`
              : `A ${engine} table loses its rows when the server restarts.`,
          zh:
            engine !== 'MEMORY' && engine !== 'HEAP'
              ? `${engine} 表不保存行：所有已有的行都会丢失。`
              : `${engine} 表在服务器重启后会丢失所有行。`,
        },
      },
    ]
  },
}
