import { listNames } from '../../sql/clauses.ts'
import type { HazardRule } from '../rule.ts'
import { printName } from '../stakes.ts'

const reads = ['CREATE VIEW', 'ANALYZE TABLE', 'CHECK TABLE', 'CHECKSUM TABLE', 'OPTIMIZE TABLE']

/** True for the tables of wwdb itself: journal, ledgers and registries. */
export function isOwnTable(name: string): boolean {
  return name.toLowerCase().startsWith('wwdb_')
}

export const writeJournal: HazardRule = {
  code: 'WRITE_JOURNAL',
  kind: 'destructive',
  title: 'A statement that writes to a table of wwdb itself (`wwdb_...`), or changes or drops it',
  find: (tokens, statement) => {
    if (reads.includes(statement.verb)) return []
    const named = statement.objects.filter(({ type, name }) => type === 'table' && isOwnTable(name)).map(printName)
    // A join's tables are not listed with the statement.
    const joined = ['UPDATE', 'DELETE'].includes(statement.verb) && statement.objects.length === 0
    const others = joined
      ? tokens.filter(({ type, text }) => (type === 'word' || type === 'name') && isOwnTable(text))
      : []
    const names = [...new Set([...named, ...others.map(({ text }) => text)])]
    if (names.length === 0) return []
    return [
      {
        why: `It changes ${listNames(names)}, in which wwdb keeps what ran and what it made: it may run a statement twice, or never.`,
        instead: 'Leave these tables to wwdb: "wwdb repair", "wwdb mark" and "wwdb shards" change what they say.',
      },
    ]
  },
}
