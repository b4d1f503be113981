import { isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const pointlessSelect: StatementRule = {
  code: 'POINTLESS_SELECT',
  looksAt: 'statement',
  verbs: ['SELECT', 'TABLE'],
  severity: 'warning',
  onByDefault: 'strict',
  family: 'hygiene',
  title: { en: 'A `SELECT` whose result is discarded', zh: '结果被丢弃的 `SELECT`' },
  why: { en: 'A migration shows no rows: the query only costs time.', zh: '迁移不会显示行：该查询只是浪费时间。' },
  fix: { en: 'Leave it out, or use a check of wwdb.', zh: '请去掉它，或使用 wwdb 的检查。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/select.html',
  fixtures: {
    found: [{ sql: 'SELECT COUNT(*) FROM a' }],
    clean: [{ sql: 'SELECT id INTO @first FROM a ORDER BY id LIMIT 1' }, { sql: 'SELECT SLEEP(0)' }],
  },
  find: ({ tokens }) =>
    !tokens.some((token) => isWord(token, 'FROM')) ||
    tokens.some((token) => isWord(token, 'INTO')) ||
    tokens.some(({ text }) => text === ':=')
      ? []
      : [{ message: { en: 'The result of this query is discarded.', zh: '该查询的结果会被丢弃。' } }],
}
