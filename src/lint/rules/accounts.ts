import { hasWords, isWord, listNames } from '../../sql/clauses.ts'
import type { HazardRule } from '../rule.ts'

export const grantAll: HazardRule = {
  code: 'GRANT_ALL',
  kind: 'advisory',
  title: '`GRANT ALL`: more rights than an application needs',
  find: (tokens) => {
    if (!hasWords(tokens, 0, 'GRANT', 'ALL')) return []
    const global = tokens.findIndex((token) => isWord(token, 'ON'))
    const everywhere = tokens[global + 1]?.text === '*' && tokens[global + 2]?.text === '.'
    return [
      {
        why: everywhere
          ? 'Whoever has the account can read, change and drop everything on this server.'
          : 'Whoever has the account can change and drop tables, not only rows.',
        instead: 'Grant the privileges that are needed, for example SELECT, INSERT, UPDATE, DELETE.',
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
        why: `Whatever still connects as ${listNames(names)} or has its rights fails from then on, and views and routines that it defined fail, too; its password and rights come back from no rollback.`,
        instead: 'Lock the account first (ALTER USER ... ACCOUNT LOCK) and drop it when nobody has missed it.',
      },
    ]
  },
}
