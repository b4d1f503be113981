import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareSnapshots } from '../../../src/ddl/compare-snapshots.ts'
import type { SchemaSnapshot } from '../../../src/ddl/snapshot.ts'
import { writeChanges } from '../../../src/schema/write-changes.ts'
import { objectsBeside, randomSchema } from '../../helpers/schema/random-schema.ts'
import { schemaRuns, schemaTimeout } from '../../helpers/schema/runs.ts'
import {
  describeDifferences,
  openSnapshotFixture,
  type SnapshotFixture,
  statementsOf,
} from '../../helpers/schema/snapshots.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { isSoak } from '../../helpers/tool/seed.ts'

/** With the code beside them up to sixty objects, where there is time for it. */
const isWhole = isSoak || process.env['WWDB_SCHEMA_RUNS'] !== undefined
const [tables, pairTables] = isWhole ? [60 - objectsBeside, 12] : [5, 3]

describe.each(versionsInTurn(import.meta.url))('random schemas on MySQL %s', (version) => {
  let one: SnapshotFixture
  let other: SnapshotFixture
  const isNewer = version !== '8.0'
  /** How many objects the largest schema had: that they are many is a part of the proof. */
  let most = 0

  beforeAll(async () => {
    const server = await testServerOf(version)
    one = await openSnapshotFixture(server)
    other = await openSnapshotFixture(server)
  })

  afterAll(async () => {
    await one.close()
    await other.close()
  })

  async function make(fixture: SnapshotFixture, statements: readonly string[]): Promise<SchemaSnapshot> {
    await fixture.empty()
    await fixture.make(statements)
    return fixture.read()
  }

  test(
    'are made again by their SQL',
    async () => {
      await fc.assert(
        fc.asyncProperty(randomSchema(tables, isNewer), async ({ statements }) => {
          const snapshot = await make(one, statements)
          most = Math.max(most, snapshot.objects.length)
          expect(describeDifferences(snapshot, await make(other, statementsOf(snapshot)))).toEqual([])
        }),
        schemaRuns(8, 200),
      )
      console.error(`MySQL ${version}: at most ${most} objects in a schema`)
    },
    schemaTimeout,
  )

  test(
    'become one another by the changes between them, and back',
    async () => {
      await fc.assert(
        fc.asyncProperty(randomSchema(pairTables, isNewer), randomSchema(pairTables, isNewer), async (from, to) => {
          const [first, second] = [await make(one, from.statements), await make(other, to.statements)]
          const change = async (wanted: SchemaSnapshot): Promise<void> => {
            const found = await one.read()
            await one.make(
              writeChanges(wanted, found, compareSnapshots(wanted, found), { definers: false }).map(({ text }) => text),
            )
            expect(describeDifferences(wanted, await one.read())).toEqual([])
          }
          await change(second)
          await change(first)
        }),
        schemaRuns(8, 300),
      )
    },
    schemaTimeout,
  )
})
