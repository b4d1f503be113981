import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderSchema } from '../../../src/schema/render-sql.ts'
import { writeChanges } from '../../../src/schema/write-changes.ts'
import { compareSnapshots } from '../../../src/sql/compare-snapshots.ts'
import { fingerprintSchema } from '../../../src/sql/snapshot.ts'
import { newerSchema, richSchema } from '../../helpers/schema/rich-schema.ts'
import {
  describeDifferences,
  openSnapshotFixture,
  type SnapshotFixture,
  statementsOf,
} from '../../helpers/schema/snapshots.ts'
import { testServerOf } from '../../helpers/servers.ts'

describe.each(['9.7', '8.0'] as const)('a snapshot on MySQL %s', (version) => {
  let one: SnapshotFixture
  let other: SnapshotFixture
  const all = version === '8.0' ? richSchema : [...richSchema, ...newerSchema]

  beforeAll(async () => {
    const server = await testServerOf(version)
    one = await openSnapshotFixture(server)
    other = await openSnapshotFixture(server)
    await one.make(all)
  })

  afterAll(async () => {
    await one.close()
    await other.close()
  })

  test('is the same after its SQL has made the schema again', async () => {
    const snapshot = await one.read()
    await other.empty()
    await other.make(statementsOf(snapshot))
    expect(describeDifferences(snapshot, await other.read())).toEqual([])
    expect(fingerprintSchema(await other.read())).toBe(fingerprintSchema(snapshot))
    expect(renderSchema(await other.read(), { definers: false })).toBe(renderSchema(snapshot, { definers: false }))
  })

  test('is the same after every table was renamed there and back', async () => {
    const snapshot = await one.read()
    await one.make([
      'ALTER TABLE `order` RENAME TO `elsewhere`',
      'ALTER TABLE `elsewhere` RENAME TO `order`',
      'ALTER TABLE logs RENAME TO logs2',
      'ALTER TABLE logs2 RENAME TO logs',
    ])
    expect(describeDifferences(snapshot, await one.read())).toEqual([])
  })

  test('makes and removes everything by the changes from and to an empty schema', async () => {
    const snapshot = await one.read()
    await other.empty()
    const bare = await other.read()
    const changes = (from: typeof bare, to: typeof bare): readonly string[] =>
      writeChanges(to, from, compareSnapshots(to, from), { definers: false }).map(({ text }) => text)
    await other.make(changes(bare, snapshot))
    expect(describeDifferences(snapshot, await other.read())).toEqual([])
    await other.make(changes(snapshot, bare))
    expect(await other.read()).toEqual(bare)
  })
})

test('a snapshot is the same on MySQL 8.0.12 and 9.7', async () => {
  const fixtures = await Promise.all(
    (['8.0', '9.7'] as const).map(async (version) => openSnapshotFixture(await testServerOf(version))),
  )
  try {
    const snapshots = await Promise.all(
      fixtures.map(async (fixture) => {
        await fixture.make(richSchema)
        return fixture.read()
      }),
    )
    const [old, current] = snapshots
    if (old === undefined || current === undefined) throw new Error('two snapshots are needed')
    expect(describeDifferences(old, current)).toEqual([])
    expect(fingerprintSchema(old)).toBe(fingerprintSchema(current))
  } finally {
    for (const fixture of fixtures) await fixture.close()
  }
})
