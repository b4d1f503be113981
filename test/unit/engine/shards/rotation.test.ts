import { describe, expect, test } from 'vitest'
import { day, keyFamily, months, periodFamily, renderSimply } from '../../../helpers/shards/families.ts'
import { RotationStage } from '../../../helpers/shards/rotation-stage.ts'

const january = '2026-01-15T12:00:00Z'

describe('what lies ahead', () => {
  test('the current period, and the farther of so many periods and so many days', async () => {
    const stage = new RotationStage(january, [
      periodFamily('messages', 'month', { premake: { periods: 3, days: 1 } }),
      periodFamily('logs', 'day', { premake: { periods: 1, days: 4 } }),
    ])
    const [messages, logs] = await stage.runWell()
    expect(messages).toMatchObject({
      state: 'done',
      created: ['messages_202601', 'messages_202602', 'messages_202603', 'messages_202604'],
      aheadUntil: '2026-05-01T00:00:00.000Z',
    })
    expect(logs?.created).toEqual([15, 16, 17, 18, 19].map((date) => `logs_202601${date}`))
    expect(stage.record('messages_202601')).toMatchObject({ state: 'live', key: '2026-01', templateVersion: 1 })
  })

  test('a second run finds nothing to do', async () => {
    const stage = new RotationStage(january, [periodFamily('messages', 'month')])
    await stage.runWell()
    const [messages] = await stage.runWell()
    expect(messages).toMatchObject({ state: 'nothing-to-do', created: [], notes: [] })
  })

  test('holes in the past are filled, and the past before the first shard is not', async () => {
    const stage = new RotationStage(january, [
      periodFamily('messages', 'month', { premake: { periods: 0, days: 1 }, keep: null }),
    ])
    await stage.runWell()
    stage.now = Date.parse('2026-05-15T12:00:00Z')
    const [messages] = await stage.runWell()
    expect(messages?.created).toEqual(['messages_202605', 'messages_202604', 'messages_202603', 'messages_202602'])
  })

  test('every instance has its tables, parents first', async () => {
    const stage = new RotationStage(january, [keyFamily('groups'), keyFamily('group_members', ['groups'])])
    stage.setInstances(['1', '42'])
    const [groups, members] = await stage.runWell()
    expect(groups?.created).toEqual(['groups_1', 'groups_42'])
    expect(members?.created).toEqual(['group_members_1', 'group_members_42'])
  })

  test('a table that the last run made and did not write down is adopted; one of another shape is not', async () => {
    const family = periodFamily('messages', 'month')
    const stage = new RotationStage(january, [family])
    stage.server.create(
      'message_db',
      renderSimply(family, { family: 'messages', key: '2025-12', table: 'messages_202512', from: 0, to: 0 }).text,
    )
    stage.server.create('message_db', 'CREATE TABLE `messages_202511` (`id` INT NOT NULL) ENGINE=InnoDB')
    stage.server.create('message_db', 'CREATE TABLE `messagesX202510` (`id` INT NOT NULL) ENGINE=InnoDB')
    const [messages] = await stage.runWell()
    expect(messages?.adopted).toEqual(['messages_202512'])
    expect(messages?.notes.join()).toMatch(/^messages_202511 has a name of messages and another shape/)
  })
})

describe('the way out', () => {
  test('seal, hold, archive, drop: one step a run, each when it is due', async () => {
    const stage = new RotationStage(january, [
      periodFamily('messages', 'month', { keep: months(2), grace: 14 * day, archive: 'directory' }),
    ])
    await stage.runWell()
    stage.server.insert('message_db', 'messages_202601', 'one', 'two')
    const at = async (time: string) => {
      stage.now = Date.parse(time)
      return (await stage.runWell())[0]
    }
    expect((await at('2026-02-02T23:00:00Z'))?.sealed).toEqual([])
    expect((await at('2026-02-03T00:00:00Z'))?.sealed).toEqual(['messages_202601'])
    expect(stage.record('messages_202601')).toMatchObject({ state: 'sealed', seal: { rows: 2 } })
    expect((await at('2026-03-31T23:00:00Z'))?.held).toEqual([])
    expect((await at('2026-04-01T00:00:00Z'))?.held).toEqual(['messages_202601'])
    expect(stage.tables('messages_202601')).toEqual([])
    expect((await at('2026-04-01T01:00:00Z'))?.archived).toEqual(['messages_202601'])
    expect((await at('2026-04-14T23:00:00Z'))?.dropped).toEqual([])
    expect(stage.tables('_hold_')).toHaveLength(1)
    expect((await at('2026-04-15T00:00:00Z'))?.dropped).toEqual(['messages_202601'])
    expect(stage.tables('_hold_')).toEqual([])
    expect(stage.record('messages_202601')).toMatchObject({ state: 'dropped', archive: { rows: 2 } })
    expect(stage.archive.files.size).toBe(1)
  })
})
