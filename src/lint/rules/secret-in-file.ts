import { isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const secretInFile: StatementRule = {
  code: 'SECRET_IN_FILE',
  looksAt: 'statement',
  verbs: ['CREATE USER', 'ALTER USER'],
  severity: 'warning',
  family: 'options',
  title: { en: 'A password in a migration', zh: '迁移中写了密码' },
  why: {
    en: 'Everyone who can read the repository knows it, and it is the same in every environment.',
    zh: '能读代码库的人都能得到它，且所有环境都一样。',
  },
  fix: {
    en: 'Create the account outside of migrations, or with IDENTIFIED BY RANDOM PASSWORD.',
    zh: '请在迁移之外创建账号，或使用 IDENTIFIED BY RANDOM PASSWORD。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-user.html',
  fixtures: {
    found: [{ sql: "CREATE USER 'lint_f'@'localhost' IDENTIFIED BY 'secret'" }],
    clean: [{ sql: "CREATE USER 'lint_f'@'localhost' IDENTIFIED BY RANDOM PASSWORD" }],
  },
  find: ({ tokens }) => {
    const at = tokens.find(
      (token, index) =>
        token.type === 'string' &&
        isWord(tokens[index - 1], 'BY', 'AS') &&
        tokens.slice(Math.max(0, index - 4), index).some((each) => isWord(each, 'IDENTIFIED')),
    )
    return at === undefined ? [] : [{ at, message: { en: 'The file contains a password.', zh: '文件中含有密码。' } }]
  },
}
