import { normalText } from '../entries.ts'
import { type Addition, findAdditions, judgeAdditions } from '../find-additions.ts'
import type { Undeclared } from '../find-drift.ts'
import type { StoreDifference } from '../store-plan.ts'
import type { ObservedAccess, ObservedMapping } from './access-ports.ts'
import type { ElasticsearchChange } from './apply.ts'
import { signature } from './bodies.ts'
import { isObject } from './compare-trees.ts'
import type { JsonObject, RoleMappingDeclaration } from './declaration.ts'
import { isSealed, sealOf } from './mark.ts'
import type { AccessPlan } from './plan-access.ts'

/** Mappings come after the roles that they give. */
export function planMappings(
  mappings: readonly RoleMappingDeclaration[],
  access: ObservedAccess,
  prefix: string,
): readonly AccessPlan[] {
  if (access?.type !== 'on') return []
  return mappings.map((mapping) => ({
    resource: { kind: 'role mapping', name: mapping.name },
    change: planMapping(mapping, access.mappings.get(mapping.name), prefix),
  }))
}

function planMapping(
  mapping: RoleMappingDeclaration,
  observed: ObservedMapping | undefined,
  prefix: string,
): ElasticsearchChange | null {
  const { name, description, roles, rules, enabled } = mapping
  const differences = observed === undefined ? [] : compare(mapping, observed)
  if (observed !== undefined && differences.length === 0) return null
  const { description: _, ...kept } = observed?.metadata ?? {}
  const mark = { ...signature(prefix), ...sealOf('role mapping', name, mappingContent(mapping)) }
  const metadata = { ...kept, ...mark, ...(description === null ? {} : { description }) }
  const paths = differences.map(({ path }) => path).join(' and ')
  const summary = observed === undefined ? `create role mapping ${name}` : `set the ${paths} of role mapping ${name}`
  const action = observed === undefined ? 'create' : 'update'
  const loss = observed === undefined ? null : judgeAdditions(additionsTo(mapping, observed), 'removed-access')
  const change = { resource: { kind: 'role mapping', name }, action, summary, differences, loss } as const
  const write = { type: 'put-role-mapping', name, body: { roles, rules, enabled, metadata } } as const
  return { change, operation: { write, affected: [] } }
}

function additionsTo({ name, roles, rules }: RoleMappingDeclaration, observed: ObservedMapping): readonly Addition[] {
  if (observed.templates.length === 0 && isSealed('role mapping', name, mappingContent(observed), observed.metadata))
    return []
  return findAdditions(
    { roles, rules: normalRules(rules), role_templates: [] },
    { roles: observed.roles, rules: normalRules(observed.rules), role_templates: observed.templates },
  )
}

/** What the mark of a mapping is about; the same for one that is declared and one that the server has. */
export function mappingContent({
  roles,
  rules,
  enabled,
}: Pick<ObservedMapping, 'roles' | 'rules' | 'enabled'>): JsonObject {
  return { roles: roles.toSorted(), rules: normalText(normalRules(rules)), enabled }
}

function compare(declared: RoleMappingDeclaration, observed: ObservedMapping): readonly StoreDifference[] {
  const { description } = observed.metadata
  const said = typeof description === 'string' ? description : null
  const differences = [
    { path: 'roles', actual: sayList(observed.roles), declared: sayList(declared.roles) },
    {
      path: 'rules',
      actual: normalText(normalRules(observed.rules)),
      declared: normalText(normalRules(declared.rules)),
    },
    { path: 'enabled', actual: String(observed.enabled), declared: String(declared.enabled) },
    {
      path: 'role_templates',
      actual: observed.templates.length === 0 ? null : normalText(observed.templates),
      declared: null,
    },
    { path: 'description', actual: said, declared: declared.description },
  ]
  return differences.filter((one) => one.actual !== one.declared)
}

function sayList(names: readonly string[]): string {
  return names.toSorted().join(', ')
}

/** The server returns a list of one value as that value. */
function normalRules(rules: unknown): unknown {
  if (Array.isArray(rules)) return rules.map(normalRules)
  if (!isObject(rules)) return rules
  return Object.fromEntries(
    Object.entries(rules).map(([key, part]) => [
      key,
      key === 'field' && isObject(part)
        ? Object.fromEntries(Object.entries(part).map(([field, value]) => [field, single(value)]))
        : normalRules(part),
    ]),
  )
}

function single(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value
}

/** Whether the user of the run may have its roles by this mapping. */
export function givesOwnRole(mapping: string, access: ObservedAccess): boolean {
  if (access?.type !== 'on' || access.own === null || !access.own.isMapped) return false
  const { roles = [], templates = [] } = access.mappings.get(mapping) ?? {}
  return templates.length > 0 || access.own.roles.some((role) => roles.includes(role))
}

/** Mappings under the prefix that no file declares. */
export function findUndeclaredMappings(
  declared: readonly RoleMappingDeclaration[],
  access: ObservedAccess,
  prefix: string,
): readonly Undeclared[] {
  if (access?.type !== 'on') return []
  return [...access.mappings]
    .filter(([name]) => name.startsWith(prefix) && !declared.some((one) => one.name === name))
    .map(([name, { roles }]) => ({
      resource: { kind: 'role mapping', name },
      detail: { en: `its roles: ${sayList(roles)}`, zh: `其角色：${sayList(roles)}` },
      severity: 'warning',
      next: {
        en: `Declare it under \`role_mappings\`, or remove it with \`DELETE /_security/role_mapping/${name}\` when it is unused.`,
        zh: `请在 \`role_mappings\` 下声明它；若已不使用，请用 \`DELETE /_security/role_mapping/${name}\` 删除它。`,
      },
    }))
}
