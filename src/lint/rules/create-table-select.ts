import { isAtLeast } from '../../core/version.ts'
import { isWord, outerTokens } from '../../sql/clauses.ts'
import type { HazardRule } from '../rule.ts'

/** Atomic since MySQL 8.0.21 (release notes); before that, a crash may leave the table empty or incomplete. */
export const createTableSelect: HazardRule = {
  code: 'UNRESUMABLE_CREATE_SELECT',
  kind: 'unresumable',
  title: '`CREATE TABLE ... SELECT` on a server before 8.0.21, where it is not atomic',
  find: (tokens, statement, context) => {
    const { serverVersion } = context
    const isOld = serverVersion !== undefined && !isAtLeast(serverVersion, '8.0.21')
    if (statement.verb !== 'CREATE TABLE' || !isOld) return []
    if (!outerTokens(tokens).some(({ token }) => isWord(token, 'SELECT', 'TABLE', 'VALUES') && token !== tokens[1]))
      return []
    return [
      {
        why: 'This server creates and fills the table in two steps: after an interruption the table may be empty or incomplete.',
        instead: 'Write CREATE TABLE and INSERT ... SELECT as two statements.',
      },
    ]
  },
}
