import { afterEach, describe, expect, test } from 'vitest'
import type { ShardFamily } from '../../../src/core/shard-family.ts'
import { restoreNamed } from '../../../src/shards/rotation/restore-shards.ts'
import { holdName } from '../../../src/shards/shard.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { months, partitionFamily, periodFamily } from '../../helpers/shards/families.ts'
import { type MysqlFixture, openMysqlFixture } from '../../helpers/shards/mysql-fixture.ts'

const messages = partitionFamily('messages', 'month', { keep: months(1) })
const monitors = periodFamily('monitors', 'month', { keep: months(1) })

const fixtures: MysqlFixture[] = []
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.close()
})

describe.each(versionsInTurn(import.meta.url))('on MySQL %s', (version) => {
  async function open(families: readonly ShardFamily[], start = '2026-01-15T12:00:00Z'): Promise<MysqlFixture> {
    const fixture = await openMysqlFixture(await testServerOf(version), start, families)
    fixtures.push(fixture)
    return fixture
  }

  async function rotate(fixture: MysqlFixture, at?: string) {
    if (at !== undefined) fixture.now = Date.parse(at)
    const { error, outcomes } = await fixture.rotate()
    if (error !== null) throw error
    return outcomes
  }

  async function partitions(fixture: MysqlFixture, table = 'messages'): Promise<readonly string[]> {
    const rows = await fixture.query(
      `SELECT PARTITION_NAME AS name FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '${table}' ORDER BY PARTITION_ORDINAL_POSITION`,
    )
    return rows.map((row) => String(row['name']))
  }

  const write = (fixture: MysqlFixture, at: string, text: string) =>
    fixture.query(`INSERT INTO messages (at, text) VALUES ('${at}', '${text}')`)

  async function texts(fixture: MysqlFixture, from: string): Promise<readonly string[]> {
    return (await fixture.query(`SELECT text FROM ${from} ORDER BY id`)).map((row) => String(row['text']))
  }

  async function stateOf(fixture: MysqlFixture, table: string): Promise<string | undefined> {
    return (await fixture.readRecords()).find((record) => record.table === table)?.state
  }

  /** A fixture in March: January is due, and has one row. */
  async function openInMarch(families: readonly ShardFamily[] = [messages, monitors]): Promise<MysqlFixture> {
    const fixture = await open(families)
    await rotate(fixture)
    await write(fixture, '2026-01-31 23:59:59', 'one')
    await rotate(fixture, '2026-02-15T12:00:00Z')
    fixture.now = Date.parse('2026-03-02T12:00:00Z')
    return fixture
  }

  test('made ahead of the calendar, with everything below closed and no row beyond the horizon', async () => {
    const fixture = await open([messages, monitors])
    const [outcome] = await rotate(fixture)
    expect(outcome?.created).toEqual(['messages_202601', 'messages_202602', 'messages_202603'])
    expect(await partitions(fixture)).toEqual([
      '_closed_20260101000000',
      'messages_202601',
      'messages_202602',
      'messages_202603',
    ])
    expect(await fixture.readTables()).toContain('monitors_202601')
    await expect(write(fixture, '2026-04-01 00:00:00', 'far')).rejects.toThrow(/no partition/)
    const [again] = await rotate(fixture)
    expect(again).toMatchObject({ created: [], adopted: [], notes: [] })
    const [later] = await rotate(fixture, '2026-02-15T12:00:00Z')
    expect(later?.created).toEqual(['messages_202604'])
    await write(fixture, '2026-04-01 00:00:00', 'near')
    expect(await texts(fixture, 'messages PARTITION (messages_202604)')).toEqual(['near'])
  })

  test('sealed, held by an exchange, dropped after its grace', async () => {
    const fixture = await openInMarch()
    const [held] = await rotate(fixture)
    expect(held?.held).toEqual(['messages_202601'])
    const hold = (await fixture.readTables()).find((name) => name.endsWith('_messages_202601')) ?? ''
    expect(await texts(fixture, `\`${hold}\``)).toEqual(['one'])
    expect((await partitions(fixture)).slice(0, 2)).toEqual(['_closed_20260201000000', 'messages_202602'])
    expect(await stateOf(fixture, 'messages_202601')).toBe('held')
    const [dropped] = await rotate(fixture, '2026-03-17T12:00:00Z')
    expect(dropped?.dropped).toEqual(['messages_202601'])
    expect(await fixture.readTables()).not.toContain(hold)
  })

  test('a row that comes after the hold is kept apart, and is back with the shard', async () => {
    const fixture = await openInMarch()
    await rotate(fixture)
    await write(fixture, '2026-01-20 00:00:00', 'late')
    await write(fixture, '2025-12-20 00:00:00', 'older')
    const { error } = await fixture.change('messages', (target, work, request) =>
      restoreNamed(request, target, work, ['2026-01'], { reason: 'asked for', by: 'a person' }),
    )
    expect(error).toBeNull()
    expect(await texts(fixture, 'messages PARTITION (messages_202601)')).toEqual(['one', 'late'])
    expect(await texts(fixture, 'messages PARTITION (_closed_20260101000000)')).toEqual(['older'])
    expect((await fixture.readTables()).filter((name) => name.endsWith('_messages_202601'))).toEqual([])
    expect(await stateOf(fixture, 'messages_202601')).toBe('live')
  })

  test('a row that came late is not moved where a trigger of INSERT would take it for a new one', async () => {
    const fixture = await openInMarch()
    await rotate(fixture)
    await fixture.query('CREATE TABLE counts (n INT)')
    await fixture.query('CREATE TRIGGER counting AFTER INSERT ON messages FOR EACH ROW INSERT INTO counts VALUES (1)')
    await write(fixture, '2026-01-20 00:00:00', 'late')
    const restore = async () =>
      fixture.change('messages', (target, work, request) =>
        restoreNamed(request, target, work, ['2026-01'], { reason: 'asked for', by: 'a person' }),
      )
    const refused = await restore()
    expect(JSON.stringify(refused)).toContain('`counting` would fire for them a second time')
    const hold = (await fixture.readTables()).find((name) => name.endsWith('_messages_202601')) ?? ''
    expect(await texts(fixture, `\`${hold}\``)).toEqual(['one'])
    expect(await texts(fixture, 'messages')).toEqual(['late'])
    await rotate(fixture)
    expect(await stateOf(fixture, 'messages_202601')).toBe('held')
    await fixture.query('DROP TRIGGER counting')
    expect((await restore()).error).toBeNull()
    expect(await texts(fixture, 'messages PARTITION (messages_202601)')).toEqual(['one', 'late'])
    expect((await fixture.query('SELECT COUNT(*) AS n FROM counts'))[0]?.['n']).toBe(1)
  })

  test('a partition that another hand dropped is a hole, and is divided from the one above it', async () => {
    const fixture = await open([partitionFamily('messages', 'month', { keep: null })])
    await rotate(fixture)
    await rotate(fixture, '2026-03-15T12:00:00Z')
    await write(fixture, '2026-03-01 00:00:00', 'march')
    await fixture.query('ALTER TABLE messages DROP PARTITION messages_202602')
    await write(fixture, '2026-02-03 00:00:00', 'february')
    const [outcome] = await rotate(fixture)
    expect(outcome?.created).toEqual(['messages_202602'])
    expect(await texts(fixture, 'messages PARTITION (messages_202602)')).toEqual(['february'])
    expect(await texts(fixture, 'messages PARTITION (messages_202603)')).toEqual(['march'])
  })

  test('a restored shard whose other rows cannot be put away keeps its record, and the next run ends it', async () => {
    const fixture = await openInMarch()
    await rotate(fixture)
    const hold = (await fixture.readTables()).find((name) => name.startsWith('_hold_')) ?? ''
    // As a run leaves it that was killed behind the exchange of a restore, with a row that had come meanwhile.
    await fixture.query(
      "ALTER TABLE messages REORGANIZE PARTITION _closed_20260201000000 INTO (PARTITION _closed_20260101000000 VALUES LESS THAN ('2026-01-01'), PARTITION messages_202601 VALUES LESS THAN ('2026-02-01'))",
    )
    await write(fixture, '2026-01-20 00:00:00', 'late')
    await fixture.query(`ALTER TABLE messages EXCHANGE PARTITION messages_202601 WITH TABLE ${hold}`)
    await fixture.query("UPDATE wwdb_shards SET state='restoring' WHERE table_name='messages_202601'")
    const reader = await fixture.connect()
    await reader.query('START TRANSACTION')
    await reader.query(`SELECT * FROM ${hold}`)
    const { outcomes } = await fixture.rotate()
    expect(outcomes.map(({ state }) => state)).toEqual(['not-started', 'nothing-to-do'])
    expect(await stateOf(fixture, 'messages_202601')).toBe('restoring')
    await reader.query('COMMIT')
    const [ended] = await rotate(fixture)
    expect(ended?.state).not.toBe('failed')
    expect(await fixture.readTables()).not.toContain(hold)
    expect((await fixture.query('SELECT COUNT(*) AS n FROM messages'))[0]?.['n']).toBe(2)
  })

  test('a table that has the hold name already, and rows, is not exchanged into the family', async () => {
    const fixture = await openInMarch()
    const hold = holdName(
      { family: 'messages', key: '2026-01', table: 'messages_202601', from: null, to: null },
      fixture.now,
    )
    await fixture.query(`CREATE TABLE ${hold} LIKE messages; ALTER TABLE ${hold} REMOVE PARTITIONING`)
    await fixture.query(`INSERT INTO ${hold} (at, text) VALUES ('2026-01-05', 'foreign')`)
    const { outcomes } = await fixture.rotate()
    expect(outcomes[0]?.fault?.what ?? '').toContain('already, and it has rows')
    expect(await texts(fixture, 'messages')).toEqual(['one'])
    expect(await texts(fixture, hold)).toEqual(['foreign'])
  })

  test('archived, dropped, and restored from its archive', async () => {
    const fixture = await openInMarch([partitionFamily('messages', 'month', { keep: months(1), archive: 'directory' })])
    await rotate(fixture)
    expect((await rotate(fixture, '2026-03-03T12:00:00Z'))[0]?.archived).toEqual(['messages_202601'])
    expect((await rotate(fixture, '2026-03-20T12:00:00Z'))[0]?.dropped).toEqual(['messages_202601'])
    const { error } = await fixture.change('messages', (target, work, request) =>
      restoreNamed(request, target, work, ['2026-01'], { reason: 'asked for', by: 'a person' }),
    )
    expect(error).toBeNull()
    expect(await texts(fixture, 'messages PARTITION (messages_202601)')).toEqual(['one'])
  })

  test('a failure of one family stops no other', async () => {
    const fixture = await open([messages, monitors])
    await fixture.query('CREATE TABLE messages (id INT)')
    const { outcomes } = await fixture.rotate()
    expect(outcomes.map(({ state }) => state)).toEqual(['failed', 'done'])
    expect(outcomes[0]?.fault?.why).toMatch(/it has no partitions/)
    expect(outcomes[1]?.created).toContain('monitors_202601')
  })

  test('a table that was changed INSTANT is not put on hold, and the sentence says what to do', async () => {
    const fixture = await openInMarch()
    await fixture.query('ALTER TABLE messages ADD COLUMN extra INT, ALGORITHM=INSTANT')
    // The new column is part of what was counted: the next run counts again.
    await rotate(fixture)
    const { outcomes } = await fixture.rotate()
    expect(outcomes[0]?.fault?.next ?? '').toContain('FORCE')
    expect(await texts(fixture, 'messages PARTITION (messages_202601)')).toEqual(['one'])
    await fixture.query('ALTER TABLE messages FORCE')
    expect((await rotate(fixture))[0]?.held).toEqual(['messages_202601'])
    expect((await fixture.readTables()).filter((name) => name.startsWith('_'))).toHaveLength(2)
  })

  test('by a TIMESTAMP with decimals, whatever the time zone of a session', async () => {
    const time = { type: 'timestamp', precision: 3 } as const
    const fixture = await open([partitionFamily('messages', 'month', { keep: null }, time)])
    await rotate(fixture)
    await fixture.query("SET SESSION time_zone='+08:00'")
    await write(fixture, '2026-02-01 07:59:59.999', 'january')
    await write(fixture, '2026-02-01 08:00:00', 'february')
    expect(await texts(fixture, 'messages PARTITION (messages_202601)')).toEqual(['january'])
    expect(await texts(fixture, 'messages PARTITION (messages_202602)')).toEqual(['february'])
    expect((await rotate(fixture))[0]?.created).toEqual([])
  })

  test('one line moves a family from tables to partitions and back, for what comes next', async () => {
    const asTables: ShardFamily = (({ keeper: _, ...family }) => family)(
      partitionFamily('messages', 'month', { keep: months(1) }),
    )
    const fixture = await open([asTables])
    await rotate(fixture)
    await fixture.query("INSERT INTO messages_202601 (at, text) VALUES ('2026-01-03', 'one')")
    fixture.families = [messages]
    expect((await rotate(fixture, '2026-02-15T12:00:00Z'))[0]?.created).toEqual(['messages_202604'])
    expect(await partitions(fixture)).toEqual(['_closed_20260401000000', 'messages_202604'])
    expect((await rotate(fixture, '2026-03-02T12:00:00Z'))[0]?.held).toEqual(['messages_202601'])
    fixture.families = [asTables]
    expect((await rotate(fixture, '2026-04-15T12:00:00Z'))[0]?.created).toEqual(['messages_202606'])
    expect(await fixture.readTables()).toEqual(expect.arrayContaining(['messages', 'messages_202606']))
    await rotate(fixture, '2026-06-15T12:00:00Z')
    await rotate(fixture, '2026-06-16T12:00:00Z')
    expect(await stateOf(fixture, 'messages_202604')).toBe('held')
  })
})
