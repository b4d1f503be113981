import { createHash } from 'node:crypto'
import { isSecretVariable, maskPasswords } from '../../sql/mask-passwords.ts'
import type { SessionMemory } from '../journal/journal.ts'
import type { Script } from '../migration.ts'

type Literals = Readonly<Record<string, string>>

const accountStatement = /\bidentified\b|\bset\s+password\b|_password\b|\bpassword\s*'/i

/** What a script shows about its user variables, by their names. */
export interface VariableOrigins {
  /** Of statements about passwords. */
  readonly ofAccounts: ReadonlySet<string>
  /**
   * Whose statements have no text in quotes: the server computes the value, `SET @token = UUID()`, so that the file holds no secret. It is kept, also under a
   * name like a secret's: the same statement, executed again, would give another one.
   */
  readonly computed: ReadonlySet<string>
}

/** For a script that is not in memory: then only names and values decide which value is a secret. */
export const unknownOrigins: VariableOrigins = { ofAccounts: new Set(), computed: new Set() }

/** Where the values of a script's variables come from. */
export function readOrigins(script: Script | null): VariableOrigins {
  if (script?.type !== 'statements') return unknownOrigins
  const setting = script.statements.filter(({ userVariables }) => userVariables.length > 0)
  const namesOf = (statements: typeof setting): readonly string[] =>
    statements.flatMap(({ userVariables }) => userVariables)
  const written = new Set(namesOf(setting.filter(({ text }) => /['"]/.test(text))))
  return {
    ofAccounts: new Set(namesOf(setting.filter(({ text }) => accountStatement.test(text)))),
    computed: new Set(namesOf(setting).filter((name) => !written.has(name))),
  }
}

/** What the journal stores of variables: values without secrets, and of the others enough to recognize them. */
export function withoutSecrets(
  values: Literals,
  { ofAccounts, computed }: VariableOrigins,
): Pick<SessionMemory, 'variables' | 'hidden'> {
  const isSecret = ([name, literal]: readonly [string, string]): boolean =>
    literal !== 'NULL' &&
    (ofAccounts.has(name) || (isSecretVariable(name) && !computed.has(name)) || holdsPassword(literal))
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

/** 16 bits: two different values are hardly ever mistaken for one another, and no password can be recovered from them. */
const digestValue = (literal: string): string => createHash('sha256').update(literal).digest('hex').slice(0, 4)

/** The names of the variables whose values are not those that were hidden. */
export function listOthers(hidden: Literals, values: Literals): readonly string[] {
  return Object.keys(hidden).filter((name) => digestValue(values[name] ?? 'NULL') !== hidden[name])
}
