import { isMark, isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const definerNamed: StatementRule = {
  code: 'DEFINER_NAMED',
  looksAt: 'statement',
  verbs: ['CREATE VIEW', 'CREATE PROCEDURE', 'CREATE FUNCTION', 'CREATE TRIGGER', 'CREATE EVENT', 'ALTER VIEW'],
  severity: 'warning',
  family: 'stored-code',
  title: { en: '`DEFINER` with the name of an account', zh: '写了具体账号的 `DEFINER`' },
  why: {
    en: 'If the account does not exist, the object is created with a warning and fails when it is used; and it runs with the privileges of that account.',
    zh: '账号不存在时，对象会带警告创建成功，但使用时失败；而且它拥有该账号的权限。',
  },
  fix: { en: 'Leave DEFINER out: it defaults to the migrating account.', zh: '请去掉 DEFINER：默认是执行迁移的账号。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/stored-objects-security.html',
  fixtures: {
    found: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY); CREATE DEFINER='lint_missing'@'localhost' VIEW v AS SELECT id FROM a",
        claims: { server: 'warns', number: 1449 },
      },
    ],
    clean: [
      { sql: 'CREATE DEFINER=CURRENT_USER VIEW v AS SELECT 1 AS n' },
      { sql: 'CREATE VIEW v AS SELECT 1 AS definer' },
    ],
  },
  find: ({ tokens }) => {
    const at = tokens.findIndex(
      (token, index) => isWord(token, 'DEFINER') && isMark(tokens[index + 1], '=') && index < 6,
    )
    const [word, account] = [tokens[at], tokens[at + 2]]
    if (at < 0 || word === undefined || isWord(account, 'CURRENT_USER')) return []
    return [
      {
        at: word,
        message: { en: `The object belongs to the account ${account?.text}.`, zh: `该对象属于账号 ${account?.text}。` },
      },
    ]
  },
}
