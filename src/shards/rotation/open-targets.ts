import type { DatabaseConfig } from '../../config/config.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { ShardStore } from '../ports.ts'
import type { RotationRequest } from './request.ts'

/** A target that rotation has to do with, open or not. */
export interface OpenedTarget {
  readonly database: DatabaseConfig
  /** Families asked for. */
  readonly families: readonly ShardFamily[]
  readonly store: ShardStore | null
  /** Why it is not open, or its lock not ours; null when all is well. */
  readonly error: unknown
}

/** Opens every database that has families asked for. One that cannot be opened keeps nobody else from work. */
export async function openShardTargets(request: RotationRequest, writable: boolean): Promise<readonly OpenedTarget[]> {
  const wanted = request.families.filter(({ name }) => request.only === null || request.only.has(name))
  const databases = request.config.databases.filter(({ name }) => wanted.some((family) => family.database === name))
  return Promise.all(
    databases.map(async (database) => {
      const families = wanted.filter((family) => family.database === database.name)
      try {
        const store = await request.servers.open(database, request.config.timeouts, writable)
        return { database, families, store, error: null }
      } catch (error) {
        return { database, families, store: null, error }
      }
    }),
  )
}

/** Takes the locks one after another, in one order for all runs, so that two runs never wait for each other in a ring. */
export async function lockShardTargets(
  request: RotationRequest,
  targets: readonly OpenedTarget[],
): Promise<readonly OpenedTarget[]> {
  const placeOf = ({ store }: OpenedTarget): string => `${store?.target.server}/${store?.target.schema}`
  const locked: OpenedTarget[] = []
  for (const opened of targets.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))) {
    locked.push(opened.store === null ? opened : await lockOne(request, opened, opened.store))
  }
  return targets.map((target) => locked.find(({ database }) => database === target.database) ?? target)
}

async function lockOne(request: RotationRequest, opened: OpenedTarget, store: ShardStore): Promise<OpenedTarget> {
  const { target } = store
  const started = performance.now()
  const demandGoingOn = (): void => {
    if (request.stop.requested)
      throw new ToolError('STOPPED', { what: 'Stopped before anything was done', next: 'Run again when it suits.' })
  }
  try {
    demandGoingOn()
    await store.lock(request.config.timeouts.lock, (holder, milliseconds) => {
      demandGoingOn()
      request.emit({ type: 'lock-waiting', target, holder, milliseconds })
    })
    request.emit({ type: 'lock-acquired', target, milliseconds: performance.now() - started })
    return opened
  } catch (error) {
    if (error instanceof ToolError && error.code === 'STOPPED') throw error
    return { ...opened, error }
  }
}

export async function closeShardTargets(targets: readonly OpenedTarget[], locked: boolean): Promise<void> {
  await Promise.allSettled(
    targets.map(async ({ store, error }) => {
      if (locked && error === null) await store?.unlock().catch(() => {})
      await store?.close()
    }),
  )
}
