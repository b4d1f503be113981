import { env } from 'node:process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { periodAt, shiftPeriod } from '../../src/calendar/period.ts'
import type { ShardFamily } from '../../src/core/shard-family.ts'
import { restoreNamed } from '../../src/shards/rotation/restore-shards.ts'
import { testServerOf } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { day, months, partitionFamily } from '../helpers/shards/families.ts'
import { type MysqlFixture, openMysqlFixture } from '../helpers/shards/mysql-fixture.ts'
import { chooseSeed } from '../helpers/tool/seed.ts'
import { isSoak } from './support/seed.ts'

/** Five years in the soak, and fifty of them on each version, or as many as SOAK_HISTORIES says; otherwise one and a half, once. */
const histories = isSoak ? Number(env['SOAK_HISTORIES'] ?? 50) : 1
const seasons = isSoak ? 80 : 24

const season = fc.record({
  days: fc.integer({ min: 5, max: 40 }),
  action: fc.constantFrom('none', 'write-too-late', 'die', 'restore', 'drop-by-hand', 'move'),
  choice: fc.nat(1000),
  call: fc.integer({ min: 1, max: 45 }),
  mishap: fc.constantFrom('die-before' as const, 'die-after' as const),
})

type Season = typeof season extends fc.Arbitrary<infer Value> ? Value : never

/** One history: a family that is moved between partitions and tables, its rows, and where they are. */
class History {
  readonly #fixture: MysqlFixture
  readonly #asPartitions: ShardFamily
  /** The period of each row that was written and not dropped by hand. */
  readonly #rows = new Map<string, string>()
  #serial = 0
  readonly done = { seasons: 0, rows: 0, kills: 0, restored: 0, dropped: 0, moved: 0, refused: 0 }

  constructor(fixture: MysqlFixture, family: ShardFamily) {
    this.#fixture = fixture
    this.#asPartitions = family
  }

  async play(one: Season): Promise<void> {
    const fixture = this.#fixture
    fixture.now += one.days * day
    // It finds its shard, as the run before made it ahead.
    await this.#write(fixture.now)
    await this.#act(one)
    const { error, outcomes } = await fixture.rotate()
    expect(error, JSON.stringify({ one, outcomes })).toBeNull()
    await this.#check(one)
    this.done.seasons += 1
    this.done.rows = this.#rows.size
    this.done.dropped += outcomes[0]?.dropped.length ?? 0
  }

  async #act({ action, choice, call, mishap }: Season): Promise<void> {
    const fixture = this.#fixture
    switch (action) {
      case 'write-too-late':
        return this.#writeLate(fixture.now - (choice % 200) * day)
      case 'die':
        if ((await fixture.rotate([[call, mishap]])).error !== null) this.done.kills += 1
        return
      case 'restore':
        return this.#restore(choice, call, mishap)
      case 'drop-by-hand':
        return this.#dropByHand(choice)
      case 'move':
        this.done.moved += 1
        fixture.families = [
          fixture.families[0]?.keeper === undefined ? this.#asPartitions : asTables(this.#asPartitions),
        ]
        return
      default:
    }
  }

  async #write(at: number): Promise<void> {
    const fixture = this.#fixture
    const { key } = periodAt(at, 'month', 'UTC')
    const own = nameOf(key)
    const table = (await fixture.readTables()).includes(own) ? own : 'messages'
    this.#serial += 1
    const text = `r${this.#serial}r`
    const time = new Date(at).toISOString().slice(0, 19).replace('T', ' ')
    await fixture.query(`INSERT INTO \`${table}\` (at, text) VALUES ('${time}', '${text}')`)
    this.#rows.set(text, key)
  }

  /** Where no later shard is a partition, a row of a period that is retired is refused, as where shards are tables. */
  async #writeLate(at: number): Promise<void> {
    try {
      await this.#write(at)
    } catch (error) {
      if ((error as { readonly errno?: number }).errno !== 1526) throw error
      const { key } = periodAt(at, 'month', 'UTC')
      const state = (await this.#fixture.readRecords()).find((record) => record.key === key)?.state
      expect(['live', 'sealed'], `a row of ${key} was refused`).not.toContain(state)
      this.done.refused += 1
    }
  }

  async #restore(choice: number, call: number, mishap: Season['mishap']): Promise<void> {
    const retired = (await this.#fixture.readRecords()).filter(
      ({ state, archive }) => state === 'held' || state === 'archived' || (state === 'dropped' && archive !== null),
    )
    const record = retired[choice % Math.max(1, retired.length)]
    if (record === undefined) return
    const mishaps = choice % 2 === 0 ? [[call, mishap] as const] : []
    await this.#fixture.change(
      'messages',
      (target, work, request) =>
        restoreNamed(request, target, work, [record.key], { reason: 'asked for', by: 'a person' }),
      mishaps,
    )
    this.done.restored += 1
  }

  /** A partition of the past that another hand drops, with its rows. */
  async #dropByHand(choice: number): Promise<void> {
    const partitions = await this.#partitions()
    const back = 1 + (choice % 3)
    const { key } = shiftPeriod(periodAt(this.#fixture.now, 'month', 'UTC'), -back)
    const name = nameOf(key)
    if (!partitions.includes(name) || partitions.length < 4) return
    const lost = await this.#fixture.query(`SELECT text FROM messages PARTITION (\`${name}\`)`)
    await this.#fixture.query(`ALTER TABLE messages DROP PARTITION \`${name}\``)
    for (const row of lost) this.#rows.delete(String(row['text']))
  }

  async #partitions(): Promise<readonly string[]> {
    const rows = await this.#fixture.query(
      "SELECT PARTITION_NAME AS name FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'messages' AND PARTITION_NAME IS NOT NULL ORDER BY PARTITION_ORDINAL_POSITION",
    )
    return rows.map((row) => String(row['name']))
  }

  /** Every row is in one table, or in an archive of its shard; nothing half done is left. */
  async #check(one: Season): Promise<void> {
    const fixture = this.#fixture
    const tables = await fixture.readTables()
    const records = await fixture.readRecords()
    const present = (await Promise.all(tables.map((table) => fixture.readRows(table)))).flat()
    expect(new Set(present).size, `a row is twice: ${JSON.stringify(one)}`).toBe(present.length)
    const missing = [...this.#rows].filter(([text]) => !present.includes(text))
    for (const [text, key] of missing) {
      const addresses = (await fixture.listArchives()).filter((address) => address.includes(nameOf(key)))
      const archived = (await Promise.all(addresses.map((address) => fixture.readArchive(address)))).join('')
      expect(
        archived.includes(text),
        `${text} of ${key} is lost: ${JSON.stringify({ one, record: records.find((each) => each.key === key), addresses, tables })}`,
      ).toBe(true)
    }
    const unsettled = records.filter(({ state }) => ['holding', 'dropping', 'restoring'].includes(state))
    expect(unsettled, JSON.stringify(one)).toEqual([])
    const holds = new Set(
      records.flatMap(({ hold, state }) => (hold !== null && state !== 'dropped' ? [hold.table] : [])),
    )
    expect(tables.filter((table) => table.startsWith('_') && !holds.has(table))).toEqual([])
    const held = records.filter(({ state }) => state === 'held' || state === 'archived').map(({ table }) => table)
    const partitions = await this.#partitions()
    expect(partitions.filter((name) => held.includes(name))).toEqual([])
  }
}

const nameOf = (key: string): string => `messages_${key.replace('-', '')}`

const asTables = ({ keeper: _, ...family }: ShardFamily): ShardFamily => family

describe.each(versionsInTurn(import.meta.url))('on MySQL %s', (version) => {
  test('no row is lost in histories of partitions', { timeout: 7_200_000 }, async () => {
    const server = await testServerOf(version)
    const seed = chooseSeed(`partitions on MySQL ${version}`)
    const samples = fc.sample(fc.array(season, { minLength: seasons, maxLength: seasons }), {
      seed,
      numRuns: histories,
    })
    for (const sample of samples) {
      const family = partitionFamily('messages', 'month', { keep: months(3), archive: 'directory' })
      const fixture = await openMysqlFixture(server, '2026-01-15T12:00:00Z', [family])
      try {
        await fixture.rotate()
        const history = new History(fixture, family)
        for (const one of sample) await history.play(one)
        console.log(`partitions on MySQL ${version}: ${JSON.stringify(history.done)}`)
      } finally {
        await fixture.close()
      }
    }
  })
})
