import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { restoreNamed } from '../../../src/shards/rotation/restore-shards.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { day, keyFamily, months, periodFamily } from '../../helpers/shards/families.ts'
import { type MysqlFixture, openMysqlFixture } from '../../helpers/shards/mysql-fixture.ts'

const archive = 'directory' as const
const view = { name: 'messages_recent', periods: 3 }
const messages = periodFamily('messages', 'month', { keep: months(1), archive, view })
const monitors = periodFamily('monitors', 'month', { keep: months(1) })

const fixtures: MysqlFixture[] = []
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.close()
})

describe.each(versionsInTurn(import.meta.url))('on MySQL %s', (version) => {
  async function open(families = [messages, monitors]): Promise<MysqlFixture> {
    const fixture = await openMysqlFixture(await testServerOf(version), '2026-01-15T12:00:00Z', families)
    fixtures.push(fixture)
    return fixture
  }

  /** A fixture in March whose January is sealed and due. */
  async function openInMarch(): Promise<MysqlFixture> {
    const fixture = await open()
    await rotateWell(fixture)
    await fixture.insert('messages_202601', 'one')
    for (const time of ['2026-02-15T12:00:00Z', '2026-03-02T12:00:00Z']) {
      fixture.now = Date.parse(time)
      if (time.startsWith('2026-02')) await rotateWell(fixture)
    }
    return fixture
  }

  async function rotateWell(fixture: MysqlFixture) {
    const { error, outcomes } = await fixture.rotate()
    if (error !== null) throw error
    return outcomes
  }

  test('a reader in the way: it gives up within its timeout, names the reader, and does the other families', async () => {
    const fixture = await openInMarch()
    const reader = await fixture.read('messages_202601')
    const started = performance.now()
    const running = fixture.rotate()
    // Somebody else reads meanwhile: never longer in the queue than one attempt of the rename.
    let longest = 0
    let ended = false
    const reading = (async () => {
      while (!ended) {
        const before = performance.now()
        await fixture.query('SELECT COUNT(*) FROM messages_202601')
        longest = Math.max(longest, performance.now() - before)
        await setTimeout(10)
      }
    })()
    const { error, outcomes } = await running
    ended = true
    await reading
    expect(error).toBeInstanceOf(ToolError)
    expect(error).toMatchObject({ code: 'SHARD_BLOCKED' })
    expect(JSON.stringify(outcomes[0]?.fault)).toMatch(/connection \d+/)
    expect(outcomes.map(({ state }) => state)).toEqual(['failed', 'done'])
    expect(outcomes[1]?.held).toEqual(['monitors_202601'])
    expect(performance.now() - started).toBeLessThan(30_000)
    expect(longest).toBeLessThan(5000)
    expect((await fixture.readRecords()).find(({ table }) => table === 'messages_202601')?.state).toBe('sealed')
    await reader.end()
    expect((await rotateWell(fixture))[0]?.held).toEqual(['messages_202601'])
  })

  test('the view is whole to all who read it, at every moment of five holds', async () => {
    const wide = periodFamily('messages', 'month', { keep: null, view: { name: 'messages_recent', periods: 12 } })
    const fixture = await open([wide])
    for (const month of ['01', '02', '03', '04', '05', '06', '07']) {
      fixture.now = Date.parse(`2026-${month}-15T12:00:00Z`)
      await rotateWell(fixture)
    }
    fixture.families = [{ ...wide, policy: { ...wide.policy, keep: months(1) } }]
    let ended = false
    const readOn = async (): Promise<number> => {
      const reader = await fixture.connect()
      for (let reads = 1; ; reads += 1) {
        await reader.query('SELECT COUNT(*) FROM messages_recent')
        if (ended) return reads
      }
    }
    const reading = Promise.all(Array.from({ length: 6 }, readOn))
    const held: string[] = []
    try {
      for (let runs = 0; runs < 2; runs += 1) held.push(...((await rotateWell(fixture))[0]?.held ?? []))
    } finally {
      ended = true
    }
    expect(Math.min(...(await reading))).toBeGreaterThan(1)
    expect(held).toEqual(['01', '02', '03', '04', '05'].map((month) => `messages_2026${month}`))
  })

  test('a shard that cannot leave for its readers stays in the view', async () => {
    const fixture = await openInMarch()
    const reader = await fixture.read('messages_202601')
    expect((await fixture.rotate()).error).toMatchObject({ code: 'SHARD_BLOCKED' })
    expect(await fixture.query('SELECT COUNT(*) AS n FROM messages_recent')).toMatchObject([{ n: 1 }])
    await reader.end()
    expect((await rotateWell(fixture))[0]?.held).toEqual(['messages_202601'])
    expect(await fixture.query('SELECT COUNT(*) AS n FROM messages_recent')).toMatchObject([{ n: 0 }])
  })

  test('rows come back from the archive as they were', async () => {
    const fixture = await openInMarch()
    await rotateWell(fixture)
    expect((await rotateWell(fixture))[0]?.archived).toEqual(['messages_202601'])
    fixture.now += 20 * day
    expect((await rotateWell(fixture))[0]?.dropped).toEqual(['messages_202601'])
    const given = { reason: 'to look at', by: 'test@host' }
    const { error } = await fixture.change('messages', (target, work, request) =>
      restoreNamed(request, target, work, ['2026-01'], given),
    )
    expect(error).toBeNull()
    expect(await fixture.readRows('messages_202601')).toEqual(['one'])
    expect((await rotateWell(fixture))[0]).toMatchObject({ sealed: [], held: [] })
  })

  test('siblings with a physical key: children are made after their parents, and retired before', async () => {
    const policy = { keep: { count: 1, unit: 'day' }, late: day, grace: day, archive } as const
    const fixture = await open([keyFamily('groups', [], policy), keyFamily('group_members', ['groups'], policy)])
    await fixture.setInstances(['1', '2'], [])
    await rotateWell(fixture)
    await fixture.query(
      "INSERT INTO groups_1 (text) VALUES ('parent'); INSERT INTO group_members_1 (text, parent_id) VALUES ('child', 1)",
    )
    await fixture.setInstances(['2'], ['1'])
    for (let passed = 0; passed < 8; passed += 1) {
      await rotateWell(fixture)
      fixture.now += day
    }
    expect((await fixture.readRecords()).filter(({ key }) => key === '1').map(({ state }) => state)).toEqual([
      'dropped',
      'dropped',
    ])
    await fixture.setInstances(['1', '2'], [])
    await rotateWell(fixture)
    expect(
      await fixture.query(
        'SELECT p.text AS parent, c.text AS child FROM group_members_1 c JOIN groups_1 p ON p.id = c.parent_id',
      ),
    ).toMatchObject([{ parent: 'parent', child: 'child' }])
    const keys = await fixture.query(
      "SELECT REFERENCED_TABLE_NAME AS parent FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE() AND TABLE_NAME = 'group_members_1'",
    )
    expect(keys).toMatchObject([{ parent: 'groups_1' }])
  })
})
