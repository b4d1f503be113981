import * as z from 'zod/mini'
import { checkedText, described, type Objection } from './schema-parts.ts'
import { defaultSession, splitModes } from './session.ts'
import { listMeaningVariables, type MeaningVariable, plainWord } from './session-variables.ts'

/**
 * Modes that change what a statement does, but not how its text is parsed or what a column's value looks like: the scanner and
 * the checksums of rows rely on those.
 */
const knownModes: readonly string[] = [
  ...defaultSession.sqlMode.split(','),
  'STRICT_ALL_TABLES',
  'ALLOW_INVALID_DATES',
  'NO_AUTO_VALUE_ON_ZERO',
  'NO_UNSIGNED_SUBTRACTION',
  'NO_DIR_IN_CREATE',
  'TIME_TRUNCATE_FRACTIONAL',
  'REAL_AS_FLOAT',
]

/** Without strict mode the server truncates a value that does not fit, and only warns. */
function objectToModes(text: string): Objection {
  const modes = splitModes(text)
  const unknown = modes.find((mode) => !knownModes.includes(mode))
  if (unknown !== undefined) {
    const why = `contains ${unknown.slice(0, 40)}, which wwdb does not allow in a session`
    return {
      why,
      next: `Known: ${knownModes.join(', ')}. A migration can set another mode for itself: SET sql_mode = ...`,
    }
  }
  if (modes.some((mode) => mode.startsWith('STRICT_'))) return null
  return {
    why: 'has no strict mode, so values that do not fit would be truncated',
    next: 'Add STRICT_TRANS_TABLES. A migration can turn it off with SET sql_mode = ..., which is checked for hazards.',
  }
}

/** From -12:59 to +13:00, which every MySQL from 8.0.11 on accepts. */
function objectToSessionZone(text: string): Objection {
  const [, sign, hours, minutes] = /^([+-])(\d\d):([0-5]\d)$/.exec(text) ?? []
  const total = Number(hours) * 60 + Number(minutes)
  if (sign !== undefined && total <= (sign === '+' ? 780 : 779)) return null
  const why =
    text.toUpperCase() === 'SYSTEM'
      ? 'is `SYSTEM`, which differs between servers and can change later'
      : `is ${JSON.stringify(text.slice(0, 40))}, which is not an offset from -12:59 to +13:00`
  return {
    why,
    next: 'Write an offset, such as `+08:00`. A name would depend on the time zone tables of each server.',
  }
}

function objectToWord(text: string): Objection {
  if (plainWord.test(text)) return null
  const why = `is ${JSON.stringify(text.slice(0, 40))}, which contains an invalid character`
  return { why, next: 'Write only the name, such as `InnoDB` or `utf8mb4_general_ci`.' }
}

function variableSchema({ form, most, standard }: MeaningVariable) {
  const schema =
    form === 'switch'
      ? z.boolean()
      : form === 'number'
        ? z.int().check(z.minimum(0), z.maximum(most ?? 0))
        : checkedText(objectToWord)
  const shown = form === 'switch' ? String(standard === '1') : standard === '' ? 'none' : standard
  return described(`A session variable of MySQL; default: ${shown}.`, z.optional<z.ZodMiniType>(schema))
}

const sessionVariables = z.strictObject(
  Object.fromEntries(
    listMeaningVariables(new Map()).map(([name, variable]) => [name, variableSchema(variable)] as const),
  ),
)

/** `session` of the configuration file. */
export const session = z.strictObject({
  timeZone: described(
    'Time zone of every statement of migrations, seeds and shards, as an offset: "+08:00". Recorded at the first migration.',
    z.optional(checkedText(objectToSessionZone)),
  ),
  sqlMode: described(
    'sql_mode of the same statements, separated by commas. Recorded at the first migration.',
    z.optional(checkedText(objectToModes)),
  ),
  variables: described('Other variables that change the meaning of these statements.', z.optional(sessionVariables)),
})

/** The keys of `session`, and of its parts. */
export function sessionKeys(depth: number): readonly string[] {
  return depth > 1 ? Object.keys(sessionVariables.shape) : Object.keys(session.shape)
}
