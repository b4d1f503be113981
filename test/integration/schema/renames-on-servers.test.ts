import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyRenames, invertRenames, type OwnRenames, parseRename } from '../../../src/schema/renames.ts'
import { writeRenames } from '../../../src/schema/write-renames.ts'
import { describeDifferences, openSnapshotFixture, type SnapshotFixture } from '../../helpers/schema/snapshots.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'

const tables = [
  'CREATE TABLE p (id INT PRIMARY KEY, a INT, b INT, UNIQUE KEY a (a), KEY both_of (b, a))',
  'CREATE TABLE c (id INT PRIMARY KEY, p_id INT, FOREIGN KEY (p_id) REFERENCES p (id), CONSTRAINT named FOREIGN KEY (p_id) REFERENCES p (a) ON DELETE CASCADE)',
  'CREATE TABLE made (x INT, g INT AS (x + 1), s INT AS (x * 2) STORED, `odd``name` INT)',
  'CREATE TABLE hashed (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2',
  'CREATE TABLE keyed (id INT, `ord er` INT, PRIMARY KEY (id, `ord er`)) PARTITION BY KEY (id, `ord er`) PARTITIONS 2',
  'CREATE TABLE ranged (id INT PRIMARY KEY) PARTITION BY RANGE COLUMNS (id) (PARTITION p0 VALUES LESS THAN (10))',
  'CREATE TABLE numbered (id INT, y INT, PRIMARY KEY (id, y)) PARTITION BY RANGE (y) SUBPARTITION BY KEY ALGORITHM = 1 (ID) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (10))',
  'CREATE TRIGGER t BEFORE INSERT ON p FOR EACH ROW SET NEW.b = 1',
]
/** 8.0.12 has no checks, no indexes of expressions and no expressions as defaults. */
const newer = [
  'CREATE TABLE checked (x INT, y INT, z INT DEFAULT (x + 1), CHECK (x > 0), CONSTRAINT own CHECK (x > y), KEY f ((x + y), z))',
]

function own(texts: readonly string[]): OwnRenames {
  const renames = texts.flatMap((text) => parseRename(text) ?? [])
  const columns = new Map<string, Map<string, string>>()
  for (const { table, column, to } of renames)
    if (column !== null) columns.set(table, (columns.get(table) ?? new Map<string, string>()).set(column, to))
  return { tables: new Map(renames.flatMap((one) => (one.column === null ? [[one.table, one.to]] : []))), columns }
}

const renames: readonly (readonly string[])[] = [
  ['p=q'],
  ['p.id=no'],
  ['p=c', 'c=p'],
  ['p=q', 'p.a=b', 'p.b=a', 'p.id=no'],
  ['c=d', 'c.p_id=parent'],
  ['made.x=y'],
  ['made.x=g', 'made.g=x'],
  ['made.odd`name=other`name', 'made=new`made'],
  ['hashed.id=no'],
  ['keyed.id=nr', 'keyed.ord er=nth'],
  ['keyed.id=key', 'keyed.ord er=order'],
  ['keyed.id=day', 'keyed.ord er=manual'],
  ['keyed.id=année', 'keyed.ord er=1st'],
  ['keyed.id=ID'],
  ['ranged.id=select'],
  ['ranged.id=Id'],
  ['hashed.id=iD'],
  ['numbered.id=key', 'numbered.y=order'],
  ['ranged.id=nr', 'ranged=keyed', 'keyed=ranged'],
]
const newerRenames: readonly (readonly string[])[] = [
  ['checked=q'],
  ['checked.x=v'],
  ['checked.x=y', 'checked.y=x', 'checked=q'],
  ['checked.z=v'],
]

describe.each(versionsInTurn(import.meta.url))('renames on MySQL %s', (version) => {
  let fixture: SnapshotFixture
  const isNewer = version !== '8.0'
  beforeAll(async () => {
    fixture = await openSnapshotFixture(await testServerOf(version))
  })
  afterAll(() => fixture.close())

  test.each([...renames, ...(isNewer ? newerRenames : [])].map((texts) => [texts.join(' '), texts] as const))(
    '%s: the schema is what was foreseen, and the way back leaves it as it was',
    async (_, texts) => {
      await fixture.empty()
      await fixture.make([...tables, ...(isNewer ? newer : [])])
      const before = await fixture.read()
      const after = applyRenames(before, new Map([['app', own(texts)]]))
      await fixture.make(writeRenames(before, own(texts)))
      expect(describeDifferences(after, await fixture.read())).toEqual([])
      await fixture.make(writeRenames(after, invertRenames(own(texts))))
      expect(describeDifferences(before, await fixture.read())).toEqual([])
    },
  )
})
