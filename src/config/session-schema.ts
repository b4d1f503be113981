import * as z from 'zod/mini'
import { checkedText, described, type Objection } from './schema-parts.ts'
import { defaultSession, splitModes } from './session.ts'
import { listMeaningVariables, type MeaningVariable, plainWord } from './session-variables.ts'

/**
 * Modes that change what a statement does, and neither how its text is read nor what a column's value looks like: the scanner and
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

/** Without strict mode the server cuts a value that does not fit, and only warns. */
function objectToModes(text: string): Objection {
  const modes = splitModes(text)
  const unknown = modes.find((mode) => !knownModes.includes(mode))
  if (unknown !== undefined) {
    const why = `holds ${unknown.slice(0, 40)}, which a session of wwdb cannot have`
    return {
      why,
      next: `Known: ${knownModes.join(', ')}. A migration can set another mode for itself: SET sql_mode = ...`,
    }
  }
  if (modes.some((mode) => mode.startsWith('STRICT_'))) return null
  return {
    why: 'has no strict mode, so that values which do not fit would be cut',
    next: 'Add STRICT_TRANS_TABLES. A migration can do without by SET sql_mode = ..., where hazards see it.',
  }
}

/** From -12:59 to +13:00, what every MySQL from 8.0.11 on takes. */
function objectToSessionZone(text: string): Objection {
  const [, sign, hours, minutes] = /^([+-])(\d\d):([0-5]\d)$/.exec(text) ?? []
  const total = Number(hours) * 60 + Number(minutes)
  if (sign !== undefined && total <= (sign === '+' ? 780 : 779)) return null
  const why =
    text.toUpperCase() === 'SYSTEM'
      ? 'is `SYSTEM`, which is another time zone on every server and can change under the data'
      : `is ${JSON.stringify(text.slice(0, 40))}, no offset from -12:59 to +13:00`
  return {
    why,
    next: 'Write an offset, such as `+08:00`. A name would depend on the tables that each server has loaded.',
  }
}

function objectToWord(text: string): Objection {
  if (plainWord.test(text)) return null
  const why = `is ${JSON.stringify(text.slice(0, 40))}, which holds a character that no value of it has`
  return { why, next: 'Write the name alone, such as `InnoDB` or `utf8mb4_general_ci`.' }
}

function variableSchema({ form, most, standard }: MeaningVariable) {
  const schema =
    form === 'switch'
      ? z.boolean()
      : form === 'number'
        ? z.int().check(z.minimum(0), z.maximum(most ?? 0))
        : checkedText(objectToWord)
  const shown = form === 'switch' ? String(standard === '1') : standard === '' ? 'none' : standard
  return described(`A session variable of MySQL; ${shown} where nothing is said.`, z.optional<z.ZodMiniType>(schema))
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
    'sql_mode of the same, names with commas. Recorded at the first migration.',
    z.optional(checkedText(objectToModes)),
  ),
  variables: described('Other variables of the same that change what a statement means.', z.optional(sessionVariables)),
})

/** The keys of `session`, and of what is in it. */
export function sessionKeys(depth: number): readonly string[] {
  return depth > 1 ? Object.keys(sessionVariables.shape) : Object.keys(session.shape)
}
