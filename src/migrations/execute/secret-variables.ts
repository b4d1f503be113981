import { createHash } from 'node:crypto'
import type { Script } from '../../core/migration.ts'
import { isSecretVariable, maskPasswords } from '../../sql/mask-passwords.ts'
import type { SessionMemory } from '../journal/journal.ts'

type Literals = Readonly<Record<string, string>>

const accountStatement = /\bidentified\b|\bset\s+password\b|_password\b|\bpassword\s*'/i

/**
 * User variables whose values are kept out of the journal: those that are named as secrets are, and those of statements about passwords. Null for a
 * script that is not held: then names and values alone decide.
 */
export function listSecretVariables(script: Script | null): ReadonlySet<string> {
  if (script?.type !== 'statements') return new Set()
  return new Set(
    script.statements.flatMap(({ text, userVariables }) =>
      userVariables.length > 0 && accountStatement.test(text) ? userVariables : [],
    ),
  )
}

/** What the journal keeps of variables: the values of those that hold no secret, and of the others enough to recognize them. */
export function withoutSecrets(
  values: Literals,
  secret: ReadonlySet<string>,
): Pick<SessionMemory, 'variables' | 'hidden'> {
  const isSecret = ([name, literal]: readonly [string, string]): boolean =>
    literal !== 'NULL' && (secret.has(name) || isSecretVariable(name) || holdsPassword(literal))
  const all = Object.entries(values)
  const hidden = all.filter(isSecret).map(([name, literal]) => [name, digestValue(literal)] as const)
  const variables = Object.fromEntries(all.filter((one) => !isSecret(one)))
  return hidden.length === 0 ? { variables } : { variables, hidden: Object.fromEntries(hidden) }
}

/** The statement in a variable that a PREPARE reads. */
function holdsPassword(literal: string): boolean {
  const hex = /x'([0-9a-f]*)'/i.exec(literal)?.[1]
  const text = hex === undefined ? literal : Buffer.from(hex, 'hex').toString('utf8')
  return maskPasswords(text) !== text
}

/** 16 bits: two values that differ are hardly ever taken for one, and no password is found by them. */
const digestValue = (literal: string): string => createHash('sha256').update(literal).digest('hex').slice(0, 4)

/** The names of the variables whose values are not those that were hidden. */
export function listOthers(hidden: Literals, values: Literals): readonly string[] {
  return Object.keys(hidden).filter((name) => digestValue(values[name] ?? 'NULL') !== hidden[name])
}
