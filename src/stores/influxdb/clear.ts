import type { StoreContext } from '../contract.ts'
import { alertKinds } from './alerts.ts'
import type { Declaration } from './declaration.ts'
import { alertsOf } from './plan-alerts.ts'
import { notHandedOut } from './plan-tokens.ts'
import type { InfluxDriver, ObservedContent, ServerWrite } from './ports.ts'

/**
 * Removes everything whose name begins with the prefix in the organization of that prefix, declared or not, and then the organization, unless it
 * has anything else. The files of its tokens are removed with them. Returns what was removed.
 */
export async function clear({
  declaration,
  driver,
  prefix,
}: StoreContext<Declaration, InfluxDriver>): Promise<readonly string[]> {
  const state = await driver.observe(declaration)
  if (state.type !== 'content') return []
  const files = new Map(declaration.tokens.map(({ name, file }) => [name, file]))
  const removals = planRemovals(state.content, prefix, files)
  for (const { write } of removals) await driver.write(write)
  return removals.map(({ name }) => name)
}

interface Removal {
  readonly name: string
  readonly write: ServerWrite
}

function planRemovals(
  content: ObservedContent,
  prefix: string,
  files: ReadonlyMap<string, string>,
): readonly Removal[] {
  const { organization, buckets, tasks, tokens, mappings } = content
  // A rule before its endpoint.
  const alerts = [...alertKinds].reverse().flatMap((kind) =>
    alertsOf(content, kind)
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ id, name }) => removal(`${kind} ${name}`, { type: 'remove-alert', kind, id })),
  )
  const ours = (name: string): boolean => name.startsWith(prefix)
  const owned = {
    tasks: tasks.filter(({ name }) => ours(name)),
    mappings: mappings.filter(({ database, isVirtual }) => ours(database) && !isVirtual),
    tokens: tokens.filter(({ description }) => ours(description)),
    buckets: buckets.filter(({ name }) => ours(name)),
  }
  const byName = <One>(list: readonly One[], name: (one: One) => string): readonly One[] =>
    list.toSorted((one, other) => (name(one) < name(other) ? -1 : 1))
  const alertCount = alertKinds.reduce((sum, kind) => sum + alertsOf(content, kind).length, 0)
  const others = tasks.length + buckets.length + alertCount - owned.tasks.length - owned.buckets.length - alerts.length
  const organizationId = organization.id
  return [
    ...owned.tasks.map(({ id, name }) => removal(`task ${name}`, { type: 'remove-task', id })),
    ...alerts,
    ...content.labels
      .filter(({ name }) => ours(name))
      .map(({ id, name }) => removal(`label ${name}`, { type: 'remove-label', id })),
    ...owned.mappings.map(({ id, database, retentionPolicy }) =>
      removal(`DBRP mapping ${database}/${retentionPolicy}`, { type: 'remove-mapping', organizationId, id }),
    ),
    ...byName(owned.tokens, ({ description }) => description).map(({ id, description }) =>
      removal(`token ${description.replace(notHandedOut, '')}`, {
        type: 'revoke-token',
        id,
        file: files.get(description) ?? null,
      }),
    ),
    ...byName(owned.buckets, ({ name }) => name).map(({ id, name }) =>
      removal(`bucket ${name}`, { type: 'remove-bucket', id }),
    ),
    ...(others === 0 && ours(organization.name)
      ? [removal(`organization ${organization.name}`, { type: 'remove-organization', id: organization.id })]
      : []),
  ]
}

function removal(name: string, write: ServerWrite): Removal {
  return { name, write }
}
