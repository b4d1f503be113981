import { isWord, listNames } from '../../sql/clauses.ts'
import { isOff, readAssignments } from '../assignments.ts'
import type { HazardRule } from '../rule.ts'

const lasting: readonly string[] = ['GLOBAL', 'PERSIST', 'PERSIST_ONLY']

export const skipBinlog: HazardRule = {
  code: 'SKIP_BINLOG',
  kind: 'destructive',
  title: '`SET sql_log_bin = 0`: replicas and backups of the binary log do not get the statements after it',
  find: (tokens) => {
    const off = readAssignments(tokens).some(({ name, value }) => name === 'sql_log_bin' && isOff(value))
    if (!off) return []
    return [
      {
        why: 'The statements after it are not written to the binary log: replicas and point-in-time recovery never get them, and the next failover loses them.',
        instead: 'Leave it out, or run statements that only this server needs manually.',
      },
    ]
  },
}

export const setGlobal: HazardRule = {
  code: 'SET_GLOBAL',
  kind: 'advisory',
  title: '`SET GLOBAL`, `PERSIST` or `PERSIST_ONLY`, or `RESET PERSIST`: settings of the whole server',
  find: (tokens) => {
    const names = readAssignments(tokens).filter(({ scope }) => lasting.includes(scope))
    const isReset = isWord(tokens[0], 'RESET') && isWord(tokens[1], 'PERSIST')
    if (names.length === 0 && !isReset) return []
    const what = isReset ? 'persisted settings' : listNames(names.map(({ name }) => name))
    return [
      {
        why: `It changes ${what} for every database and user of this server. Replicas keep their own settings, and a rollback does not undo it.`,
        instead:
          "Keep the server's settings in its configuration, and set a session variable where the migration needs one.",
      },
    ]
  },
}
