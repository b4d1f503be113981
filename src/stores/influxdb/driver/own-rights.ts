import { AuthorizationsAPI } from '@influxdata/influxdb-client-apis'
import { ToolError } from '../../../core/tool-error.ts'
import type { InfluxPlace } from './place.ts'

/** What must be seen whole before anything can be said to be missing. */
const kinds = ['orgs', 'buckets', 'tasks', 'authorizations', 'dbrp'] as const

/**
 * The server leaves out of its lists what a token may not read, and says nothing: to a token of few rights, everything seems to be
 * missing. So the token's own rights are looked up first. A session of a user is not asked: it may see what the user may.
 * @returns whether it sees every organization, only its own, or whether that is not known.
 * @throws ToolError STORE_ACCESS_DENIED.
 */
export async function refuseBlindToken(place: InfluxPlace, organization: string): Promise<'every' | 'own' | 'unknown'> {
  const own = place.access.token?.reveal()
  if (own === undefined) return 'unknown'
  const { authorizations = [] } = await place.ask('Looking up the rights of the token', (client) =>
    new AuthorizationsAPI(client).getAuthorizations(),
  )
  if (authorizations.length === 0) throw blind(place.server, organization, 'read:authorizations or read:users')
  const found = authorizations.find(({ token }) => token === own)
  // Newer servers keep no token that could be compared. That it sees all of them is what can be known there.
  if (found === undefined) return 'unknown'
  const readable = new Set(
    (found.permissions ?? [])
      .filter(({ action, resource }) => action === 'read' && resource.id === undefined)
      .map(({ resource }) => resource.type),
  )
  const orgs = (found.permissions ?? []).filter(({ action, resource }) => action === 'read' && resource.type === 'orgs')
  const missing = kinds.filter((kind) => (kind === 'orgs' ? orgs.length === 0 : !readable.has(kind)))
  if (missing.length > 0) throw blind(place.server, organization, missing.map((kind) => `read:${kind}`).join(', '))
  return orgs.some(({ resource }) => resource.id === undefined && resource.orgID === undefined) ? 'every' : 'own'
}

/** To a token of another organization this one seems to be missing, with all that it holds. */
export function unseenOrganization(server: string, organization: string): ToolError {
  return new ToolError('STORE_ACCESS_DENIED', {
    what: `The token cannot see whether organization ${organization} is there.`,
    where: { server },
    why: 'It has rights in another organization only.',
    next: `Use an operator token, or an all-access token of ${organization}.`,
  })
}

function blind(server: string, organization: string, rights: string): ToolError {
  return new ToolError('STORE_ACCESS_DENIED', {
    what: `The token may not see everything in organisation ${organization}.`,
    where: { server },
    why: `It lacks ${rights}; InfluxDB leaves out of its lists what a token may not read, so all of it would seem to be missing.`,
    next: 'Use an operator token, or an all-access token of the organisation.',
  })
}
