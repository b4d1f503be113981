import { quoteGrantPlace, quoteName } from '../sql/quote-name.ts'

/** Where privileges apply: a schema, a pattern of schemas as GRANT accepts it, or the whole server. */
export type Place =
  | { readonly type: 'schema'; readonly schema: string }
  | { readonly type: 'pattern'; readonly pattern: string }
  | { readonly type: 'server' }

/** Privileges at one place: MySQL's names, sorted. */
export interface Grant {
  readonly privileges: readonly string[]
  readonly place: Place
}

/** How a server interprets the name of a schema in a GRANT. */
export interface NameRules {
  /** Whether names that differ only in case are the same name: `lower_case_table_names` is not 0. */
  readonly foldsNames: boolean
  /** Whether `%` and `_` are wildcards: not where `partial_revokes` is on (manual, "Privilege Restriction Using Partial Revokes"). */
  readonly hasPatterns: boolean
}

/** The rules of most servers on Linux, used for SQL that is printed without asking a server. */
export const usualRules: NameRules = { foldsNames: false, hasPatterns: true }

/** The schemas in which ALTERs and shard templates are tried. */
export const scratchPlace: Place = { type: 'pattern', pattern: 'wwdb\\_scratch\\_%' }

/**
 * What can be granted on a server: where it has no patterns, nothing on scratch schemas, whose names are not known in advance.
 */
export function selectGrantable(grants: readonly Grant[], { hasPatterns }: NameRules): readonly Grant[] {
  return hasPatterns ? grants : grants.filter(({ place }) => place.type !== 'pattern')
}

/** What to know about a server without patterns; null where there is nothing. */
export function explainPatterns(server: string, grants: readonly Grant[], rules: NameRules): string | null {
  if (selectGrantable(grants, rules).length === grants.length) return null
  return `${server} has \`partial_revokes\` on, which does not allow grants on schema patterns: the privileges on scratch schemas are left out, and statements are not tried there.`
}

/** A place as GRANT takes it. */
export function placeText(place: Place, rules: NameRules = usualRules): string {
  switch (place.type) {
    case 'schema':
      return rules.hasPatterns ? quoteGrantPlace(place.schema) : `${quoteName(place.schema)}.*`
    case 'pattern':
      return `\`${place.pattern}\`.*`
    case 'server':
      return '*.*'
  }
}

/** Joins the privileges of each place, sorted. */
export function joinGrants(grants: readonly Grant[]): readonly Grant[] {
  const places = new Map<string, { readonly place: Place; readonly privileges: Set<string> }>()
  for (const { place, privileges } of grants) {
    const key = placeText(place)
    const known = places.get(key) ?? { place, privileges: new Set<string>() }
    for (const privilege of privileges) known.privileges.add(privilege)
    places.set(key, known)
  }
  return [...places.values()]
    .filter(({ privileges }) => privileges.size > 0)
    .map(({ place, privileges }) => ({ place, privileges: [...privileges].toSorted(byRank) }))
}

/** All privileges that can be granted on a schema: the server shows an account that has them as ALL PRIVILEGES. */
export const everything: readonly string[] = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'ALTER',
  'DROP',
  'INDEX',
  'REFERENCES',
  'CREATE TEMPORARY TABLES',
  'CREATE VIEW',
  'SHOW VIEW',
  'TRIGGER',
  'EVENT',
  'CREATE ROUTINE',
  'ALTER ROUTINE',
  'EXECUTE',
  'LOCK TABLES',
]

/** The order in which people read them; the others follow by name. */
const order = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'ALTER', 'DROP', 'INDEX', 'REFERENCES']

function byRank(one: string, other: string): number {
  const [left, right] = [order.indexOf(one), order.indexOf(other)]
  if (left === -1 && right === -1) return one < other ? -1 : 1
  return (left === -1 ? order.length : left) - (right === -1 ? order.length : right)
}

/** `GRANT SELECT ON `app`.* TO 'user'@'%'`. */
export function grantText({ privileges, place }: Grant, account: string, rules: NameRules = usualRules): string {
  return `GRANT ${privileges.join(', ')} ON ${placeText(place, rules)} TO ${account}`
}
