import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ToolError } from '../../src/core/tool-error.ts'
import type { ShardStore, TableToCreate } from '../../src/shards/ports.ts'
import { neverStopped } from '../helpers/migrations/engine.ts'
import { makeMemoryFixture } from './memory-shard-fixture.ts'
import { makeMysqlFixture } from './mysql-shard-fixture.ts'
import { type ShardFixture, tableOf } from './shard-fixture.ts'

const ignore = (): void => {}
const names = ['a_1', 'a_2', 'b_1', 'b_2', 'view_1', 'view_2', 'held_1'] as const
const name = fc.constantFrom(...names)

type Step =
  | { readonly does: 'create'; readonly table: string; readonly parent: string | null }
  | { readonly does: 'rename'; readonly table: string; readonly to: string }
  | { readonly does: 'drop' | 'insert'; readonly table: string }
  | { readonly does: 'view'; readonly table: string; readonly of: readonly string[] }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant('create' as const), table: name, parent: fc.option(name) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('rename' as const), table: name, to: name }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constantFrom('drop' as const, 'insert' as const), table: name }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('view' as const),
      table: name,
      of: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
    }),
  },
)

/** A key without a name: the server gives it one that follows the table's. */
function toCreate(table: string, parent: string | null): TableToCreate {
  if (parent === null) return tableOf(table)
  const text =
    `CREATE TABLE IF NOT EXISTS \`${table}\` (\n  \`id\` bigint NOT NULL AUTO_INCREMENT,\n  \`text\` varchar(100) NOT NULL,\n` +
    `  \`parent\` bigint DEFAULT NULL,\n  PRIMARY KEY (\`id\`),\n  KEY \`idx_parent\` (\`parent\`),\n` +
    `  FOREIGN KEY (\`parent\`) REFERENCES \`${parent}\` (\`id\`)\n) ENGINE=InnoDB`
  return { table, text, after: [] }
}

async function take(store: ShardStore, fixture: ShardFixture, next: Step): Promise<string> {
  switch (next.does) {
    case 'create': {
      const outcomes = await store.createTables([toCreate(next.table, next.parent)], 1, neverStopped, ignore)
      return outcomes.map((outcome) => outcome.type).join()
    }
    case 'rename':
      return codeOf(store.rename(next.table, next.to))
    case 'drop':
      return codeOf(store.drop(next.table))
    case 'view':
      return codeOf(
        store.createView(next.table, next.of.map((table) => `SELECT \`id\` FROM \`${table}\``).join(' UNION ALL ')),
      )
    case 'insert':
      if (await isTable(store, next.table)) await fixture.insert(next.table, 'row')
      return 'nothing'
  }
}

async function isTable(store: ShardStore, name: string): Promise<boolean> {
  return (await store.listTables()).some((table) => table.name === name && table.type === 'table')
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'done'
  } catch (error) {
    if (error instanceof ToolError) return error.code
    throw error
  }
}

/** All that the engine can see. Fingerprints differ between servers; which tables share one does not. */
async function look(store: ShardStore, fixture: ShardFixture): Promise<unknown> {
  const tables = await store.listTables()
  const shapes = await store.readShapes(null, 'fingerprint')
  const prints = tables.map((table) => shapes.get(table.name)?.fingerprint ?? null)
  const views = tables.filter((table) => table.type === 'view')
  return {
    tables,
    alike: prints.map((print) => prints.indexOf(print)),
    rows: await Promise.all(
      tables.flatMap((table) => (table.type === 'table' ? [store.measure(table.name).then(({ rows }) => rows)] : [])),
    ),
    views: await Promise.all(views.map((view) => store.readViewTables(view.name))),
    whole: await Promise.all(views.map((view) => fixture.isWhole(view.name))),
  }
}

test.each(['9.7', '8.0'] as const)('the server in memory does what MySQL %s does, step by step', async (version) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const fixtures = [await makeMemoryFixture(), await makeMysqlFixture(version)] as const
      const open = (fixture: ShardFixture) => fixture.servers.open(fixture.database, fixture.timeouts, true)
      const stores = [await open(fixtures[0]), await open(fixtures[1])] as const
      try {
        for (const store of stores) await store.lock(10_000, ignore)
        for (const [at, next] of steps.entries()) {
          const answers = [await take(stores[0], fixtures[0], next), await take(stores[1], fixtures[1], next)]
          const told = `step ${at}, ${JSON.stringify(next)}`
          expect(answers[0], told).toEqual(answers[1])
          expect(await look(stores[0], fixtures[0]), told).toEqual(await look(stores[1], fixtures[1]))
        }
      } finally {
        for (const store of stores) await store.close()
        for (const fixture of fixtures) await fixture.close()
      }
    }),
    { numRuns: 15 },
  )
})
