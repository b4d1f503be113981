import type { Context } from '../../command/context.ts'
import type { Config, DatabaseConfig } from '../../config/config.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { migrationFolders } from '../../migrations/files/folder.ts'
import { readMigrations } from '../../migrations/files/read-migrations.ts'
import { targetServers } from '../../migrations/ports.ts'
import { type OpenTarget, openTargets } from '../../migrations/targets.ts'
import type { TemplateCheck } from '../answers.ts'
import type { RenderContext } from '../render-shard.ts'
import { proveChange } from './prove-change.ts'
import { type FanOutPlace, fanOutServices, listPending, withFanOutPlace } from './services.ts'
import { decideVersion } from './template-version.ts'

/**
 * Whether a family's file, its existing shards and the pending migrations agree: tried in a scratch schema, as a run
 * would before it begins. Returns the faults; nothing where no shard was ever created.
 */
async function checkPending(
  place: FanOutPlace,
  target: OpenTarget,
  family: ShardFamily,
  rendering: RenderContext,
): Promise<readonly Fault[]> {
  const registry = await place.store.readRegistry()
  const record = registry.families.find((one) => one.family === family.name)
  if (record === undefined) return []
  const proof = { ...rendering, ledger: place.ledger, family, before: record }
  const { text: template, checksum } = family.template
  const pending = listPending(target, family)
  const [first] = pending
  try {
    if (first === undefined) {
      if (record.checksum === checksum) return []
      await proveChange({ ...proof, after: { template, version: record.version }, steps: [] })
      return []
    }
    const all = await place.ledger.readChanges()
    const changes = all.filter((change) => change.family === family.name)
    const file = { template, checksum }
    const { begin } = decideVersion({ migration: first, direction: 'up', record, changes, file, pending })
    if (begin !== null) await proveChange({ ...proof, after: begin.family, steps: begin.proof })
    return []
  } catch (error) {
    if (error instanceof ToolError && /^TEMPLATE_/.test(error.code)) return error.faults
    throw error
  }
}

interface PendingQuestion {
  readonly database: DatabaseConfig
  readonly families: readonly ShardFamily[]
  readonly rendering: RenderContext
}

/** Adds to the checks of a database's families whether their shards and the pending migrations together match the files. */
export async function addPendingFaults(
  context: Context,
  config: Config,
  { database, families, rendering }: PendingQuestion,
  checks: readonly TemplateCheck[],
): Promise<readonly TemplateCheck[]> {
  // No migration changes all shards of a family in a keyspace.
  if (database.vitess !== undefined) return checks
  const databases = migrationFolders(config)
  const { migrations } = await readMigrations({ root: config.root, databases })
  const servers = await context.port(targetServers)
  const open = await openTargets({ config, databases: [database], migrations, servers, writable: false })
  try {
    const [target] = open.targets
    if (target === undefined) return checks
    const services = fanOutServices(context, config, { probe: true })
    return await withFanOutPlace(services, database, config.timeouts, null, async (place) => {
      const judged: TemplateCheck[] = []
      for (const check of checks) {
        const family = families.find((one) => one.name === check.family)
        const faults = family === undefined ? [] : await checkPending(place, target, family, rendering)
        judged.push({ ...check, faults: [...check.faults, ...faults] })
      }
      return judged
    })
  } finally {
    await open.close()
  }
}
