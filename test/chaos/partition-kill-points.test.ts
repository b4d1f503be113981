import { afterEach, describe, expect, test } from 'vitest'
import { restoreNamed } from '../../src/shards/rotation/restore-shards.ts'
import type { Mishap } from '../helpers/memory/process.ts'
import { testServer } from '../helpers/servers/servers.ts'
import { months, partitionFamily } from '../helpers/shards/families.ts'
import { type MysqlFixture, openMysqlFixture } from '../helpers/shards/mysql-fixture.ts'
import { chooseSeed } from '../helpers/tool/seed.ts'
import { isSoak } from './support/seed.ts'

const family = partitionFamily('messages', 'month', { keep: months(1) })
const texts = ['one', 'two', 'three']
const mishaps: readonly Mishap[] = ['die-before', 'die-after']
/** Every call in the soak, else each seventh, from another one in each run. */
const stride = isSoak ? 1 : 7
const first = 1 + (chooseSeed('kill points of partitions') % stride)
/** More than any of these runs has: a run that is not interrupted ends the series. */
const mostCalls = 120

const fixtures: MysqlFixture[] = []
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.close()
})

/** January has its rows, is sealed, and due. */
async function openInMarch(): Promise<MysqlFixture> {
  const fixture = await openMysqlFixture(testServer(), '2026-01-15T12:00:00Z', [family])
  fixtures.push(fixture)
  await fixture.rotate()
  for (const text of texts) await write(fixture, text)
  fixture.now = Date.parse('2026-02-15T12:00:00Z')
  await fixture.rotate()
  fixture.now = Date.parse('2026-03-02T12:00:00Z')
  return fixture
}

const write = (fixture: MysqlFixture, text: string) =>
  fixture.query(`INSERT INTO messages (at, text) VALUES ('2026-01-20 00:00:00', '${text}')`)

/** Every row of January, wherever it is. */
async function readAll(fixture: MysqlFixture): Promise<readonly string[]> {
  const holds = (await fixture.readTables()).filter((name) => name.startsWith('_'))
  const rows = await Promise.all(['messages', ...holds].map((table) => fixture.readRows(table)))
  return rows.flat().toSorted()
}

async function recordOf(fixture: MysqlFixture) {
  const record = (await fixture.readRecords()).find(({ key }) => key === '2026-01')
  if (record === undefined) throw new Error('January has no record')
  return record
}

/** Runs until nothing is left to do, without a mishap. */
async function converge(fixture: MysqlFixture): Promise<void> {
  for (let run = 0; run < 4; run += 1) {
    const { error, outcomes } = await fixture.rotate()
    if (error !== null) throw error
    if (outcomes[0]?.state === 'nothing-to-do') return
  }
}

async function partitionsOf(fixture: MysqlFixture): Promise<readonly string[]> {
  const rows = await fixture.query(
    "SELECT PARTITION_NAME AS name FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'messages' ORDER BY PARTITION_ORDINAL_POSITION",
  )
  return rows.map((row) => String(row['name']))
}

describe('a process that dies at any call of a rotation with partitions', () => {
  test('the hold is either done or not, no row is lost or doubled, and the next runs end it', {
    timeout: 600_000,
  }, async () => {
    let points = 0
    for (const mishap of mishaps) {
      for (let call = first; call < mostCalls; call += stride) {
        const fixture = await openInMarch()
        const { error } = await fixture.rotate([[call, mishap]])
        if (error === null) break
        points += 1
        expect(await readAll(fixture), `${mishap} at call ${call}`).toEqual(texts.toSorted())
        // It comes while nobody has ended what was begun.
        await write(fixture, 'late')
        await converge(fixture)
        expect(await readAll(fixture), `${mishap} at call ${call}, late`).toEqual([...texts, 'late'].toSorted())
        const record = await recordOf(fixture)
        const [hold, ...others] = (await fixture.readTables()).filter((name) => name.startsWith('_'))
        expect(others, `${mishap} at call ${call}`).toEqual([])
        const isHeld = record.state === 'held'
        expect(record.hold?.table ?? null, `${mishap} at call ${call}`).toBe(isHeld ? hold : null)
        expect((await partitionsOf(fixture)).includes('messages_202601'), `${mishap} at call ${call}`).toBe(!isHeld)
        await fixture.close()
        fixtures.splice(0)
      }
    }
    expect(points).toBeGreaterThan(20 / stride)
  })

  test('a restore is either done or not, and rows that came in between stay', { timeout: 600_000 }, async () => {
    let points = 0
    for (const mishap of mishaps) {
      for (let call = first; call < mostCalls; call += stride) {
        const fixture = await openInMarch()
        await fixture.rotate()
        await write(fixture, 'late')
        const restore = (points: readonly (readonly [number, Mishap])[]) =>
          fixture.change(
            'messages',
            (target, work, request) =>
              restoreNamed(request, target, work, ['2026-01'], { reason: 'asked for', by: 'a person' }),
            points,
          )
        const { error } = await restore([[call, mishap]])
        if (error === null) break
        points += 1
        await converge(fixture)
        expect(await readAll(fixture), `${mishap} at call ${call}`).toEqual([...texts, 'late'].toSorted())
        const again = await restore([])
        expect(again.error, `${mishap} at call ${call}`).toBeNull()
        expect((await recordOf(fixture)).state, `${mishap} at call ${call}`).toBe('live')
        const rows = await fixture.query('SELECT text FROM messages PARTITION (messages_202601)')
        expect(rows.map((row) => String(row['text'])).toSorted()).toEqual([...texts, 'late'].toSorted())
        expect((await fixture.readTables()).filter((name) => name.startsWith('_'))).toEqual([])
        await fixture.close()
        fixtures.splice(0)
      }
    }
    expect(points).toBeGreaterThan(20 / stride)
  })
})
