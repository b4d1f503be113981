import { type Clause, isMark, isWord, listNames, splitAtCommas } from '../../sql/clauses.ts'
import type { Token } from '../../sql/tokens.ts'
import type { HazardRule } from '../rule.ts'

/** A variable that a SET assigns, with the scope that holds for it. */
interface Assignment {
  readonly scope: string
  readonly name: string
  readonly value: Clause
}

const scopes = ['GLOBAL', 'PERSIST', 'PERSIST_ONLY', 'SESSION', 'LOCAL'] as const
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

/** A scope also applies to the assignments after it that name none; `@@global.x` has its own. */
function readAssignments(tokens: readonly Token[]): readonly Assignment[] {
  if (!isWord(tokens[0], 'SET')) return []
  let scope = 'SESSION'
  return splitAtCommas(tokens.slice(1)).flatMap((clause) => {
    const written = isWord(clause[0], ...scopes) && !isAssignment(clause[1]) ? clause[0]?.text.toUpperCase() : undefined
    scope = written ?? scope
    const [variable, equals, ...value] = written === undefined ? clause : clause.slice(1)
    if (written !== undefined && isWord(variable, 'TRANSACTION')) return [{ scope, name: 'transaction', value: [] }]
    if (variable === undefined || variable.type === 'user-variable' || !isAssignment(equals)) return []
    if (variable.type !== 'system-variable') return [{ scope, name: variable.text.toLowerCase(), value }]
    const [first, ...rest] = variable.text.split('.')
    const own = scopes.find((word) => word === first?.toUpperCase())
    const name = own === undefined ? variable.text : rest.join('.')
    return [{ scope: own ?? 'SESSION', name: name.toLowerCase(), value }]
  })
}

function isAssignment(token: Token | undefined): boolean {
  return isMark(token, '=') || isMark(token, ':=')
}

/** A value that is restored from a variable is not counted: the statement that switched it off was. */
function isOff(value: Clause): boolean {
  const [first, ...rest] = value
  if (first === undefined || rest.length > 0) return value.length > 0
  if (first.type === 'user-variable' || first.type === 'system-variable') return false
  return !/^(?:1|on|true|default)$/i.test(first.text)
}
