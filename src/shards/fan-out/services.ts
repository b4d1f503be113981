import type { Context } from '../../command/context.ts'
import type { Config, DatabaseConfig, Timeouts } from '../../config/config.ts'
import { closestName } from '../../core/closest-name.ts'
import { isCalled, type ShardFamily } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { Step } from '../../migrations/plan.ts'
import type { OpenTarget } from '../../migrations/targets.ts'
import { keepPartitions } from '../partitions/keeper.ts'
import { type ShardServers, type ShardStore, shardServers } from '../ports.ts'
import { type ShardLedger, type ShardLedgers, shardLedgers } from './ports.ts'

/** What a run needs when one of its migrations runs on shards; otherwise nothing of it is opened. */
export interface FanOutServices {
  /** All families of the project, siblings before those that reference them. */
  readonly families: () => Promise<readonly ShardFamily[]>
  readonly stores: () => Promise<ShardServers>
  readonly ledgers: () => Promise<ShardLedgers>
  /** The number of shards that may fail before no other one is started. */
  readonly errorBudget: number
  readonly failedOnly: boolean
  /** False skips the proof that the change leads to the template's file. */
  readonly prove: boolean
}

/** A target's store and ledger, open together. */
export interface FanOutPlace {
  readonly store: ShardStore
  readonly ledger: ShardLedger
}

/**
 * Opens a target's store and ledger, and closes them in any case.
 * @param leader the connection that holds the target's lock; null for reading only
 */
export async function withFanOutPlace<T>(
  services: FanOutServices,
  database: DatabaseConfig,
  timeouts: Timeouts,
  leader: number | null,
  work: (place: FanOutPlace) => Promise<T>,
): Promise<T> {
  const [stores, ledgers] = await Promise.all([services.stores(), services.ledgers()])
  const store = await stores.open(database, timeouts, leader !== null, leader ?? undefined)
  try {
    const ledger = await ledgers.open(database, timeouts, leader)
    try {
      return await work({ store, ledger })
    } finally {
      await ledger.close()
    }
  } finally {
    await store.close()
  }
}

/** True for a step that runs on shards; a step that only writes the journal does not touch them. */
export function isFanOutStep({ type, migration }: Pick<Step, 'type' | 'migration'>): boolean {
  return migration.shards !== undefined && type !== 'record'
}

/** Migrations of a family that are not complete, in the order in which they run. */
export function listPending(
  target: Pick<OpenTarget, 'migrations' | 'state'>,
  family: ShardFamily,
): readonly Migration[] {
  return target.migrations.filter(({ shards, version }) => {
    const state = target.state.states.get(version)
    const isOwn = shards !== undefined && isCalled(family, shards)
    return isOwn && (state === undefined || state.type === 'pending' || state.type === 'partial')
  })
}

/** Options for migrations that run on shards. */
export interface FanOutOptions {
  /** The number of shards that may fail before no other one is started. Default 0. */
  readonly errorBudget?: number | undefined
  readonly failedOnly?: boolean | undefined
  /** False skips what is tried in a scratch schema. */
  readonly probe: boolean
}

/** Templates are read, and drivers opened, when a migration that runs on shards first needs them. */
export function fanOutServices(context: Pick<Context, 'port'>, config: Config, options: FanOutOptions): FanOutServices {
  let families: Promise<readonly ShardFamily[]> | undefined
  const read = async (): Promise<readonly ShardFamily[]> =>
    (await import('../templates/read-families.ts')).readFamilies(config)
  return {
    families: () => {
      families ??= read()
      return families
    },
    stores: async () => {
      families ??= read()
      const known = await families
      return keepPartitions(await context.port(shardServers), () => known)
    },
    ledgers: () => context.port(shardLedgers),
    errorBudget: options.errorBudget ?? 0,
    failedOnly: options.failedOnly ?? false,
    prove: options.probe,
  }
}

/** The family that a migration runs on. Throws ToolError `UNKNOWN_FAMILY`. */
export function findFamily(families: readonly ShardFamily[], migration: Migration): ShardFamily {
  const own = families.filter((family) => family.database === migration.database)
  const found = own.find((family) => isCalled(family, migration.shards ?? ''))
  if (found !== undefined) return found
  const names = own.map((family) => family.name)
  const close = closestName(migration.shards ?? '', names)
  const known =
    names.length === 0
      ? `\`${migration.database}\` has no templates.`
      : `\`${migration.database}\` has \`${names.join('`, `')}\`.`
  throw new ToolError('UNKNOWN_FAMILY', {
    what: `The header \`wwdb:shards\` names \`${migration.shards}\`, which is not a shard family of \`${migration.database}\`.`,
    where: { file: migration.file, database: migration.database },
    next: close === null ? known : `Did you mean \`${close}\`? ${known}`,
  })
}
