import { ToolError } from '../../core/tool-error.ts'
import type { Declared, Plan, PlannedChange, Purpose } from '../contract.ts'
import { toUndeclaredFinding, type Undeclared } from '../find-drift.ts'
import { isSameResource } from '../store-plan.ts'
import type { Operation } from './apply.ts'
import type { Declaration } from './declaration.ts'
import type { Observation } from './observe.ts'
import { findUncompared, undeclaredAlerts } from './plan-alerts.ts'
import { undeclaredLabels } from './plan-labels.ts'
import { contentOf, planResources } from './plan-resources.ts'
import { notHandedOut, rightsOf } from './plan-tokens.ts'
import type { ObservedContent, ObservedToken } from './ports.ts'

/**
 * Compares the declaration with the server.
 * @throws ToolError STORE_OWN_USER, to apply.
 */
export function plan(
  { declaration, server, options }: Declared<Declaration>,
  { version, state, old }: Observation,
  purpose: Purpose,
): Plan<Operation> {
  const content = contentOf(declaration, state)
  const planned = planResources(declaration, state, old, options?.prune)
  const removed = planned.changes
    .flatMap(({ operation }) => operation.writes)
    .flatMap((write) => (write.type === 'remove-task' ? [write.id] : []))
  const left = { ...content, tasks: content.tasks.filter(({ id }) => !removed.includes(id)) }
  const undeclared = findUndeclared(declaration, left)
  if (purpose === 'apply') keepOwnToken(planned.changes, content, server)
  const uncompared = findUncompared(declaration, content, server)
  return {
    version,
    changes: planned.changes,
    unchanged: planned.unchanged.filter((one) => !uncompared.some(({ resource }) => isSameResource(resource, one))),
    notes: [
      ...(state.type === 'fresh' ? ['This server is not set up yet: the run will set it up.'] : []),
      // To compare, the findings are shown themselves.
      ...(purpose === 'apply' ? uncompared.map(({ what, why }) => `${what} ${why ?? ''}`) : []),
    ],
    findings: [...undeclared.map((one) => toUndeclaredFinding({ store: 'influxdb', server }, one)), ...uncompared],
  }
}

/** A token whose rights change is issued again, and the old one is revoked. */
function keepOwnToken(changes: readonly PlannedChange<Operation>[], { tokens }: ObservedContent, server: string): void {
  const own = tokens.find(({ isOwn }) => isOwn)
  if (own === undefined) return
  const revoked = changes
    .flatMap(({ operation }) => operation.writes)
    .flatMap((write) => {
      if (write.type === 'issue-token') return write.token.replaces
      return write.type === 'revoke-token' ? [write.id] : []
    })
  if (!revoked.includes(own.id)) return
  throw new ToolError('STORE_OWN_USER', {
    what: `The token \`${own.description}\` would be revoked, but this run is connected with it.`,
    where: { server },
    why: 'The run could lock itself out: neither it nor the next one could undo the change.',
    next: 'Use another token for `wwdb setup`, or declare the rights that this one has.',
  })
}

/** What an organization has and no file declares, except the token of this run. It is left alone. */
function findUndeclared(declaration: Declaration, content: ObservedContent): readonly Undeclared[] {
  const buckets = new Set(declaration.buckets.map(({ name }) => name))
  const tasks = new Set([...declaration.downsamplings, ...declaration.tasks].map(({ name }) => name))
  const tokens = new Set(declaration.tokens.flatMap(({ name }) => [name, name + notHandedOut]))
  const mappings = new Set(declaration.mappings.map((one) => `${one.database}/${one.retentionPolicy}`))
  return [
    ...content.buckets
      .filter(({ name }) => !buckets.has(name))
      .map(({ name, id }) => known('bucket', name, 'buckets', `influx bucket delete --id ${id}`)),
    ...content.tasks
      .filter(({ name }) => !tasks.has(name))
      .map(({ name, id }) => known('task', name, 'tasks', `influx task delete --id ${id}`)),
    ...undeclaredAlerts(declaration, content),
    ...undeclaredLabels(declaration, content).map(({ id, name }) =>
      known('label', name, 'labels', `DELETE /api/v2/labels/${id}`),
    ),
    ...content.tokens
      .filter(({ description, isOwn }) => !tokens.has(description) && !isOwn)
      .map((token) => undeclaredToken(token, content)),
    ...content.mappings
      .map((mapping) => ({ ...mapping, name: `${mapping.database}/${mapping.retentionPolicy}` }))
      .filter(({ name, isVirtual }) => !isVirtual && !mappings.has(name))
      .map(({ name, id }) => known('DBRP mapping', name, 'mappings', `influx v1 dbrp delete --id ${id}`)),
  ]
}

function known(kind: string, name: string, place: string, removal: string): Undeclared {
  const next = {
    en: `Declare it under "${place}", or remove it with \`${removal}\`.`,
    zh: `请在 "${place}" 下声明它，或用 \`${removal}\` 删除它。`,
  }
  return { resource: { kind, name }, detail: null, severity: 'warning', next }
}

/** An error only where it has all rights, and the token of this run is known: otherwise it could be that one. */
function undeclaredToken(token: ObservedToken, content: ObservedContent): Undeclared {
  const { id, description, active } = token
  const all = maySetTokens(token)
  const held = rightsOf(token, content)
  const rights = all
    ? { en: 'it can do everything in the organization', zh: '它在该组织中可以执行任何操作' }
    : { en: `rights: ${held}`, zh: `权限：${held}` }
  const isOwnKnown = content.tokens.some(({ isOwn }) => isOwn)
  return {
    resource: { kind: 'token', name: description === '' ? id : `${description} (${id})` },
    detail: active ? rights : { en: `it is inactive; ${rights.en}`, zh: `它已停用；${rights.zh}` },
    severity: all && active && isOwnKnown ? 'error' : 'warning',
    next: {
      en: `Find out which program uses it; remove it with \`influx auth delete --id ${id}\`, or declare one with the required permissions under \`access\`.`,
      zh: `请查明哪个程序在使用它；用 \`influx auth delete --id ${id}\` 删除它，或在 \`access\` 下声明一个具备所需权限的令牌。`,
    },
  }
}

/** A token that can create tokens can give itself every right. */
function maySetTokens({ permissions }: ObservedToken): boolean {
  return permissions.some(({ action, kind, id }) => action === 'write' && kind === 'authorizations' && id === null)
}
