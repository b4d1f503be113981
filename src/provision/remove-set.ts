import type { Config } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import type { ProvisionRegistry, ProvisionServers, SetRecord } from './ports.ts'
import { onEachServer } from './variables.ts'

/** Removes from stores what carries a set's prefix. */
export type RemoveStores = (record: Pick<SetRecord, 'prefix' | 'stores'>) => Promise<void>

/** What dropping sets needs. */
export interface Removal {
  readonly config: Config
  readonly servers: ProvisionServers
  readonly registry: ProvisionRegistry
  readonly removeStores: RemoveStores
}

/**
 * Drops a set that is registered, and forgets it last: cut off anywhere, the rest is still known. The caller holds its name.
 * A row that names a schema without the set's prefix was not written by us: nothing of it is dropped.
 */
export async function dropSet(removal: Removal, record: SetRecord): Promise<void> {
  const { registry, servers, config } = removal
  const strange = record.schemas.filter(({ schema }) => !schema.startsWith(record.prefix))
  if (strange.length > 0 || !/^wwdb_[a-z0-9_]+_$/.test(record.prefix)) throw isStrange(record, strange[0]?.schema)
  await registry.setState(record.name, 'removing')
  await onEachServer(servers, config, record.schemas, (stage, own) => stage.drop(own))
  await removal.removeStores(record)
  await registry.forget(record.name)
}

function isStrange({ name, prefix }: SetRecord, schema: string | undefined): ToolError {
  return new ToolError('SET_STRANGE', {
    what: `The set "${name}" is not dropped: its row in the registry is not one that wwdb writes`,
    why:
      schema === undefined
        ? `its prefix is "${prefix}"`
        : `it names the schema '${schema}', without its prefix "${prefix}"`,
    next: 'Look at wwdb_provision.sets and wwdb_provision.schemas, and put the row right.',
  })
}

/**
 * Drops the set of that name for its owner.
 * Throws ToolError `SET_UNKNOWN`, `SET_NOT_YOURS`, `SET_BUSY` (75).
 */
export async function removeSet(removal: Removal, name: string, owner: string): Promise<SetRecord> {
  const { registry } = removal
  const seen = await registry.find(name)
  if (seen === null || seen.kind !== 'set') throw isUnknown(name)
  if (seen.owner !== owner) throw isForeign(seen, owner)
  if (!(await registry.hold(name, 0))) throw isBusy(name)
  try {
    const record = await registry.find(name)
    if (record === null) throw isUnknown(name)
    await dropSet(removal, record)
    return record
  } finally {
    await registry.release(name).catch(() => undefined)
  }
}

function isUnknown(name: string): ToolError {
  return new ToolError('SET_UNKNOWN', {
    what: `There is no set "${name}"`,
    why: 'only sets in the registry of the server are ever dropped',
    next: '`wwdb provision list` shows those that there are.',
  })
}

function isForeign({ name, owner }: SetRecord, asker: string): ToolError {
  return new ToolError('SET_NOT_YOURS', {
    what: `The set "${name}" belongs to ${owner}, not to ${asker}`,
    next: `Where it may go all the same, say so: --owner ${owner}.`,
  })
}

/** Another run makes, uses or drops it at this moment. */
export function isBusy(name: string): ToolError {
  return new ToolError('SET_BUSY', {
    what: `The set "${name}" is in use: another run makes, uses or drops it`,
    next: '`wwdb provision list` shows it. Wait for that run to end, or take another name.',
  })
}
