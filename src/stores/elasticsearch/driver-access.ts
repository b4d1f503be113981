import { setTimeout } from 'node:timers/promises'
import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'
import type { ObservedAccess, ObservedMapping, ObservedRole, ObservedUser } from './access-ports.ts'
import { pathOf, type Requests } from './driver-requests.ts'

const json = z.record(z.string(), z.unknown())

const role = z.looseObject({
  cluster: z._default(z.array(z.string()), []),
  indices: z._default(z.array(json), []),
  metadata: z._default(json, {}),
})

const user = z.object({
  roles: z.array(z.string()),
  enabled: z.boolean(),
  metadata: z._default(z.nullable(json), {}),
  full_name: z.optional(z.nullable(z.string())),
  email: z.optional(z.nullable(z.string())),
})

/**
 * Every role and user that is not the server's own. Only a login shows whether a user has the declared password: the server does not return hashes.
 * @param passwords by user, of those whose password is given here.
 */
export async function observeAccess(
  requests: Requests,
  passwords: ReadonlyMap<string, string>,
): Promise<ObservedAccess> {
  const [roles, users, mappings, login] = await Promise.all([
    onceAvailable(() => requests.find('read its roles', '/_security/role')),
    onceAvailable(() => requests.find('read its users', '/_security/user')),
    onceAvailable(() => requests.find('read its role mappings', '/_security/role_mapping')),
    requests.find('read who is connected', '/_security/_authenticate'),
  ])
  if (roles === null || users === null) return { type: 'off' }
  const found = Object.entries(z.parse(z.record(z.string(), user), users))
  const read = found
    .filter(([, { metadata }]) => metadata?.['_reserved'] !== true)
    .map(async ([name, one]) => [name, await toUser(requests, name, one, passwords.get(name) ?? null)] as const)
  const kept = Object.entries(z.parse(z.record(z.string(), role), roles)).filter(
    ([, { metadata }]) => metadata['_reserved'] !== true,
  )
  return {
    type: 'on',
    roles: new Map(kept.map(([name, one]) => [name, toRole(one)])),
    users: new Map(await Promise.all(read)),
    own: login === null ? null : toOwn(z.parse(authenticated, login)),
    mappings: toMappings(z.parse(roleMappings, mappings ?? {})),
    mapped: toMapped(z.parse(roleMappings, mappings ?? {})),
  }
}

const authenticated = z.object({
  username: z.string(),
  roles: z.array(z.string()),
  authentication_type: z.optional(z.string()),
  authentication_realm: z.optional(z.object({ type: z.string() })),
})

/** Realms that keep roles with their users. */
const realmsWithRoles = ['file', 'native', 'reserved']

/** An API key has privileges of its own, and names no roles. */
function toOwn({
  username,
  roles,
  authentication_type: type,
  authentication_realm: realm,
}: z.infer<typeof authenticated>) {
  const isMapped = realm !== undefined && !realmsWithRoles.includes(realm.type)
  return type === 'api_key' || roles.length === 0 ? null : { name: username, roles, isMapped }
}

const roleMappings = z.record(
  z.string(),
  z.object({
    roles: z._default(z.array(z.string()), []),
    role_templates: z._default(z.array(z.unknown()), []),
    rules: z._default(json, {}),
    enabled: z._default(z.boolean(), true),
    metadata: z._default(json, {}),
  }),
)

function toMappings(mappings: z.infer<typeof roleMappings>): ReadonlyMap<string, ObservedMapping> {
  return new Map(
    Object.entries(mappings).map(([name, { role_templates: templates, ...mapping }]) => [
      name,
      { ...mapping, templates },
    ]),
  )
}

function toMapped(mappings: z.infer<typeof roleMappings>): readonly string[] | null {
  const all = Object.values(mappings)
  return all.some((one) => one.role_templates.length > 0) ? null : all.flatMap(({ roles }) => roles)
}

/** The index that stores roles and users is created with the first of them, and answers 503 until its shard has started. */
async function onceAvailable(read: () => Promise<unknown>): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read()
    } catch (error) {
      const starts = error instanceof ToolError && error.faults[0]?.why?.includes('.security') === true
      if (!starts || attempt === 20) throw error
      await setTimeout(250)
    }
  }
}

function toRole({ cluster, indices, metadata, ...others }: z.infer<typeof role>): ObservedRole {
  const { transient_metadata: _, description: __, ...rest } = others
  return { cluster, indices, metadata, rest }
}

async function toUser(
  requests: Requests,
  name: string,
  { roles, enabled, metadata, full_name, email }: z.infer<typeof user>,
  password: string | null,
): Promise<ObservedUser> {
  const tried = password === null || !enabled ? null : (await signIn(requests, name, password)) !== null
  return {
    roles,
    enabled,
    metadata: metadata ?? {},
    fullName: full_name ?? null,
    email: email ?? null,
    passwordMatches: tried,
  }
}

const signedIn = z.object({ roles: z.array(z.string()) })

/** The roles of a user who logs in with this password; null where the login is refused. */
export async function signIn(requests: Requests, name: string, password: string): Promise<readonly string[] | null> {
  const answer = await requests.findAs({ name, password }, `sign in as ${name}`, '/_security/_authenticate')
  return answer === null ? null : z.parse(signedIn, answer).roles
}

/** Names of roles, mappings or users that begin with the prefix; none where the server has no security. */
export async function listAccess(
  requests: Requests,
  kind: 'role' | 'role_mapping' | 'user',
  prefix: string,
): Promise<readonly string[]> {
  const answer = await requests.find(`list ${kind}s`, pathOf('_security', kind))
  if (answer === null) return []
  return Object.keys(z.parse(json, answer)).filter((name) => name.startsWith(prefix))
}
