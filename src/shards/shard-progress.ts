import type { Config } from '../config/config.ts'
import type { Context } from '../core/context.ts'
import type { MigrationStatus } from '../migrations/journal/status.ts'
import type { OpenTarget } from '../migrations/targets.ts'
import { fanOutServices } from './fan-out-services.ts'

/** Adds to migrations that run on shards and stopped half way how many shards have them. Asks nothing where there are none. */
export async function addShardProgress(
  context: Context,
  config: Config,
  target: OpenTarget,
  migrations: readonly MigrationStatus[],
): Promise<readonly MigrationStatus[]> {
  const stopped = new Set(migrations.filter(({ state }) => state === 'partial').map(({ version }) => version))
  const onShards = target.all.filter((one) => one.shards !== undefined && stopped.has(one.version))
  if (onShards.length === 0) return migrations
  const { withFanOutPlace } = await import('./fan-out/services.ts')
  const { readProgress } = await import('./fan-out/read-progress.ts')
  const services = fanOutServices(context, config, { probe: false })
  return withFanOutPlace(services, target.database, config.timeouts, null, async (place) => {
    const progress = new Map(
      await Promise.all(onShards.map(async (one) => [one.version, await readProgress(place, one)] as const)),
    )
    return migrations.map((status) => {
      const shards = progress.get(status.version) ?? null
      return shards === null ? status : { ...status, shards }
    })
  })
}
