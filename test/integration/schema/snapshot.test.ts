import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareSnapshots } from '../../../src/ddl/compare-snapshots.ts'
import { fingerprintSchema } from '../../../src/ddl/snapshot.ts'
import { renderSchema } from '../../../src/schema/render-sql.ts'
import { writeChanges } from '../../../src/schema/write-changes.ts'
import { newerSchema, richSchema } from '../../helpers/schema/rich-schema.ts'
import {
  describeDifferences,
  openSnapshotFixture,
  type SnapshotFixture,
  statementsOf,
} from '../../helpers/schema/snapshots.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'

describe.each(versionsInTurn(import.meta.url))('a snapshot on MySQL %s', (version) => {
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

  test('names tablespaces as they are called, and moves tables between them', async () => {
    const space = `\`${one.schema.name} ts\``
    await other.make([`CREATE TABLESPACE ${space} ADD DATAFILE '${one.schema.name}.ibd' ENGINE=InnoDB`])
    const tables = (tablespace: string): readonly string[] => [
      `CREATE TABLE moved (id INT PRIMARY KEY)${tablespace}`,
      `CREATE TABLE own (id INT PRIMARY KEY) TABLESPACE = innodb_file_per_table COMMENT='x'`,
      `CREATE TABLE united (id INT) ENGINE=MERGE UNION=(m1,m2) INSERT_METHOD=LAST COMMENT='y'`,
    ]
    const merged = ['m1', 'm2'].map((name) => `CREATE TABLE ${name} (id INT) ENGINE=MyISAM`)
    const read = async (tablespace: string) => {
      await other.empty()
      await other.make([...merged, ...tables(tablespace)])
      return other.read()
    }
    const [inside, outside] = [await read(` TABLESPACE ${space}`), await read('')]
    const [moved] = inside.objects.filter(({ name }) => name === 'moved')
    expect(moved).toMatchObject({ options: { TABLESPACE: space, ENGINE: 'InnoDB' } })
    for (const wanted of [inside, outside]) {
      const found = await other.read()
      await other.make(
        writeChanges(wanted, found, compareSnapshots(wanted, found), { definers: false }).map(({ text }) => text),
      )
      expect(describeDifferences(wanted, await other.read())).toEqual([])
      await other.empty()
      await other.make(statementsOf(wanted))
      expect(describeDifferences(wanted, await other.read())).toEqual([])
    }
    await other.empty()
    await other.make([`DROP TABLESPACE ${space}`])
  })

  test('has ON DELETE RESTRICT and ON UPDATE RESTRICT, also where the server leaves them out', async () => {
    await other.empty()
    await other.make([
      'CREATE TABLE p (id INT PRIMARY KEY)',
      'CREATE TABLE c (a INT, b INT, c INT, d INT, CONSTRAINT f1 FOREIGN KEY (a) REFERENCES p (id) ON DELETE RESTRICT, CONSTRAINT f2 FOREIGN KEY (b) REFERENCES p (id) ON DELETE RESTRICT ON UPDATE CASCADE, CONSTRAINT f3 FOREIGN KEY (c) REFERENCES p (id) ON DELETE CASCADE ON UPDATE RESTRICT, CONSTRAINT f4 FOREIGN KEY (d) REFERENCES p (id) ON DELETE NO ACTION)',
    ])
    const snapshot = await other.read()
    const texts = snapshot.objects.flatMap((object) =>
      object.type === 'table' ? object.foreignKeys.map(({ text }) => text.replace(/^.*\(`id`\)/, '')) : [],
    )
    expect(texts).toEqual([
      ' ON DELETE RESTRICT',
      ' ON DELETE RESTRICT ON UPDATE CASCADE',
      ' ON DELETE CASCADE ON UPDATE RESTRICT',
      '',
    ])
    expect(renderSchema(snapshot, { definers: false })).toContain('ON DELETE RESTRICT')
    // What was recorded before is no drift.
    const bare = {
      ...snapshot,
      objects: snapshot.objects.map((object) =>
        object.type === 'table'
          ? {
              ...object,
              foreignKeys: object.foreignKeys.map((key) => ({
                ...key,
                text: key.text.replaceAll(/ ON (DELETE|UPDATE) RESTRICT/g, ''),
              })),
            }
          : object,
      ),
    }
    expect(describeDifferences(bare, snapshot)).toEqual([])
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
