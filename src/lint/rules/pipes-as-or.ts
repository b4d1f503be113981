import { isMark } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const pipesAsOr: StatementRule = {
  code: 'PIPES_AS_OR',
  looksAt: 'statement',
  verbs: ['INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'SELECT', 'CREATE VIEW'],
  severity: 'warning',
  family: 'data-changes',
  title: { en: '`||`, which is OR in MySQL', zh: '在 MySQL 中表示 OR 的双竖线' },
  why: {
    en: 'Without PIPES_AS_CONCAT in sql_mode the result is 0 or 1, not a concatenated string; as OR it is deprecated.',
    zh: '除非 sql_mode 含 PIPES_AS_CONCAT，用它连接两个文本得到 0 或 1，而不是一个文本；作为 OR 已弃用。',
  },
  fix: { en: 'Write CONCAT() or OR.', zh: '请写 CONCAT() 或 OR。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/logical-operators.html',
  fixtures: {
    found: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, c VARCHAR(20)); INSERT INTO a (id, c) VALUES (1, '1' || '2')",
        claims: { server: 'answers', query: 'SELECT c FROM a', answer: '1' },
      },
    ],
    clean: [{ sql: "INSERT INTO a (id, c) VALUES (1, CONCAT('a||b', '2'))" }],
  },
  find: ({ tokens }) => {
    const at = tokens.find((token, index) => isMark(token, '|') && isMark(tokens[index + 1], '|'))
    return at === undefined ? [] : [{ at, message: { en: '`||` means OR here.', zh: '这里的双竖线表示 OR。' } }]
  },
}
