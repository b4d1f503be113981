import { isAtLeast } from '../../core/version.ts'
import { isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const upgradePrivilege: StatementRule = {
  code: 'UPGRADE_PRIVILEGE',
  looksAt: 'statement',
  verbs: ['GRANT', 'REVOKE'],
  severity: 'error',
  family: 'upgrade',
  title: { en: 'A privilege that does not exist in the next version', zh: '目标服务器没有的权限' },
  why: { en: 'SET_USER_ID was removed in 8.4: the statement fails.', zh: 'SET_USER_ID 在 8.4 移除：语句会失败。' },
  fix: {
    en: 'Grant SET_ANY_DEFINER and ALLOW_NONEXISTENT_DEFINER instead.',
    zh: '请改为授予 SET_ANY_DEFINER 和 ALLOW_NONEXISTENT_DEFINER。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/privileges-provided.html',
  fixtures: {
    found: [{ sql: "GRANT SET_USER_ID ON *.* TO 'lint_e'@'localhost'", target: '8.4.0' }],
    clean: [{ sql: "GRANT SELECT ON *.* TO 'lint_e'@'localhost'", target: '8.4.0' }],
  },
  find: ({ tokens, target }) => {
    const at = tokens.find((token) => isWord(token, 'SET_USER_ID'))
    if (at === undefined || target === null || !isAtLeast(target, '8.4.0')) return []
    return [
      {
        at,
        message: {
          en: `MySQL ${target} has no privilege ${at.text.toUpperCase()}.`,
          zh: `MySQL ${target} 没有权限 ${at.text.toUpperCase()}。`,
        },
      },
    ]
  },
}
