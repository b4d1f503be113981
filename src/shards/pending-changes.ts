import type { Config, DatabaseConfig } from '../config/config.ts'
import type { Context } from '../core/context.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import { readMigrations } from '../migrations/files/read-migrations.ts'
import { openTargets } from '../migrations/targets.ts'
import { checkPending } from './fan-out/check-pending.ts'
import { withFanOutPlace } from './fan-out/services.ts'
import { fanOutServices } from './fan-out-services.ts'
import type { RenderSurroundings } from './render-shard.ts'
import type { TemplateCheck } from './template-check.ts'

export interface PendingQuestion {
  readonly database: DatabaseConfig
  readonly families: readonly ShardFamily[]
  readonly surroundings: RenderSurroundings
}

/** Adds to the checks of a database's families whether their shards and the pending migrations make what the files say. */
export async function addPendingFaults(
  context: Context,
  config: Config,
  { database, families, surroundings }: PendingQuestion,
  checks: readonly TemplateCheck[],
): Promise<readonly TemplateCheck[]> {
  const databases = config.databases.map(({ name, migrations: directory }) => ({ name, directory }))
  const { migrations } = await readMigrations({ root: config.root, databases })
  const servers = await context.servers()
  const open = await openTargets({ config, databases: [database], migrations, servers, writable: false })
  try {
    const [target] = open.targets
    if (target === undefined) return checks
    const services = fanOutServices(context, config, { probe: true })
    return await withFanOutPlace(services, database, config.timeouts, null, async (place) => {
      const judged: TemplateCheck[] = []
      for (const check of checks) {
        const family = families.find((one) => one.name === check.family)
        const faults = family === undefined ? [] : await checkPending(place, target, family, surroundings)
        judged.push({ ...check, faults: [...check.faults, ...faults] })
      }
      return judged
    })
  } finally {
    await open.close()
  }
}
