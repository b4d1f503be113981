import type { Config } from '../config/config.ts'
import type { Context } from '../core/context.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import type { FanOutServices } from './fan-out/services.ts'

/** What a person may say about migrations that run on shards. */
export interface FanOutWish {
  /** So many shards may fail before no further one is begun. Default 0. */
  readonly errorBudget?: number | undefined
  readonly failedOnly?: boolean | undefined
  /** False leaves out what is tried in a scratch schema. */
  readonly probe: boolean
}

/** Templates are read, and drivers opened, when a migration that runs on shards first asks for them. */
export function fanOutServices(
  context: Pick<Context, 'shardServers' | 'shardLedgers'>,
  config: Config,
  wish: FanOutWish,
): FanOutServices {
  let families: Promise<readonly ShardFamily[]> | undefined
  const read = async (): Promise<readonly ShardFamily[]> =>
    (await import('./templates/read-families.ts')).readFamilies(config)
  return {
    families: () => {
      families ??= read()
      return families
    },
    stores: context.shardServers,
    ledgers: context.shardLedgers,
    errorBudget: wish.errorBudget ?? 0,
    failedOnly: wish.failedOnly ?? false,
    prove: wish.probe,
  }
}
