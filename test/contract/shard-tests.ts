import { test } from 'vitest'
import { ToolError } from '../../src/core/tool-error.ts'
import type { ShardStore, TableToCreate } from '../../src/shards/ports.ts'
import { neverStopped } from '../helpers/migrations/engine.ts'
import type { ShardFixture } from './shard-fixture.ts'

export type MakeFixture = () => Promise<ShardFixture>

export const patience = 10_000
export const ignore = (): void => {}

export async function faultOf(work: Promise<unknown>): Promise<{ readonly code: string; readonly why: string }> {
  try {
    await work
    return { code: 'nothing', why: '' }
  } catch (error) {
    if (error instanceof ToolError) return { code: error.code, why: error.faults[0]?.why ?? '' }
    throw error
  }
}

export const codeOf = async (work: Promise<unknown>): Promise<string> => (await faultOf(work)).code

export const create = (store: ShardStore, ...tables: readonly TableToCreate[]) =>
  store.createTables(tables, 2, neverStopped, ignore)

/** All tables and views but the tool's own. */
export const namesOf = async (store: ShardStore): Promise<readonly string[]> =>
  (await store.listTables()).map(({ name }) => name).filter((name) => !name.startsWith('wwdb_'))

export const open = (fixture: ShardFixture, leader?: number): Promise<ShardStore> =>
  fixture.servers.open(fixture.database, fixture.timeouts, true, leader)

/** Makes tests of a store that holds the lock of a fresh schema with a registry. */
export function testsWithStore(
  makeFixture: MakeFixture,
): (name: string, work: (store: ShardStore, fixture: ShardFixture) => Promise<void>) => void {
  return (name, work) =>
    test(name, async () => {
      const fixture = await makeFixture()
      const store = await open(fixture)
      try {
        await store.lock(patience, ignore)
        await store.createRegistry()
        await work(store, fixture)
      } finally {
        await store.close()
        await fixture.close()
      }
    })
}
