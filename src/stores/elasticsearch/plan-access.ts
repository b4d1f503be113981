import type { InBoth } from '../../core/in-both.ts'
import { normalText } from '../entries.ts'
import { type Addition, findAdditions, judgeAdditions } from '../find-additions.ts'
import { type SaidFinding, toNotComparedFinding, type Undeclared } from '../find-drift.ts'
import type { StoreDifference, StoreResource } from '../store-plan.ts'
import type { ObservedAccess, ObservedRole, ObservedUser } from './access-ports.ts'
import type { ElasticsearchChange } from './apply.ts'
import { type DesiredAccess, signature } from './bodies.ts'
import type { Declaration, JsonObject, RoleDeclaration, UserDeclaration } from './declaration.ts'
import { isSealed, sealOf } from './mark.ts'

/** A role or user with the change that brings it to its declaration; null when it is as declared. */
export interface AccessPlan {
  readonly resource: StoreResource
  readonly change: ElasticsearchChange | null
}

/** Roles before the users who have them. Where the server has no security, and for users without a password here, nothing is planned. */
export function planAccess({ roles, users, prefix }: DesiredAccess, access: ObservedAccess): readonly AccessPlan[] {
  if (access === null || access.type === 'off') return []
  return [
    ...roles.map((role) => ({
      resource: { kind: 'role', name: role.name },
      change: planRole(role, access.roles.get(role.name), prefix),
    })),
    ...users
      .filter(({ password }) => password !== '')
      .map((user) => ({
        resource: { kind: 'user', name: user.name },
        change: planUser(user, access.users.get(user.name), prefix),
      })),
  ]
}

function planRole(
  role: RoleDeclaration,
  observed: ObservedRole | undefined,
  prefix: string,
): ElasticsearchChange | null {
  const { name, description, cluster, indices } = role
  const differences = observed === undefined ? [] : roleDifferences(role, observed)
  if (observed !== undefined && differences.length === 0) return null
  const summary = observed === undefined ? `create role ${name}` : `change the privileges of role ${name}`
  const action = observed === undefined ? 'create' : 'update'
  const seal = sealOf('role', name, roleContent(role))
  const body = {
    cluster,
    indices,
    metadata: metadataOf(observed?.metadata, description, { ...signature(prefix), ...seal }),
  }
  const loss = observed === undefined ? null : judgeAdditions(additionsToRole(role, observed), 'removed-access')
  const change = { resource: { kind: 'role', name }, action, summary, differences, loss } as const
  return { change, operation: { write: { type: 'put-role', name, body }, affected: [] } }
}

function additionsToRole(role: RoleDeclaration, observed: ObservedRole): readonly Addition[] {
  const isAsMade = isSealed('role', role.name, roleContent(observed), observed.metadata)
  const rest = Object.fromEntries(Object.entries(observed.rest).filter(([, value]) => !isEmpty(value)))
  if (isAsMade && isEmpty(rest)) return []
  const list = (entries: readonly JsonObject[]): JsonObject =>
    Object.fromEntries([...mergePrivileges(entries)].map(([place, privileges]) => [place, privileges.split(', ')]))
  return findAdditions(
    { cluster: role.cluster, privileges: list(role.indices.map((entry) => ({ ...entry }))) },
    { cluster: observed.cluster, privileges: list(observed.indices), ...rest },
  )
}

/** Metadata written by others stays. */
function metadataOf(before: JsonObject | undefined, description: string | null, mark: JsonObject): JsonObject {
  const { description: _, ...kept } = before ?? {}
  return { ...kept, ...mark, ...(description === null ? {} : { description }) }
}

/** What the mark of a role is about; the same for one that is declared and one that the server has. */
export function roleContent({
  cluster,
  indices,
}: Pick<ObservedRole, 'cluster'> & { readonly indices: readonly object[] }): JsonObject {
  const privileges = mergePrivileges(indices.map((entry) => ({ ...entry })))
  return { cluster: sayList(cluster), privileges: Object.fromEntries(privileges) }
}

export function userContent({ roles, enabled }: Pick<ObservedUser, 'roles' | 'enabled'>): JsonObject {
  return { roles: sayList(roles), enabled }
}

function roleDifferences(role: RoleDeclaration, observed: ObservedRole): readonly StoreDifference[] {
  const declared = mergePrivileges(role.indices.map(({ names, privileges }) => ({ names, privileges })))
  const actual = mergePrivileges(observed.indices)
  const places = [...new Set([...declared.keys(), ...actual.keys()])]
  const others = Object.entries(observed.rest).filter(([, value]) => !isEmpty(value))
  return [
    ...differenceOf('cluster', sayList(observed.cluster), sayList(role.cluster)),
    ...places.flatMap((place) =>
      differenceOf(`privileges on ${place}`, actual.get(place) ?? null, declared.get(place) ?? null),
    ),
    ...others.map(([path, value]) => ({ path, actual: normalText(value), declared: null })),
    ...descriptionDifference(observed.metadata, role.description),
  ]
}

/** By name or pattern, because several entries may name one; restrictions make an entry a different one. */
function mergePrivileges(entries: readonly JsonObject[]): ReadonlyMap<string, string> {
  const merged = new Map<string, Set<string>>()
  for (const { names, privileges, allow_restricted_indices: restricted, ...limits } of entries) {
    const more = { ...limits, ...(restricted === true ? { allow_restricted_indices: true } : {}) }
    const limited = Object.keys(more).length === 0 ? '' : ` with ${normalText(more)}`
    for (const name of names as readonly string[]) {
      const place = `${name}${limited}`
      merged.set(place, new Set([...(merged.get(place) ?? []), ...(privileges as readonly string[])]))
    }
  }
  return new Map([...merged].map(([place, privileges]) => [place, [...privileges].toSorted().join(', ')]))
}

export function isEmpty(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0
}

function sayList(names: readonly string[]): string | null {
  return names.length === 0 ? null : [...new Set(names)].toSorted().join(', ')
}

function differenceOf(path: string, actual: string | null, declared: string | null): readonly StoreDifference[] {
  return actual === declared ? [] : [{ path, actual, declared }]
}

function descriptionDifference(metadata: JsonObject, declared: string | null): readonly StoreDifference[] {
  const { description } = metadata
  return differenceOf('description', typeof description === 'string' ? description : null, declared)
}

function planUser(
  user: UserDeclaration,
  observed: ObservedUser | undefined,
  prefix: string,
): ElasticsearchChange | null {
  const { name, roles, enabled, description } = user
  const differences = observed === undefined ? [] : userDifferences(user, observed)
  if (observed !== undefined && differences.length === 0) return null
  const what = differences.map(({ path }) => path).join(' and ')
  const summary = observed === undefined ? `create user ${name}` : `set the ${what} of user ${name}`
  const action = observed === undefined ? 'create' : 'update'
  // A disabled user could not be tried: the password is set together with enabling it.
  const withPassword = observed === undefined || observed.passwordMatches === false || (enabled && !observed.enabled)
  const seal = sealOf('user', name, userContent(user))
  const body = {
    roles,
    enabled,
    full_name: observed?.fullName ?? null,
    email: observed?.email ?? null,
    metadata: metadataOf(observed?.metadata, description, { ...signature(prefix), ...seal }),
  }
  const write = { type: 'put-user', name, body, password: withPassword ? user.password : null } as const
  const isOurs = observed === undefined || isSealed('user', name, userContent(observed), observed.metadata)
  const loss = isOurs ? null : judgeAdditions(findAdditions({ roles }, { roles: observed.roles }), 'removed-access')
  const change = { resource: { kind: 'user', name }, action, summary, differences, loss } as const
  return { change, operation: { write, affected: [] } }
}

function userDifferences(user: UserDeclaration, observed: ObservedUser): readonly StoreDifference[] {
  const password = { path: 'password', actual: 'another', declared: 'as declared' }
  return [
    ...(observed.passwordMatches === false ? [password] : []),
    ...differenceOf('roles', sayList(observed.roles), sayList(user.roles)),
    ...differenceOf('enabled', String(observed.enabled), String(user.enabled)),
    ...descriptionDifference(observed.metadata, user.description),
  ]
}

/** How to enable security, where roles or users are declared and the server has it disabled. */
const switchOn: InBoth = {
  en: 'Set `xpack.security.enabled: true` in `elasticsearch.yml` of every node, restart them, and give `stores.elasticsearch` a user with `manage_security`.',
  zh: '请在每个节点的 `elasticsearch.yml` 中设置 `xpack.security.enabled: true`，重启节点，并为 `stores.elasticsearch` 配置一个有 `manage_security` 的用户。',
}

/** What a person should know of roles and users besides the changes. */
export function noteAccess({ users }: Pick<Declaration, 'users'>, access: ObservedAccess): readonly string[] {
  if (access === null) return []
  if (access.type === 'off')
    return [`Roles and users were not changed: security is disabled on this server. ${switchOn.en}`]
  const names = users.filter(({ password }) => password === '').map(({ name }) => name)
  return names.length === 0
    ? []
    : [`Not changed, because no password is configured for them: \`${names.join('`, `')}\`.`]
}

/** Roles and users that are declared and could not be compared. */
export function findNotCompared(
  { roles, users, mappings }: Pick<Declaration, 'roles' | 'users' | 'mappings'>,
  access: ObservedAccess,
  server: string,
): readonly SaidFinding[] {
  if (access === null) return []
  const place = { store: 'elasticsearch', server } as const
  if (access.type === 'off') {
    const why = {
      en: 'Security is disabled on this server: any client can do anything.',
      zh: '该服务器没有启用安全功能：任何客户端都可以执行任何操作。',
    }
    const off = { why, next: switchOn }
    return [
      ...roles.map(({ name }) => toNotComparedFinding(place, { kind: 'role', name }, off)),
      ...users.map(({ name }) => toNotComparedFinding(place, { kind: 'user', name }, off)),
      ...mappings.map(({ name }) => toNotComparedFinding(place, { kind: 'role mapping', name }, off)),
    ]
  }
  const why = { en: 'No password is configured for it here.', zh: '此处没有为它配置密码。' }
  const next = {
    en: 'Set the variable of its password, and run the command again.',
    zh: '请设置其密码的变量，然后再次执行该命令。',
  }
  return users
    .filter(({ password }) => password === '')
    .map(({ name }) => toNotComparedFinding(place, { kind: 'user', name }, { why, next }))
}

interface Search {
  readonly declaration: Declaration
  readonly prefix: string
  /** The user that logs in must exist. */
  readonly self: string | null
}

/**
 * Roles and users that no file declares. One with all rights is an error, because it would stay unnoticed; without the prefix only these are named.
 */
export function findUndeclaredAccess(
  { declaration, prefix, self }: Search,
  access: ObservedAccess,
): readonly Undeclared[] {
  if (access === null || access.type === 'off') return []
  const roles = [...access.roles.keys()]
    .filter((name) => name.startsWith(prefix) && !declaration.roles.some((one) => one.name === name))
    .map((name) => ({
      resource: { kind: 'role', name },
      detail: null,
      severity: 'warning' as const,
      next: {
        en: `Declare it under "roles", or remove it with \`DELETE /_security/role/${name}\` when it is unused.`,
        zh: `请在 "roles" 下声明它；若已不使用，请用 \`DELETE /_security/role/${name}\` 删除它。`,
      },
    }))
  const users = [...access.users].flatMap(([name, { roles: held, enabled }]): readonly Undeclared[] => {
    if (name === self || declaration.users.some((one) => one.name === name)) return []
    const own = name.startsWith(prefix)
    const mighty = enabled && held.some((role) => isMighty(role, access.roles.get(role)))
    if (!own && !mighty) return []
    return [
      {
        resource: { kind: 'user', name },
        detail: { en: `its roles: ${sayList(held) ?? 'none'}`, zh: `其角色：${sayList(held) ?? '无'}` },
        severity: own && mighty ? 'error' : 'warning',
        next: {
          en: `Declare it under "users" (with an empty password it is not changed), or remove it with \`DELETE /_security/user/${name}\`.`,
          zh: `请在 "users" 下声明它（密码为空则不改动它），或用 \`DELETE /_security/user/${name}\` 删除它。`,
        },
      },
    ]
  })
  return [...roles, ...users]
}

const mightyPrivileges: ReadonlySet<string> = new Set(['all', 'manage_security'])

function isMighty(name: string, role: ObservedRole | undefined): boolean {
  return name === 'superuser' || (role?.cluster.some((privilege) => mightyPrivileges.has(privilege)) ?? false)
}
