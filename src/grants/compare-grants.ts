import { everything, type Grant, joinGrants, type Place, placeText } from './grant.ts'

/** What an account has, from one line of SHOW GRANTS. */
interface HeldGrant {
  readonly privileges: readonly string[]
  /** As the server writes it: `*.*`, `` `app\_db`.* ``, a table, a routine, a role. */
  readonly place: string
  readonly line: string
}

/** A line that is no grant of privileges at a place: a role, a proxy. */
const other = /^GRANT (?:PROXY|`)/

/** Reads SHOW GRANTS. USAGE is nothing; a role is kept as a line. */
export function readGrants(lines: readonly string[]): readonly HeldGrant[] {
  return lines.flatMap((line) => {
    if (other.test(line)) return [{ privileges: [], place: 'role', line }]
    const [, list = '', place = ''] = /^GRANT (.+?) ON ((?:(?:FUNCTION|PROCEDURE) )?\S+?\.\S+) TO /.exec(line) ?? []
    const privileges = splitPrivileges(list).filter((name) => name !== 'USAGE')
    const options = / WITH GRANT OPTION$/.test(line) ? ['GRANT OPTION'] : []
    const all = [...privileges, ...options]
    return all.length === 0 ? [] : [{ privileges: all, place, line }]
  })
}

/** A list with column lists in it: `SELECT (a, b), INSERT`. */
function splitPrivileges(list: string): readonly string[] {
  return list.split(/,\s*(?![^(]*\))/).map((name) => name.trim())
}

/** What an account lacks, and what it has that its purposes do not need. */
export interface GrantDifference {
  readonly missing: readonly Grant[]
  readonly excess: readonly { readonly privileges: readonly string[]; readonly place: string; readonly line: string }[]
}

/** Compares what is needed with what is held. Pure. */
export function compareGrants(needed: readonly Grant[], held: readonly HeldGrant[]): GrantDifference {
  const missing = needed.map(({ place, privileges }) => ({
    place,
    privileges: privileges.filter((privilege) => !held.some((grant) => covers(grant, privilege, place))),
  }))
  const excess = held.flatMap((grant) => {
    const { place, line } = grant
    if (place === 'role') return [grant]
    const wanted = needed.filter((one) => placeText(one.place) === place).flatMap((one) => one.privileges)
    const surplus = spellOut(grant.privileges, wanted).filter((privilege) => !wanted.includes(privilege))
    return surplus.length === 0 ? [] : [{ privileges: surplus, place, line }]
  })
  return { missing: joinGrants(missing), excess }
}

/** ALL PRIVILEGES as what it is, where some of it is needed: the rest may be taken away then, and what is needed stays. */
function spellOut(privileges: readonly string[], wanted: readonly string[]): readonly string[] {
  if (wanted.length === 0) return privileges
  return privileges.flatMap((privilege) => (privilege === 'ALL PRIVILEGES' ? everything : [privilege]))
}

function covers({ privileges, place }: HeldGrant, privilege: string, needed: Place): boolean {
  if (!privileges.includes(privilege) && !privileges.includes('ALL PRIVILEGES')) return false
  return place === '*.*' || place === placeText(needed) || (needed.type === 'schema' && matches(place, needed.schema))
}

/** Whether a pattern of a schema means it: `%` is any text, `_` any character, unless a backslash stands before. */
function matches(place: string, schema: string): boolean {
  const pattern = /^`(.+)`\.\*$/.exec(place)?.[1]
  if (pattern === undefined) return false
  const source = pattern.replace(/\\[_%]|[_%]|[.*+?^${}()|[\]\\]/g, (found) => {
    if (found === '%') return '.*'
    if (found === '_') return '.'
    return found.length === 2 ? found.slice(1) : `\\${found}`
  })
  return new RegExp(`^${source}$`, 'i').test(schema)
}
