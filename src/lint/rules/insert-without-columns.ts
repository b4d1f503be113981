import { isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'
import { readInsertedColumns } from '../written-tables.ts'

export const insertWithoutColumns: StatementRule = {
  code: 'INSERT_WITHOUT_COLUMNS',
  looksAt: 'statement',
  verbs: ['INSERT', 'REPLACE'],
  severity: 'warning',
  family: 'data-changes',
  title: { en: 'An `INSERT` that does not name its columns', zh: '没有写列名的 `INSERT`' },
  why: {
    en: 'It fails, or fills the wrong columns, as soon as another migration adds or moves one.',
    zh: '只要别的迁移增加或移动列，它就会失败或写错列。',
  },
  fix: { en: 'Name the columns.', zh: '请写出列名。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/insert.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY); ALTER TABLE a ADD n INT; INSERT INTO a VALUES (1)',
        claims: { server: 'refuses', number: 1136 },
      },
      { sql: 'INSERT INTO a SELECT id FROM b WHERE id < 10' },
    ],
    clean: [{ sql: 'INSERT INTO a (id) VALUES (1)' }, { sql: 'INSERT INTO a SET id = 1' }],
  },
  find: ({ statement, tokens }) => {
    const table = statement.objects[0]?.name
    if (
      readInsertedColumns(statement.text) !== null ||
      !tokens.some((token) => isWord(token, 'VALUES', 'VALUE', 'SELECT', 'TABLE'))
    )
      return []
    return [
      {
        message: {
          en: `The INSERT relies on the order of the columns of \`${table}\`.`,
          zh: `该 INSERT 依赖 \`${table}\` 的列顺序。`,
        },
      },
    ]
  },
}
