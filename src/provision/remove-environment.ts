import type { Config } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import type { EnvironmentRecord, ProvisionRegistry, ProvisionServers } from './ports.ts'
import { environmentOfSnapshot } from './provision.ts'
import { onEachServer } from './variables.ts'

/** Removes from stores what carries a test environment's prefix. */
export type RemoveStores = (record: Pick<EnvironmentRecord, 'prefix' | 'stores'>) => Promise<void>

/** What dropping test environments needs. */
export interface Removal {
  readonly config: Config
  readonly servers: ProvisionServers
  readonly registry: ProvisionRegistry
  readonly removeStores: RemoveStores
}

/**
 * Drops a registered test environment with its snapshots, and deletes its row last: after an interruption the rest is still known. The caller holds its
 * name. A row that names a schema without the test environment's prefix was not written by wwdb: nothing of it is dropped.
 */
export async function dropEnvironment(removal: Removal, record: EnvironmentRecord): Promise<void> {
  const { registry, servers, config } = removal
  const strange = record.schemas.filter(({ schema }) => !schema.startsWith(record.prefix))
  if (strange.length > 0 || !/^wwdb_[a-z0-9_]+_$/.test(record.prefix)) throw isStrange(record, strange[0]?.schema)
  await registry.setState(record.name, 'removing')
  if (record.kind === 'environment') await dropSnapshots(removal, record.name)
  await onEachServer(servers, config, record.schemas, (stage, own) => stage.drop(own))
  await removal.removeStores(record)
  await registry.forget(record.name)
}

async function dropSnapshots(removal: Removal, environment: string): Promise<void> {
  const { registry, config } = removal
  const { records } = await registry.read()
  for (const { name } of records.filter((one) => environmentOfSnapshot(one.name) === environment)) {
    // A run that takes it must not create a schema behind the drop.
    if (!(await registry.hold(name, config.timeouts.lock))) throw isBusy(name)
    try {
      const record = await registry.find(name)
      if (record !== null) await dropEnvironment(removal, record)
    } finally {
      await registry.release(name).catch(() => undefined)
    }
  }
}

function isStrange({ name, prefix }: EnvironmentRecord, schema: string | undefined): ToolError {
  return new ToolError('TEST_ENVIRONMENT_STRANGE', {
    what: `The test environment \`${name}\` cannot be dropped: its row in the registry was not written by wwdb.`,
    why:
      schema === undefined
        ? `Its prefix is "${prefix}".`
        : `It names the schema \`${schema}\`, without its prefix "${prefix}".`,
    next: 'Check wwdb_provision.sets and wwdb_provision.schemas, and correct the row.',
  })
}

/**
 * Drops the test environment of that name for its owner.
 * Throws ToolError `TEST_ENVIRONMENT_UNKNOWN`, `TEST_ENVIRONMENT_NOT_YOURS`, `TEST_ENVIRONMENT_BUSY` (75).
 */
export async function removeEnvironment(removal: Removal, name: string, owner: string): Promise<EnvironmentRecord> {
  const { registry } = removal
  const seen = await registry.find(name)
  if (seen === null || seen.kind !== 'environment') throw isUnknown(name)
  refuseForeign(seen, owner)
  if (!(await registry.hold(name, 0))) throw isBusy(name)
  try {
    const record = await registry.find(name)
    if (record === null) throw isUnknown(name)
    await dropEnvironment(removal, record)
    return record
  } finally {
    await registry.release(name).catch(() => undefined)
  }
}

/** A complete test environment. Throws ToolError `TEST_ENVIRONMENT_UNKNOWN`. */
export async function findEnvironment(registry: ProvisionRegistry, name: string): Promise<EnvironmentRecord> {
  const record = await registry.find(name)
  if (record !== null && record.kind === 'environment' && record.state === 'ready') return record
  throw new ToolError('TEST_ENVIRONMENT_UNKNOWN', {
    what: `There is no complete test environment \`${name}\`.`,
    next: '`wwdb provision list` lists the existing ones.',
  })
}

function isUnknown(name: string): ToolError {
  return new ToolError('TEST_ENVIRONMENT_UNKNOWN', {
    what: `The test environment \`${name}\` does not exist.`,
    why: 'Only test environments in the registry of the server can be dropped.',
    next: '`wwdb provision list` lists the existing ones.',
  })
}

/** Throws ToolError `TEST_ENVIRONMENT_NOT_YOURS`. */
export function refuseForeign({ name, owner }: EnvironmentRecord, asker: string, deed = 'drop'): void {
  if (owner === asker) return
  throw new ToolError('TEST_ENVIRONMENT_NOT_YOURS', {
    what: `The test environment \`${name}\` belongs to ${owner}, not to ${asker}.`,
    next: `To ${deed} it anyway, give \`--owner ${owner}\`.`,
  })
}

/** Another run is creating, using or dropping it. */
export function isBusy(name: string): ToolError {
  return new ToolError('TEST_ENVIRONMENT_BUSY', {
    what: `The test environment \`${name}\` is in use: another run creates, uses or drops it.`,
    next: '`wwdb provision list` shows it. Wait for that run to end, or choose another name.',
  })
}
