import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeChanges } from '../../../src/schema/write-changes.ts'
import { compareSnapshots } from '../../../src/sql/compare-snapshots.ts'
import type { SchemaSnapshot } from '../../../src/sql/snapshot.ts'
import { randomSchema } from '../../helpers/schema/random-schema.ts'
import { schemaRuns, schemaTimeout } from '../../helpers/schema/runs.ts'
import {
  describeDifferences,
  openSnapshotFixture,
  type SnapshotFixture,
  statementsOf,
} from '../../helpers/schema/snapshots.ts'
import { testServerOf } from '../../helpers/servers.ts'

describe.each(['9.7', '8.0'] as const)('random schemas on MySQL %s', (version) => {
  let one: SnapshotFixture
  let other: SnapshotFixture

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
        fc.asyncProperty(randomSchema(5), async ({ statements }) => {
          const snapshot = await make(one, statements)
          expect(describeDifferences(snapshot, await make(other, statementsOf(snapshot)))).toEqual([])
        }),
        schemaRuns(8, 200),
      )
    },
    schemaTimeout,
  )

  test(
    'become one another by the changes between them, and back',
    async () => {
      await fc.assert(
        fc.asyncProperty(randomSchema(3), randomSchema(3), async (from, to) => {
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
