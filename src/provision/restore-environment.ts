import type { Config } from '../config/config.ts'
import { findSnapshot } from './named-snapshot.ts'
import type { EnvironmentRecord, ProvisionRegistry, ProvisionServers, ResetOutcome } from './ports.ts'
import { againWhereLost, closeAll, openResetters, type Resetters, resetAll } from './reset-environment.ts'

/** Takes a test environment back to its snapshots, each on connections that stay open, any number of times. */
export interface Restores {
  /** Throws ToolError `TEST_SNAPSHOT_NAME`, `TEST_SNAPSHOT_UNKNOWN`, `TEST_ENVIRONMENT_IN_USE`. */
  readonly restore: (snapshot: string) => Promise<ResetOutcome>
  readonly close: () => Promise<void>
}

export interface RestoreOptions {
  readonly config: Config
  readonly servers: ProvisionServers
  readonly environment: Pick<EnvironmentRecord, 'name' | 'prefix'>
  /** Reads the registry, on a connection that need not stay open. */
  readonly withRegistry: <T>(work: (registry: ProvisionRegistry) => Promise<T>) => Promise<T>
}

interface OpenSnapshot {
  readonly record: EnvironmentRecord
  readonly resetters: Resetters
}

/** Connections are opened by the first restore of each snapshot. */
export function openRestores(options: RestoreOptions): Restores {
  const opened = new Map<string, Promise<OpenSnapshot>>()
  const close = async (snapshot: string): Promise<void> => {
    const open = await opened.get(snapshot)?.catch(() => null)
    opened.delete(snapshot)
    await closeAll(open?.resetters ?? new Map())
  }
  const open = async (snapshot: string): Promise<OpenSnapshot> => {
    const opening = opened.get(snapshot) ?? openSnapshot(options, snapshot)
    opened.set(snapshot, opening)
    try {
      return await opening
    } catch (error) {
      // The next restore tries again.
      opened.delete(snapshot)
      throw error
    }
  }
  const restore = async (snapshot: string): Promise<ResetOutcome> => {
    const before = opened.get(snapshot)
    // Under the same name may be another one by now, or none: it was taken again, or went with its test environment.
    if (before !== undefined && !(await isStill(await before))) await close(snapshot)
    return resetAll((await open(snapshot)).resetters, async () => undefined)
  }
  return {
    restore: (snapshot) =>
      againWhereLost(
        () => restore(snapshot),
        () => close(snapshot),
      ),
    close: async () => {
      await Promise.all([...opened.keys()].map(close))
    },
  }
}

async function openSnapshot(options: RestoreOptions, snapshot: string): Promise<OpenSnapshot> {
  const { environment, withRegistry } = options
  const { record, recipe } = await withRegistry((registry) => findSnapshot(registry, environment.name, snapshot))
  const resetters = await openResetters(options, recipe, { from: record.prefix, to: environment.prefix })
  return { record, resetters }
}

async function isStill({ record, resetters }: OpenSnapshot): Promise<boolean> {
  return (await resetters.get('')?.findRegistered(record.name))?.createdAt === record.createdAt
}
