import { hasWords } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const grantOption: StatementRule = {
  code: 'GRANT_OPTION',
  looksAt: 'statement',
  verbs: ['GRANT'],
  severity: 'warning',
  family: 'options',
  title: { en: '`WITH GRANT OPTION`', zh: '授权时带 `WITH GRANT OPTION`' },
  why: {
    en: 'The account can pass its privileges on to any other account.',
    zh: '该账号可以把自己的权限转授给任何账号。',
  },
  fix: { en: 'Leave it out for applications.', zh: '应用账号请去掉它。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/grant.html',
  fixtures: {
    found: [{ sql: "GRANT SELECT ON app.* TO 'lint_g'@'localhost' WITH GRANT OPTION" }],
    clean: [{ sql: "GRANT SELECT ON app.* TO 'lint_g'@'localhost'" }],
  },
  find: ({ tokens }) => {
    const at = tokens.findIndex((_, index) => hasWords(tokens, index, 'WITH', 'GRANT', 'OPTION'))
    const word = tokens[at]
    return word === undefined
      ? []
      : [{ at: word, message: { en: 'The account can grant its own privileges.', zh: '该账号可以转授自己的权限。' } }]
  },
}
