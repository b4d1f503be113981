import { isWord, readAlterations } from '../../sql/clauses.ts'
import { placeOf } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const invisibleColumn: StatementRule = {
  code: 'INVISIBLE_COLUMN',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  severity: 'hint',
  onByDefault: 'strict',
  family: 'compatibility',
  title: { en: 'A column that becomes INVISIBLE', zh: '列变为 INVISIBLE' },
  why: {
    en: 'SELECT * and INSERT without a column list no longer include it: running code sees one column fewer.',
    zh: 'SELECT * 和不写列名的 INSERT 不再包含它：运行中的代码会少看到一列。',
  },
  fix: { en: 'Name columns in all queries first.', zh: '请先在所有查询中写明列名。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/invisible-columns.html',
  fixtures: {
    found: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ALTER COLUMN n SET INVISIBLE' },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a MODIFY n INT INVISIBLE' },
    ],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY i (n))', sql: 'ALTER TABLE a ALTER INDEX i INVISIBLE' },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY)', sql: 'ALTER TABLE a ADD n INT INVISIBLE' },
    ],
  },
  find: ({ tokens, statement }) =>
    readAlterations(tokens).flatMap((clause) => {
      if (
        !isWord(clause[0], 'ALTER', 'MODIFY', 'CHANGE') ||
        isWord(clause[1], 'INDEX') ||
        !isWord(clause.at(-1), 'INVISIBLE')
      )
        return []
      const name = clause[isWord(clause[1], 'COLUMN') ? 2 : 1]?.text
      const table = statement.objects[0]?.name
      return [
        {
          ...placeOf(clause),
          message: {
            en: `SELECT * FROM \`${table}\` no longer has \`${name}\`.`,
            zh: `\`${table}\` 的 SELECT * 不再包含 \`${name}\`。`,
          },
        },
      ]
    }),
}
