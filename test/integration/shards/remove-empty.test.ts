import { afterEach, describe, expect, test } from 'vitest'
import { removeEmpty } from '../../../src/shards/rotation/remove-empty.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { day, periodFamily } from '../../helpers/shards/families.ts'
import { type MysqlFixture, openMysqlFixture } from '../../helpers/shards/mysql-fixture.ts'

const messages = periodFamily('messages', 'month', { keep: null, premake: { periods: 2, days: 0 } })

const fixtures: MysqlFixture[] = []
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.close()
})

describe.each(versionsInTurn(import.meta.url))('on MySQL %s', (version) => {
  async function open(): Promise<MysqlFixture> {
    const fixture = await openMysqlFixture(await testServerOf(version), '2026-01-15T12:00:00Z', [messages])
    fixtures.push(fixture)
    const { error } = await fixture.rotate()
    expect(error).toBeNull()
    return fixture
  }

  const all = (keys: readonly string[]) => new Set(keys.map((key) => `messages/${key}`))

  test.each([400 * day, -400 * day])(
    'a server %i ms away: nothing is made or taken, and the run fails',
    async (skew) => {
      const fixture = await open()
      const before = await fixture.readTables()
      fixture.skew = skew
      const { error, outcomes } = await fixture.rotate()
      expect(error).toMatchObject({ code: 'CLOCKS_DIFFER' })
      expect(outcomes.map(({ created }) => created)).toEqual([[]])
      expect(await fixture.readTables()).toEqual(before)
    },
  )

  test('both clocks were a year ahead, or years behind: what they made goes, but for a row and for what was not named', async () => {
    const fixture = await open()
    await fixture.insert('messages_202601', 'now')
    const right = fixture.now
    for (const time of ['2027-03-10T00:00:00Z', '2025-06-10T00:00:00Z']) {
      fixture.now = Date.parse(time)
      await fixture.rotate()
    }
    fixture.now = right
    await fixture.insert('messages_202704', 'early')
    const wrong = (await fixture.readTables()).filter((table) => table < 'messages_202601' || table > 'messages_202603')
    expect(wrong.length).toBeGreaterThan(5)
    const keys = wrong.map((table) => `${table.slice(9, 13)}-${table.slice(13)}`)
    const { outcomes } = await fixture.change('messages', (target, work) =>
      removeEmpty(target, work, all(keys.filter((key) => key !== '2027-05'))),
    )
    expect(outcomes[0]?.dropped).not.toContain('messages_202704')
    expect((await fixture.readTables()).toSorted()).toEqual(
      ['messages_202601', 'messages_202602', 'messages_202603', 'messages_202704', 'messages_202705'].toSorted(),
    )
    expect(await fixture.readRows('messages_202704')).toEqual(['early'])
    await fixture.rotate()
    expect((await fixture.readTables()).filter((table) => table < 'messages_202601')).toEqual([])
  })
})
