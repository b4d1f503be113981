import { hasWords, isWord, listNames } from '../../sql/clauses.ts'
import type { HazardRule } from '../rule.ts'

export const grantAll: HazardRule = {
  code: 'GRANT_ALL',
  kind: 'advisory',
  title: '`GRANT ALL`: more privileges than an application needs',
  find: (tokens) => {
    if (!hasWords(tokens, 0, 'GRANT', 'ALL')) return []
    const global = tokens.findIndex((token) => isWord(token, 'ON'))
    const everywhere = tokens[global + 1]?.text === '*' && tokens[global + 2]?.text === '.'
    return [
      {
        why: everywhere
          ? 'The account can read, change and drop everything on this server.'
          : 'The account can change and drop tables, not only rows.',
        instead: 'Grant only the required privileges, for example SELECT, INSERT, UPDATE, DELETE.',
      },
    ]
  },
}

export const dropUser: HazardRule = {
  code: 'DROP_USER',
  kind: 'advisory',
  title: '`DROP USER` or `DROP ROLE`',
  find: (_tokens, statement) => {
    if (statement.verb !== 'DROP USER' && statement.verb !== 'DROP ROLE') return []
    const names = statement.objects.map(({ name }) => name)
    return [
      {
        why: `Applications that still connect as ${listNames(names)} fail, and so do the views and routines that it defined; a rollback does not restore its password and privileges.`,
        instead:
          'Lock the account first (ALTER USER ... ACCOUNT LOCK) and drop it later, when no connection has been refused.',
      },
    ]
  },
}
