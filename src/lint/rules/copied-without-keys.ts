import { isWord, outerTokens } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const copiedWithoutKeys: StatementRule = {
  code: 'COPIED_WITHOUT_KEYS',
  looksAt: 'statement',
  verbs: ['CREATE TABLE'],
  severity: 'warning',
  family: 'data-changes',
  title: { en: '`CREATE TABLE ... SELECT`, which creates no keys', zh: '没有任何键的 `CREATE TABLE ... SELECT`' },
  why: {
    en: 'The new table has no indexes, AUTO_INCREMENT or CHECK constraints, and the whole copy is one transaction.',
    zh: '新表没有索引、AUTO_INCREMENT 和检查约束，且整个复制是一个事务。',
  },
  fix: {
    en: 'Write CREATE TABLE with its keys, then INSERT ... SELECT in ranges.',
    zh: '请先写带键的 CREATE TABLE，再按范围 INSERT ... SELECT。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-select.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, n INT, KEY i (n)); CREATE TABLE b AS SELECT * FROM a',
        claims: {
          server: 'answers',
          query:
            "SELECT COUNT(*) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'b'",
          answer: '0',
        },
      },
    ],
    clean: [{ sql: 'CREATE TABLE b (id INT PRIMARY KEY) AS SELECT 1 AS id' }, { sql: 'CREATE TABLE b LIKE a' }],
  },
  find: ({ tokens, statement }) => {
    const selects = outerTokens(tokens).some(
      ({ token, at }) => at > 2 && isWord(token, 'SELECT', 'VALUES', 'TABLE', 'WITH'),
    )
    const hasKey = tokens.some((token) => isWord(token, 'PRIMARY', 'KEY', 'UNIQUE', 'INDEX'))
    const name = statement.objects[0]?.name
    if (!selects || hasKey) return []
    return [{ message: { en: `\`${name}\` gets rows but no keys.`, zh: `\`${name}\` 有行却没有键。` } }]
  },
}
