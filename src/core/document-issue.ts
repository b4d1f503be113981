import { closestName } from './closest-name.ts'
import { isPlainObject } from './interpolate.ts'

/** The part of a zod issue that is used here; zod's own messages are not. */
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
  /** The issues of each alternative of a union. */
  readonly errors?: readonly (readonly Issue[])[]
}

/** What is said about the value at a path: the rest of a sentence that starts with the path. */
export interface IssueText {
  readonly says: string
  readonly next?: string
}

export interface ExplainedIssue {
  readonly path: readonly PropertyKey[]
  readonly text: IssueText
}

/** Names that may stand at a path of the document. */
type KnownKeys = (path: readonly PropertyKey[]) => readonly string[]

/** Maps the store's own name of a field to the key that declarations use. */
export type Synonyms = Readonly<Record<string, string>>

/** One sentence for each mistake in a document; for an unknown key it suggests a similar known one. */
export function explainIssue(
  issue: Issue,
  document: unknown,
  known: KnownKeys,
  synonyms: Synonyms = {},
): readonly ExplainedIssue[] {
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => ({
      path: [...issue.path, key],
      text: unknownKey(known(issue.path), key, synonyms),
    }))
  }
  const nearest = nearestKind(issue)
  if (nearest !== null) return nearest.flatMap((one) => explainIssue(one, document, known, synonyms))
  return [{ path: issue.path, text: explain(issue, valueAt(document, issue.path)) }]
}

/** Every path that an issue makes unusable. */
export function faultyPaths(issue: Issue): readonly (readonly PropertyKey[])[] {
  return issue.code === 'unrecognized_keys' ? (issue.keys ?? []).map((key) => [...issue.path, key]) : [issue.path]
}

/** For a union, the issues of the alternative that matched the value furthest: the others were not meant. */
function nearestKind({ code, path, errors = [] }: Issue): readonly Issue[] | null {
  if (code !== 'invalid_union') return null
  const depth = (issues: readonly Issue[]): number => Math.max(...issues.map((issue) => issue.path.length))
  const isOtherType = (issues: readonly Issue[]): number =>
    issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type') ? 1 : 0
  const furthest = errors
    .filter((issues) => issues.length > 0)
    .toSorted(
      (one, other) => depth(other) - depth(one) || isOtherType(one) - isOtherType(other) || one.length - other.length,
    )[0]
  if (furthest === undefined) return null
  return furthest.map((issue) => ({ ...issue, path: [...path, ...issue.path] }))
}

function explain(issue: Issue, value: unknown): IssueText {
  const seen = describeValue(value, issue.path)
  switch (issue.code) {
    case 'invalid_type':
      return {
        says: `must be ${expectations[issue.expected ?? ''] ?? issue.expected ?? 'something else'}, not ${seen}`,
      }
    case 'invalid_value':
      return explainChoice(issue, value, seen)
    case 'too_small':
      return { says: `must be at least ${issue.minimum}, not ${seen}` }
    case 'too_big':
      return { says: `must be at most ${issue.maximum}, not ${seen}` }
    case 'invalid_key':
      return { says: 'is not a valid name', next: 'Use letters, digits and `_`, starting with a letter.' }
    default:
      return { says: issue.message, ...(typeof issue.params?.next === 'string' ? { next: issue.params.next } : {}) }
  }
}

const expectations: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
}

function explainChoice(issue: Issue, value: unknown, seen: string): IssueText {
  const choices = (issue.values ?? []).map(String)
  // A number and a string of the same digits differ only in their quotes.
  const quoted = (issue.values ?? []).map((choice) => JSON.stringify(choice))
  const list = quoted.length === 1 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`
  const meant = typeof value === 'string' ? closestName(value, choices) : null
  return { says: `must be ${list}, not ${seen}`, ...(meant === null ? {} : { next: `Did you mean \`${meant}\`?` }) }
}

function unknownKey(known: readonly string[], key: string, synonyms: Synonyms): IssueText {
  const same = Object.hasOwn(synonyms, key) ? synonyms[key] : undefined
  const meant = same !== undefined && known.includes(same) ? same : closestName(key, known)
  const next =
    meant === null
      ? `Valid keys are \`${known.filter((name) => name !== '$schema').join('`, `')}\`.`
      : `Did you mean \`${meant}\`?`
  return { says: 'is not a known key', next }
}

/** Prints short scalars; of a secret, and of anything long, only its type. */
function describeValue(value: unknown, path: readonly PropertyKey[]): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'function') return 'a function'
  if (/password|secret|token|url/i.test(String(path.at(-1)))) return `a ${typeof value}`
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value.length <= 40 ? JSON.stringify(value) : `a ${typeof value}`
}

/** The value at a path; undefined where there is none. */
export function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  let value = document
  for (const segment of path) {
    if (Array.isArray(value)) value = value[Number(segment)]
    else if (isPlainObject(value) && Object.hasOwn(value, segment)) value = value[String(segment)]
    else return undefined
  }
  return value
}
