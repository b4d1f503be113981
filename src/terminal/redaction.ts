import { listPasswords, maskLine, maskPasswords } from '../sql/mask-passwords.ts'

/** Removes secrets from a text; the configuration, which knows them, provides it. */
export type Redact = (text: string) => string

/**
 * Fields whose values are words of a closed list. They are not secrets, and a password that happens to be one of these
 * words must not turn `"state": "applied"` into something that no reader knows.
 */
const vocabulary: ReadonlySet<string> = new Set([
  'action',
  'algorithm',
  'algorithms',
  'class',
  'code',
  'direction',
  'effect',
  'exitCode',
  'format',
  'how',
  'kind',
  'level',
  'outcome',
  'provider',
  'script',
  'source',
  'tool',
  'type',
])

/** `state` is one of wwdb's words in most places and a server's sentence in a few; these are wwdb's. */
const states: ReadonlySet<string> = new Set(
  (
    'applied pending partial outdated changed missing out-of-order baseline not-applicable done nothing-to-do failed ' +
    'stopped not-started created exists dropped absent reachable unreachable running clean orphaned unchecked ' +
    'planned new same'
  ).split(' '),
)

/** Fields that hold SQL as it was written: a password in it is masked. */
const sqlFields: ReadonlySet<string> = new Set(['statement', 'statements', 'sql'])

/** True for a field that is printed as it is. */
function isVocabulary(key: string, value: string): boolean {
  return vocabulary.has(key) || (key === 'state' && states.has(value))
}

/** Changes a text; `key` is the name of its field, or of the array or map that contains it. */
export type ChangeText = (text: string, key: string) => string

/**
 * A value with every text in it changed: in arrays, plain objects and maps, at any depth. It is applied to all that comes in,
 * before anything is laid out: a secret that was cut to a column's width could not be recognized any more. A value in which
 * no text changes is returned itself: a run of a thousand files sends thousands of events, and almost none contains a secret.
 */
export function mapTexts<Value>(value: Value, change: ChangeText): Value {
  return mapAny('', value, change) as Value
}

function mapAny(key: string, value: unknown, change: ChangeText): unknown {
  if (typeof value === 'string')
    return isVocabulary(key, value) ? value : change(sqlFields.has(key) ? maskPasswords(value) : value, key)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return mapItems(key, value, change)
  if (value instanceof Map) return new Map([...value].map(([name, item]) => [name, mapAny(key, item, change)]))
  return isPlainObject(value) ? mapFields(value, change) : value
}

function mapItems(key: string, items: readonly unknown[], change: ChangeText): readonly unknown[] {
  const mapped = items.map((item) => mapAny(key, item, change))
  return mapped.every((item, index) => item === items[index]) ? items : mapped
}

function mapFields(fields: Readonly<Record<string, unknown>>, change: ChangeText): Readonly<Record<string, unknown>> {
  const changed: Record<string, unknown> = {}
  let same = true
  for (const name of Object.keys(fields)) {
    const field = fields[name]
    const mapped = mapAny(name, name === 'excerpt' ? maskExcerpt(field) : field, change)
    if (mapped === field) continue
    changed[name] = mapped
    same = false
  }
  return same ? fields : { ...fields, ...changed }
}

/** A line of a file of SQL; its statement may have begun in a line before: `REPLACE '...'`. */
function maskExcerpt(field: unknown): unknown {
  if (!isExcerpt(field)) return field
  const { text } = field
  return maskLine(field, [...listPasswords(text), ...listPasswords(`IDENTIFIED ${text.trimStart()}`)])
}

function isExcerpt(field: unknown): field is { readonly text: string; readonly column: number } {
  if (typeof field !== 'object' || field === null || !('text' in field) || !('column' in field)) return false
  return typeof field.text === 'string' && typeof field.column === 'number'
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
