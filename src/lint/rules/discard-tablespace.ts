import { findWords, readAlterations } from '../../sql/clauses.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const discardTablespace: HazardRule = {
  code: 'DISCARD_TABLESPACE',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: '`ALTER TABLE ... DISCARD [PARTITION ...] TABLESPACE`',
    zh: '`ALTER TABLE ... DISCARD [PARTITION ...] TABLESPACE`',
  },
  why: {
    en: "It deletes the table's data file. The table cannot be read until another file is imported.",
    zh: '它会删除表的数据文件；在导入另一个文件之前，该表无法读取。',
  },
  fix: {
    en: 'Copy the file first with FLUSH TABLES ... FOR EXPORT.',
    zh: '请先用 FLUSH TABLES ... FOR EXPORT 复制该文件。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-table-import.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 5), (2, 6)',
        sql: 'ALTER TABLE a DISCARD TABLESPACE; SELECT id FROM a WHERE id = 1',
        claims: { server: 'refuses', number: 1814 },
      },
    ],
    clean: [{ setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a IMPORT TABLESPACE' }],
  },
  find: ({ tokens, statement, context }) => {
    const discards = readAlterations(tokens).some(
      (clause) => findWords(clause, 'DISCARD') === 0 && findWords(clause, 'TABLESPACE') > 0,
    )
    if (!discards || !firstTableMayHaveData(statement, context)) return []
    return [
      {
        message: {
          en: "It deletes the table's data file; the table cannot be read until another file is imported.",
          zh: '它会删除表的数据文件；在导入另一个文件之前，该表无法读取。',
        },
        fix: {
          en: 'Copy the file first (FLUSH TABLES ... FOR EXPORT).',
          zh: '请先用 FLUSH TABLES ... FOR EXPORT 复制该文件。',
        },
      },
    ]
  },
}
