import { isMap, normalText } from './entries.ts'
import { hideSecrets } from './hide-secrets.ts'
import type { StoreLoss } from './store-plan.ts'

/** A key of a map or an element of a list that a store has and its declaration does not have. */
export interface Addition {
  readonly path: string
  readonly value: unknown
}

/** How a store takes its values. */
interface Taking {
  /** MongoDB: `null` and an empty list are values, and a stage in the same place of an equally long list is the same stage. Elsewhere `null` in a file says that a value goes. */
  readonly asDocuments?: boolean
}

/**
 * What a store loses where its value becomes the declared one. A value that is merely another one is no loss: the file is the truth. An element of a list is the
 * declared one that is equal to it, that has all of it, or that alone has its name.
 */
export function findAdditions(declared: unknown, actual: unknown, path = '', how: Taking = {}): readonly Addition[] {
  const { asDocuments = false } = how
  if (asDocuments ? actual === undefined : declared === null || isNothing(actual)) return []
  if (declared === undefined) return [{ path, value: actual }]
  if (Array.isArray(declared) || Array.isArray(actual))
    return additionsToList([declared].flat(), [actual].flat(), path, how)
  if (!isMap(declared) || !isMap(actual)) return []
  return Object.entries(actual).flatMap(([key, value]) =>
    findAdditions(declared[key], value, path === '' ? key : `${path}.${key}`, how),
  )
}

/** The same value twice counts twice. */
function additionsToList(
  declared: readonly unknown[],
  actual: readonly unknown[],
  path: string,
  how: Taking,
): readonly Addition[] {
  const left = [...declared]
  const take = (is: (one: unknown) => boolean): unknown => {
    const at = left.findIndex(is)
    return at === -1 ? undefined : left.splice(at, 1)[0]
  }
  const nameOf = (value: unknown): string | null => identityOf(value, path)
  const isAlone = (name: string): boolean =>
    [declared, actual].every((list) => list.filter((one) => nameOf(one) === name).length === 1)
  const others = [...actual.entries()].filter(
    ([, value]) => take((one) => normalText(one) === normalText(value)) === undefined,
  )
  return others.flatMap(([at, value]) => {
    const name = nameOf(value)
    const same =
      (name !== null && isAlone(name) ? take((one) => nameOf(one) === name) : undefined) ??
      take((one) => contains(value, one) || contains(one, value)) ??
      (how.asDocuments === true && declared.length === actual.length && isSameStage(declared[at], value)
        ? take((one) => one === declared[at])
        : undefined)
    return same === undefined ? [{ path, value }] : findAdditions(same, value, path, how)
  })
}

/** Keys whose value says what an element of a list is, or is about. */
const namingKeys = ['id', 'name', 'tag', 'field', 'key', 'level', 'currentLevel', 'after'] as const

/** Lists of maps with one key each, which is a name that a person gave. */
const namedByKey = /(?:^|\.)dynamic_templates$/

/** As `set message` for `{"set": {"field": "message", ...}}`; null for what has no name: nobody can say which one of two it was. */
function identityOf(value: unknown, path: string): string | null {
  if (!isMap(value)) return null
  const [[kind, inner] = ['', undefined], ...more] = Object.entries(value)
  if (more.length === 0 && isMap(inner)) {
    if (namedByKey.test(path)) return kind
    const name = identityOf(inner, '')
    return name === null ? null : `${kind} ${name}`
  }
  const name = namingKeys.map((key) => value[key]).find((one) => typeof one === 'string')
  if (name === undefined) return null
  return typeof value['type'] === 'string' ? `${value['type']} ${String(name)}` : String(name)
}

/** True where the whole map has every value of the part, at any depth: what it has besides was added to it. */
function contains(whole: unknown, part: unknown): boolean {
  if (!isMap(whole) || !isMap(part)) return normalText(whole) === normalText(part)
  return Object.entries(part).every(([key, value]) => key in whole && contains(whole[key], value))
}

/** As two of `$match`. */
function isSameStage(one: unknown, other: unknown): boolean {
  if (!isMap(one) || !isMap(other)) return false
  return Object.keys(one).join() === Object.keys(other).join()
}

/** An empty map can say something: in a lifecycle, `readonly: {}` is an action. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
}

/** A whole script would hide the others. */
const longest = 100

/** As `` `processors` {"drop":{}} ``. */
function sayAddition({ path, value }: Addition): string {
  const text = hideSecrets(typeof value === 'string' ? value : JSON.stringify(value))
  const shown = /(?:password|secret|token)$/i.test(path) ? '***' : text
  return `\`${path}\` ${shown.length > longest ? `${shown.slice(0, longest - 1)}…` : shown}`
}

/** Parts of definitions, and rights with the limits on them. */
type AdditionsCode = 'removed-additions' | 'removed-access'

const reasons: Readonly<Record<AdditionsCode, string>> = {
  'removed-additions': 'It has parts that its declaration does not have: they are removed. To keep them, declare them.',
  'removed-access':
    'It has rights or limits of rights that its declaration does not have: they are removed. To keep them, declare them.',
}

/** What somebody else may have added to a declared resource goes only where that is allowed; null where there is nothing. */
export function judgeAdditions(
  additions: readonly Addition[],
  code: AdditionsCode = 'removed-additions',
): StoreLoss | null {
  if (additions.length === 0) return null
  return { code, why: reasons[code], affected: additions.map(sayAddition) }
}

/** Where a change loses something else already, each of the two has to be allowed. */
export function withAdditions(loss: StoreLoss | null, additions: readonly Addition[]): StoreLoss | null {
  const own = judgeAdditions(additions)
  if (loss === null || own === null) return loss ?? own
  return {
    ...loss,
    why: `${loss.why} ${own.why}`,
    affected: [...loss.affected, ...own.affected],
    also: [...(loss.also ?? []), own.code],
  }
}
