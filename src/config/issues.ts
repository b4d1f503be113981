import { closestName } from '../domain/closest-name.ts'
import type { Fault } from '../domain/tool-error.ts'
import { adviseUnit } from './duration.ts'
import { isPlainObject } from './interpolate.ts'
import { type FaultText, faultAt, type Origin } from './origin.ts'
import { knownKeys } from './schema.ts'

/** The part of a zod issue that is used here; zod's own texts are not. */
export interface Issue {
  readonly code?: string | undefined
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly expected?: string
  readonly keys?: readonly string[]
  readonly values?: readonly unknown[]
  readonly minimum?: number | bigint
  readonly maximum?: number | bigint
  readonly params?: { readonly next?: unknown } | undefined
}

/** One sentence for each thing that is wrong; an unknown key names the one that was meant where it is close. */
export function explainIssue(issue: Issue, document: unknown, origin: Origin): readonly Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => faultAt(origin, [...issue.path, key], unknownKey(issue.path, key)))
  }
  return [faultAt(origin, issue.path, explain(issue, valueAt(document, issue.path)))]
}

/** Every path that an issue makes unusable. */
export function faultyPaths(issue: Issue): readonly (readonly PropertyKey[])[] {
  return issue.code === 'unrecognized_keys' ? (issue.keys ?? []).map((key) => [...issue.path, key]) : [issue.path]
}

function explain(issue: Issue, value: unknown): FaultText {
  const seen = describeValue(value, issue.path)
  switch (issue.code) {
    case 'invalid_type':
      return explainType(issue, value, seen)
    case 'invalid_value':
      return explainChoice(issue, value, seen)
    case 'too_small':
      return { says: `must be at least ${issue.minimum}, not ${seen}` }
    case 'too_big':
      return { says: `must be at most ${issue.maximum}, not ${seen}` }
    case 'invalid_key':
      return { says: 'is not a usable name', next: 'Use letters, digits and "_", beginning with a letter.' }
    default:
      return { says: issue.message, ...(typeof issue.params?.next === 'string' ? { next: issue.params.next } : {}) }
  }
}

function explainType(issue: Issue, value: unknown, seen: string): FaultText {
  const section = issue.path.at(-2)
  if (typeof value === 'number' && section === 'timeouts') {
    return { says: `is ${value}, a number without a unit`, next: adviseUnit(String(Math.abs(value))) }
  }
  if (typeof value === 'number' && /^(?:alertDelay|late|keep|grace|premake)$/.test(String(issue.path.at(-1)))) {
    return { says: `is ${value}, a number without a unit`, next: `Write "${Math.abs(value)} days", for instance.` }
  }
  const expected = expectations[issue.expected ?? ''] ?? issue.expected ?? 'something else'
  return { says: `must be ${expected}, not ${seen}` }
}

const expectations: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
}

function explainChoice(issue: Issue, value: unknown, seen: string): FaultText {
  const choices = (issue.values ?? []).map(String)
  const quoted = choices.map((choice) => `"${choice}"`)
  const list = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`
  const meant = typeof value === 'string' ? closestName(value, choices) : null
  return { says: `must be ${list}, not ${seen}`, ...(meant === null ? {} : { next: `Did you mean "${meant}"?` }) }
}

function unknownKey(path: readonly PropertyKey[], key: string): FaultText {
  const known = knownKeys(path)
  const meant = closestName(key, known)
  const next =
    meant === null
      ? `Known here: ${known.filter((name) => name !== '$schema').join(', ')}.`
      : `Did you mean "${meant}"?`
  return { says: 'is not a known key', next }
}

/** Prints short scalars; of a text at a secret's place, and of anything long, only what kind of thing it is. */
function describeValue(value: unknown, path: readonly PropertyKey[]): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'function') return 'a function'
  if (/password|url/i.test(String(path.at(-1)))) return `a ${typeof value}`
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value.length <= 40 ? JSON.stringify(value) : `a ${typeof value}`
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  let value = document
  for (const segment of path) {
    if (!isPlainObject(value) || !Object.hasOwn(value, segment)) return undefined
    value = value[String(segment)]
  }
  return value
}
