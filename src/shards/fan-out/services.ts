import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { Migration } from '../../core/migration.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { Step } from '../../migrations/plan.ts'
import type { OpenTarget } from '../../migrations/targets.ts'
import type { ShardServers, ShardStore } from '../ports.ts'
import type { ShardLedger, ShardLedgers } from './ports.ts'

/** What a run asks for when one of its migrations runs on shards; nothing of it is opened otherwise. */
export interface FanOutServices {
  /** All families of the project, siblings before those that refer to them. */
  readonly families: () => Promise<readonly ShardFamily[]>
  readonly stores: () => Promise<ShardServers>
  readonly ledgers: () => Promise<ShardLedgers>
  /** So many shards may fail before no further one is begun. */
  readonly errorBudget: number
  readonly failedOnly: boolean
  /** False leaves the proof out that the change makes the template's file. */
  readonly prove: boolean
}

/** A target's store and ledger, open together. */
export interface FanOutPlace {
  readonly store: ShardStore
  readonly ledger: ShardLedger
}

/**
 * Opens a target's store and ledger, and closes them whatever happens.
 * @param leader the connection that holds the target's lock; null for looking alone
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

/** True for a step that runs on shards; one that only writes the journal touches none. */
export function isFanOutStep({ type, migration }: Pick<Step, 'type' | 'migration'>): boolean {
  return migration.shards !== undefined && type !== 'record'
}

/** Migrations of a family that are not through, in the order in which they run. */
export function listPending(target: Pick<OpenTarget, 'migrations' | 'state'>, family: string): readonly Migration[] {
  return target.migrations.filter((migration) => {
    const state = target.state.states.get(migration.version)
    return migration.shards === family && (state === undefined || state.type === 'pending' || state.type === 'partial')
  })
}
