import { isWord, readAlterations, skipName } from '../sql/clauses.ts'
import { quoteName } from '../sql/quote-name.ts'
import { applyEdits, replaceToken, type Token, tokenize } from '../sql/tokens.ts'
import type { PartSnapshot, SchemaSnapshot, TableSnapshot } from './snapshot.ts'

/** Vitess gives each check a name with such an end, in every migration that makes the table or a copy of it: names of checks are taken once in a schema. */
const madeEnd = /_[0-9a-z]{25}$/

/** The name from which Vitess has made that of a check, as far as it shows. Pure. */
export const withoutMadeEnd = (name: string): string => name.replace(madeEnd, '')

/** Whether Vitess has made the name of a check from the one that is written, or that MySQL chose: `positive_…` of `positive`, `chk_1_…` and `chk_…` of `orders_chk_1`. Pure. */
export function isMadeOf(live: string, written: string, table: string): boolean {
  if (!madeEnd.test(live)) return false
  const base = withoutMadeEnd(live).toLowerCase()
  const name = written.toLowerCase()
  const own = `${table.toLowerCase()}_`
  return base === name || own + base === name || (base === 'chk' && name.startsWith(own) && /_chk_\d+$/.test(name))
}

/** The tokens that name a check in an ALTER TABLE which drops or changes one. */
function listNamed(tokens: readonly Token[]): readonly Token[] {
  return readAlterations(tokens).flatMap((clause) => {
    const [verb, kind, name] = clause
    const isOne = isWord(verb, 'DROP', 'ALTER') && isWord(kind, 'CHECK', 'CONSTRAINT')
    return isOne && name !== undefined ? [name] : []
  })
}

/** The table whose checks an ALTER TABLE names; null where it names none. Pure. */
export function tableOfNamedChecks(text: string): string | null {
  const tokens = tokenize(text)
  return listNamed(tokens).length === 0 ? null : (tokens[skipName(tokens, 2) - 1]?.text ?? null)
}

const shownCheck = /CONSTRAINT `((?:[^`]|``)+)` CHECK /g

/**
 * An ALTER TABLE with the names that its checks have on the shards. Where one is not found, or several may be meant, the text stays, and Vitess refuses it. Pure.
 * @param shown what SHOW CREATE TABLE says on each shard; null where the table does not exist
 */
export function nameLiveChecks(text: string, table: string, shown: readonly (string | null)[]): string {
  const all = shown.flatMap((one) =>
    [...(one ?? '').matchAll(shownCheck)].map(([, name = '']) => name.replaceAll('``', '`')),
  )
  const live = [...new Set(all)]
  const edits = listNamed(tokenize(text)).flatMap((token) => {
    if (live.some((name) => name.toLowerCase() === token.text.toLowerCase())) return []
    const [only, other] = live.filter((name) => isMadeOf(name, token.text, table))
    return only === undefined || other !== undefined ? [] : [replaceToken(token, quoteName(only))]
  })
  return edits.length === 0 ? text : applyEdits(text, edits)
}

/** The same schema, in which checks have the names of the wanted ones that Vitess made theirs from, and that say the same. Pure. */
export function withWrittenChecks(live: SchemaSnapshot, wanted: SchemaSnapshot): SchemaSnapshot {
  const tables = new Map(wanted.objects.flatMap((one) => (one.type === 'table' ? [[one.name, one] as const] : [])))
  let isChanged = false
  const objects = live.objects.map((one) => {
    const other = one.type === 'table' ? tables.get(one.name) : undefined
    const checks = one.type === 'table' && other !== undefined ? writtenChecks(one, other) : null
    if (one.type !== 'table' || checks === null) return one
    isChanged = true
    const { type, name, columns, indexes, foreignKeys, options, partitioning } = one
    return { type, name, columns, indexes, foreignKeys, checks, options, partitioning }
  })
  return isChanged ? { ...live, objects } : live
}

/** Two sides of a comparison, in which checks that say the same have one name where one side or both are keyspaces. Pure. */
export function withSameChecks<T extends { readonly found: SchemaSnapshot; readonly wanted: SchemaSnapshot }>(
  sides: T,
): T {
  const found = sides.found.vschema === undefined ? sides.found : withWrittenChecks(sides.found, sides.wanted)
  const wanted = sides.wanted.vschema === undefined ? sides.wanted : withWrittenChecks(sides.wanted, found)
  return { ...sides, found, wanted }
}

/** Of two keyspaces, each has a name of its own that Vitess has made of the same one. */
const isNamedAs = (live: string, other: string, table: string): boolean =>
  isMadeOf(live, other, table) ||
  (madeEnd.test(live) && madeEnd.test(other) && live.replace(madeEnd, '') === other.replace(madeEnd, ''))

const bodyOf = ({ text }: PartSnapshot): string => text.replace(/^CONSTRAINT `(?:[^`]|``)+` /, '')

/** Null where every check has its name. */
function writtenChecks({ name: table, checks }: TableSnapshot, wanted: TableSnapshot): readonly PartSnapshot[] | null {
  if (!checks.some(({ name }) => madeEnd.test(name))) return null
  const left = new Set(wanted.checks.filter(({ name }) => !checks.some((one) => one.name === name)))
  const named = checks.map((check) => {
    const meant = [...left].find((one) => isNamedAs(check.name, one.name, table) && bodyOf(one) === bodyOf(check))
    if (meant === undefined) return check
    left.delete(meant)
    return meant
  })
  return named.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
