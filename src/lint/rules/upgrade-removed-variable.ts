import { isAtLeast } from '../../core/version.ts'
import { readAssignments } from '../assignments.ts'
import type { StatementRule } from '../rule.ts'
import { removedVariables } from '../upgrade/removed-names.ts'

export const upgradeRemovedVariable: StatementRule = {
  code: 'UPGRADE_REMOVED_VARIABLE',
  looksAt: 'statement',
  verbs: ['SET'],
  severity: 'error',
  family: 'upgrade',
  title: { en: 'A system variable that does not exist in the next version', zh: '目标服务器没有的系统变量' },
  why: { en: 'The statement fails with error 1193.', zh: '语句会以错误 1193 失败。' },
  fix: { en: 'Leave it out, or use the variable that replaced it.', zh: '请去掉它，或使用替代变量。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/added-deprecated-removed.html',
  fixtures: {
    found: [
      {
        sql: 'SET SESSION show_old_temporals = 1',
        target: '8.4.0',
        claims: { server: 'refuses', number: 1193, since: '8.4.0' },
      },
      {
        sql: "SET SESSION tx_isolation = 'READ-COMMITTED'",
        target: '8.0.11',
        claims: { server: 'refuses', number: 1193 },
      },
    ],
    clean: [
      { sql: "SET SESSION transaction_isolation = 'READ-COMMITTED'", target: '9.7.0', claims: { server: 'accepts' } },
      { sql: 'SET SESSION show_old_temporals = 1', target: '8.0.40' },
    ],
  },
  find: ({ tokens, target }) =>
    readAssignments(tokens).flatMap(({ name }) => {
      const since = removedVariables.get(name)
      if (since === undefined || target === null || !isAtLeast(target, since)) return []
      return [
        {
          message: { en: `MySQL ${target} has no variable \`${name}\`.`, zh: `MySQL ${target} 没有变量 \`${name}\`。` },
        },
      ]
    }),
}
