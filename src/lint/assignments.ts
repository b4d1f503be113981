import { type Clause, isMark, isWord, splitAtCommas } from '../sql/clauses.ts'
import type { Token } from '../sql/tokens.ts'

/** A variable that a SET assigns, with its scope. */
export interface Assignment {
  readonly scope: string
  readonly name: string
  readonly value: Clause
}

const scopes = ['GLOBAL', 'PERSIST', 'PERSIST_ONLY', 'SESSION', 'LOCAL'] as const

/** A scope also applies to the assignments after it that name none; `@@global.x` has its own. */
export function readAssignments(tokens: readonly Token[]): readonly Assignment[] {
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

/** A value that is restored from a variable does not count: the statement that switched it off did. */
export function isOff(value: Clause): boolean {
  const [first, ...rest] = value
  if (first === undefined || rest.length > 0) return value.length > 0
  if (first.type === 'user-variable' || first.type === 'system-variable') return false
  return !/^(?:1|on|true|default)$/i.test(first.text)
}
