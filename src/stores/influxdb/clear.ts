import { ToolError } from '../../core/tool-error.ts'
import type { InfluxDeclaration } from './declaration.ts'
import type { ObservedContent } from './observation.ts'
import { notHandedOut } from './plan-tokens.ts'
import type { InfluxDeed, InfluxServer } from './ports.ts'

/**
 * Removes what carries the prefix in the organisation of that prefix, declared or not, and then the organisation, unless it
 * holds anything else. The files of its tokens go with them. Says what went.
 * @param declaration with the prefix.
 * @throws ToolError `STORE_PREFIX_MISSING`.
 */
export async function clearPrefixed(
  declaration: InfluxDeclaration,
  prefix: string,
  server: InfluxServer,
): Promise<readonly string[]> {
  if (prefix === '') {
    throw new ToolError('STORE_PREFIX_MISSING', {
      what: 'Nothing is removed from InfluxDB without a prefix.',
      where: { server: server.server },
      why: 'Without one, everything in the organisation would be meant.',
      next: 'Give the environment a prefix.',
    })
  }
  const observation = await server.observe(declaration)
  if (observation.type !== 'content') return []
  const files = new Map(declaration.tokens.map(({ name, file }) => [name, file]))
  const removals = planRemovals(observation.content, prefix, files)
  for (const { deed } of removals) await server.perform(deed)
  return removals.map(({ name }) => name)
}

interface Removal {
  readonly name: string
  readonly deed: InfluxDeed
}

function planRemovals(
  content: ObservedContent,
  prefix: string,
  files: ReadonlyMap<string, string>,
): readonly Removal[] {
  const { organization, buckets, tasks, tokens, mappings } = content
  const ours = (name: string): boolean => name.startsWith(prefix)
  const owned = {
    tasks: tasks.filter(({ name }) => ours(name)),
    mappings: mappings.filter(({ database, isVirtual }) => ours(database) && !isVirtual),
    tokens: tokens.filter(({ description }) => ours(description)),
    buckets: buckets.filter(({ name }) => ours(name)),
  }
  const byName = <One>(list: readonly One[], name: (one: One) => string): readonly One[] =>
    list.toSorted((one, other) => (name(one) < name(other) ? -1 : 1))
  const others = tasks.length + buckets.length - owned.tasks.length - owned.buckets.length
  const organizationId = organization.id
  return [
    ...owned.tasks.map(({ id, name }) => removal(`task ${name}`, { type: 'remove-task', id })),
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
      ? [removal(`organisation ${organization.name}`, { type: 'remove-organization', id: organization.id })]
      : []),
  ]
}

function removal(name: string, deed: InfluxDeed): Removal {
  return { name, deed }
}
