import { everything, type Grant, joinGrants, type NameRules, type Place, placeText, usualRules } from './grant.ts'

/** What an account has, according to one line of SHOW GRANTS. */
interface HeldGrant {
  readonly privileges: readonly string[]
  /** As the server writes it: `*.*`, `` `app\_db`.* ``, a table, a routine, a role. */
  readonly place: string
  readonly line: string
  /** A partial revoke: the privilege of `*.*` is withdrawn here. */
  readonly isTaken?: true
}

/** A line that is not a grant of privileges at a place: a role, a proxy. */
const other = /^GRANT (?:PROXY|`)/

/** Reads SHOW GRANTS, including partial revokes. USAGE is ignored; a role is kept as a line. */
export function readGrants(lines: readonly string[]): readonly HeldGrant[] {
  return lines.flatMap((line) => {
    if (other.test(line)) return [{ privileges: [], place: 'role', line }]
    const [, list = '', place = ''] =
      /^(?:GRANT|REVOKE) (.+?) ON ((?:(?:FUNCTION|PROCEDURE) )?(?:\*|`(?:[^`]|``)+`)\.(?:\*|`(?:[^`]|``)+`)) (?:TO|FROM) /.exec(
        line,
      ) ?? []
    const privileges = splitPrivileges(list).filter((name) => name !== 'USAGE')
    const options = / WITH GRANT OPTION$/.test(line) ? ['GRANT OPTION'] : []
    const all = [...privileges, ...options]
    const taken = line.startsWith('REVOKE ') ? { isTaken: true as const } : {}
    return all.length === 0 ? [] : [{ privileges: all, place, line, ...taken }]
  })
}

/** Splits a list that may contain column lists: `SELECT (a, b), INSERT`. */
function splitPrivileges(list: string): readonly string[] {
  return list.split(/,\s*(?![^(]*\))/).map((name) => name.trim())
}

/** The privileges that an account lacks, and those that its purposes do not need. */
export interface GrantDifference {
  readonly missing: readonly Grant[]
  readonly excess: readonly { readonly privileges: readonly string[]; readonly place: string; readonly line: string }[]
}

/**
 * Compares what is needed with what is held. Pure. A GRANT for a schema overrides what the account has there by a pattern, so it names everything that is needed
 * there.
 */
export function compareGrants(
  needed: readonly Grant[],
  held: readonly HeldGrant[],
  rules: NameRules = usualRules,
): GrantDifference {
  const missing = needed.map(({ place, privileges }) => ({
    place,
    privileges: listMissing(place, privileges, held, rules),
  }))
  const excess = held.flatMap((grant) => {
    const { place, line, isTaken } = grant
    if (isTaken) return []
    if (place === 'role') return [grant]
    const wanted = needed.filter((one) => placeText(one.place, rules) === place).flatMap((one) => one.privileges)
    const surplus = spellOut(grant.privileges, wanted).filter((privilege) => !wanted.includes(privilege))
    return surplus.length === 0 ? [] : [{ privileges: surplus, place, line }]
  })
  return { missing: joinGrants(missing), excess }
}

/**
 * Replaces ALL PRIVILEGES by the privileges it stands for where only some are needed: the rest may then be revoked, and
 * what is needed stays.
 */
function spellOut(privileges: readonly string[], wanted: readonly string[]): readonly string[] {
  if (wanted.length === 0) return privileges
  return privileges.flatMap((privilege) => (privilege === 'ALL PRIVILEGES' ? everything : [privilege]))
}

function listMissing(
  place: Place,
  privileges: readonly string[],
  held: readonly HeldGrant[],
  rules: NameRules,
): readonly string[] {
  const everywhere = held.filter((grant) => grant.place === '*.*')
  const taken = held.filter((grant) => grant.isTaken && means(grant.place, place, rules))
  const atServer = (privilege: string): boolean =>
    everywhere.some((grant) => has(grant, privilege)) && !taken.some((grant) => has(grant, privilege))
  const first = firstAt(place, held, rules)
  const isHeld = (privilege: string): boolean =>
    atServer(privilege) || (first.length > 0 && first.every((grant) => has(grant, privilege)))
  if (privileges.every(isHeld)) return []
  const own = held.filter((grant) => grant.place === placeText(place, rules) && !grant.isTaken)
  return privileges.filter((privilege) => !atServer(privilege) && !own.some((grant) => has(grant, privilege)))
}

const has = ({ privileges }: HeldGrant, privilege: string): boolean =>
  privileges.includes(privilege) || privileges.includes('ALL PRIVILEGES')

/**
 * What applies to a schema: of all matching patterns, only the one whose first wildcard comes last (manual, "Access Control, Stage 2"). Several where the
 * positions are equal: which of them applies depends on the order in which they were granted, until the server restarts.
 */
function firstAt(place: Place, held: readonly HeldGrant[], rules: NameRules): readonly HeldGrant[] {
  const matching = held.filter((grant) => !grant.isTaken && grant.place !== '*.*' && means(grant.place, place, rules))
  const ranks = matching.map((grant) => rankOf(grant.place, rules))
  return matching.filter((_, index) => ranks[index] === Math.max(...ranks))
}

/** The position of the first wildcard; after the end where there is none. */
function rankOf(place: string, { hasPatterns }: NameRules): number {
  const pattern = patternOf(place) ?? ''
  const at = hasPatterns ? /^(?:\\.|[^_%\\])*[_%]/.exec(pattern)?.[0].length : undefined
  return at ?? Number.POSITIVE_INFINITY
}

/** The name of the schema or the pattern in `` `app\_db`.* ``; undefined for other places. */
function patternOf(place: string): string | undefined {
  return /^`(.+)`\.\*$/.exec(place)?.[1]?.replaceAll('``', '`')
}

/** Whether the place of a grant is, or matches, the one that is needed. */
function means(place: string, needed: Place, { foldsNames, hasPatterns }: NameRules): boolean {
  const pattern = patternOf(place)
  if (pattern === undefined || needed.type === 'server') return false
  if (needed.type === 'pattern') return hasPatterns && pattern === needed.pattern
  const fold = (text: string): string => (foldsNames ? text.toLowerCase() : text)
  if (!hasPatterns) return fold(pattern) === fold(needed.schema)
  const source = pattern.replace(/\\[_%]|[_%]|[.*+?^${}()|[\]\\]/g, (found) => {
    if (found === '%') return '.*'
    if (found === '_') return '.'
    return found.length === 2 ? found.slice(1) : `\\${found}`
  })
  return new RegExp(`^${source}$`, foldsNames ? 'iu' : 'u').test(needed.schema)
}
