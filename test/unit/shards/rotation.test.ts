import { describe, expect, test } from 'vitest'
import type { FamilyPolicy } from '../../../src/core/shard-family.ts'
import { protectNamed, unprotectNamed } from '../../../src/shards/rotation/named-shards.ts'
import { restoreNamed } from '../../../src/shards/rotation/restore-shards.ts'
import { changeShards } from '../../../src/shards/rotation/run-rotation.ts'
import { neverStopped } from '../../helpers/migrations/engine.ts'
import { day, keyFamily, months, periodFamily, renderSimply } from '../../helpers/shards/families.ts'
import { RotationStage } from '../../helpers/shards/rotation-stage.ts'

const january = '2026-01-15T12:00:00Z'

describe('what lies ahead', () => {
  test('premake covers the current period, and the policy’s periods or days, whichever is farther', async () => {
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
    // Rows may still come for the 13th and the 14th, which end after what is ahead is made.
    expect(logs?.created).toEqual([15, 16, 17, 18, 19, 13, 14].map((date) => `logs_202601${date}`))
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
    expect(messages?.notes.join()).toMatch(/^`messages_202511` has a name of `messages` but differs from its template/)
  })
})

describe('retention', () => {
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

describe('what keeps a shard', () => {
  /** A family whose months January to April 2026 are sealed, and expired in the middle of July. */
  async function withSealedMonths(changes: Partial<FamilyPolicy> = {}): Promise<RotationStage> {
    const stage = new RotationStage(january, [periodFamily('messages', 'month', { keep: months(2), ...changes })])
    for (const month of ['01', '02', '03', '04', '05']) {
      stage.now = Date.parse(`2026-${month}-15T12:00:00Z`)
      stage.families = [periodFamily('messages', 'month', { keep: null })]
      await stage.runWell()
    }
    stage.families = [periodFamily('messages', 'month', { keep: months(1200) })]
    await stage.runWell()
    stage.families = [periodFamily('messages', 'month', { keep: months(2), ...changes })]
    stage.now = Date.parse('2026-07-15T12:00:00Z')
    return stage
  }

  const all = ['messages_202601', 'messages_202602', 'messages_202603', 'messages_202604']

  test('four months may go when nothing keeps them', async () => {
    const stage = await withSealedMonths()
    expect((await stage.runWell())[0]?.held).toEqual(all)
  })

  test('the cap: the rest waits for the next runs', async () => {
    const stage = await withSealedMonths({ cap: 3 })
    const [messages] = await stage.runWell()
    expect(messages?.held).toEqual(all.slice(0, 3))
    expect(messages?.notes.join()).toMatch(/1 step is deferred to later runs/)
    expect((await stage.runWell())[0]?.held).toEqual(all.slice(3))
  })

  test('the share: more than its part of the family needs a yes; creation does not wait for it', async () => {
    const stage = await withSealedMonths({ share: 0.25 })
    const { outcomes, error } = await stage.run()
    expect(error).toMatchObject({ code: 'NOT_CONFIRMED' })
    expect(outcomes[0]).toMatchObject({ state: 'failed', held: [] })
    expect(outcomes[0]?.created).toContain('messages_202608')
    const questions: string[] = []
    const [messages] = await stage.runWell({
      confirm: async (what) => {
        questions.push(what)
      },
    })
    expect(messages?.held).toEqual(all)
    expect(questions).toEqual([
      expect.stringMatching(
        /^This run would put 4 of the \d+ live shards of `messages` on hold: more than its limit of 25%/,
      ),
    ])
  })

  test('a shard is protected until it is unprotected', async () => {
    const stage = await withSealedMonths()
    const by = { reason: 'case 117', by: 'test@host' }
    await changeShards(stage.request(), (target, work) => protectNamed(target, work, ['2026-02'], by))
    const protectFor = (reason: string) =>
      changeShards(stage.request(), (target, work) => protectNamed(target, work, ['2026-02'], { ...by, reason }))
    expect((await protectFor('case 117')).outcomes[0]?.notes.join()).toMatch(
      /`messages_202602` is already protected for this reason/,
    )
    const other = await protectFor('case 200').catch((error: unknown) => ({ error }))
    expect(other.error).toMatchObject({ code: 'SHARD_PROTECTED' })
    const [messages] = await stage.runWell()
    expect(messages?.held).toEqual(all.filter((table) => table !== 'messages_202602'))
    expect(messages?.notes.join()).toMatch(/Skipped: `messages_202602`: it is protected by test@host: case 117/)
    const unprotect = () =>
      changeShards(stage.request(), (target, work) => unprotectNamed(target, work, ['2026-02'], by))
    // What the refusal advises: unprotect, then protect with a reason that names both.
    await unprotect()
    await protectFor('cases 117 and 200')
    expect(stage.record('messages_202602')?.protection).toMatchObject({ reason: 'cases 117 and 200', by: by.by })
    expect((await unprotect()).outcomes[0]?.notes).toContain(
      '`messages_202602` is unprotected by test@host (case 117); it was protected by test@host: cases 117 and 200.',
    )
    expect((await unprotect()).outcomes[0]?.notes).toContain('`messages_202602` was not protected.')
    expect((await stage.runWell())[0]?.held).toEqual(['messages_202602'])
  })

  test('rows that came after the seal put the hold off, and are sealed with the others', async () => {
    const stage = await withSealedMonths()
    stage.server.insert('message_db', 'messages_202602', 'late')
    const [messages] = await stage.runWell()
    expect(messages?.held).toEqual(all.filter((table) => table !== 'messages_202602'))
    expect(messages?.notes.join()).toMatch(
      /`messages_202602` is deferred: its rows changed after it was sealed \(0 then, 1 now\)/,
    )
    expect((await stage.runWell())[0]?.held).toEqual(['messages_202602'])
  })

  test('bounds in the registry that are not those of the calendar', async () => {
    const stage = await withSealedMonths()
    const record = stage.record('messages_202603')
    if (record === undefined) throw new Error('it is not there')
    stage.schema.writeRegistry([{ ...record, from: record.from === null ? 0 : record.from - day }], [], null)
    const { error, outcomes } = await stage.run()
    expect(error).toMatchObject({ code: 'FAMILY_HEADER_CHANGED' })
    expect(outcomes[0]).toMatchObject({ created: [], held: [] })
    expect(String(error)).toContain(
      'ToolError: The header of `messages` no longer matches 1 shard that is recorded: `messages_202603`.',
    )
  })

  test('a policy that became longer brings back what is on hold', async () => {
    const stage = await withSealedMonths()
    await stage.runWell()
    stage.families = [periodFamily('messages', 'month', { keep: months(24) })]
    const [messages] = await stage.runWell()
    expect(messages?.restored).toEqual(all)
    expect(stage.tables('_hold_')).toEqual([])
  })

  test('rows that changed on hold: it is not dropped, and a restore counts it again', async () => {
    const stage = await withSealedMonths()
    await stage.runWell()
    const held = stage.record('messages_202601')?.hold?.table ?? ''
    stage.server.insert('message_db', held, 'after the hold')
    stage.now += 15 * day
    const { outcomes, error } = await stage.run()
    expect(error).toMatchObject({ code: 'SHARD_CHANGED' })
    expect(outcomes[0]?.dropped).toEqual(all.slice(1))
    const by = { reason: 'look', by: 'test@host' }
    const request = stage.request()
    await changeShards(request, (target, work) => restoreNamed(request, target, work, ['2026-01'], by))
    expect(stage.record('messages_202601')).toMatchObject({ state: 'live', protection: by })
    expect((await stage.runWell())[0]).toMatchObject({ sealed: [], held: [] })
  })

  test.each([100 * day, -100 * day])('clocks that disagree by %i ms: nothing is created or retired', async (skew) => {
    const stage = await withSealedMonths()
    const before = stage.schema.tables
    stage.skew = skew
    const { error, outcomes } = await stage.run()
    expect(error).toMatchObject({ code: 'CLOCKS_DIFFER' })
    expect(outcomes[0]).toMatchObject({ created: [], held: [], state: 'not-started', code: 'CLOCKS_DIFFER' })
    expect(stage.schema.tables).toEqual(before)
  })

  test('an instance that is deleted goes children first, and the last shard stays', async () => {
    const policy = { keep: { count: 1, unit: 'day' }, late: day, grace: day } as const
    const stage = new RotationStage(january, [
      keyFamily('groups', [], policy),
      keyFamily('group_members', ['groups'], policy),
    ])
    stage.setInstances(['1', '2'])
    await stage.runWell()
    stage.setInstances([], ['1', '2'])
    await stage.runWell()
    const order: string[] = []
    for (let passed = 0; passed < 8; passed += 1) {
      stage.now += day
      for (const { held } of await stage.runWell()) order.push(...held)
    }
    expect(order).toEqual(['group_members_1', 'groups_1'])
    expect(stage.tables('groups_')).toEqual(['groups_2'])
  })

  test('an instance that comes back has its rows again, from hold and from the archive', async () => {
    const policy = { keep: { count: 1, unit: 'day' }, late: day, grace: day, archive: 'directory' } as const
    const stage = new RotationStage(january, [keyFamily('contacts', [], policy)])
    stage.setInstances(['1', '2', '3'])
    await stage.runWell()
    for (const key of ['1', '2']) stage.server.insert('message_db', `contacts_${key}`, `row of ${key}`)
    stage.setInstances(['2', '3'], ['1'])
    for (let passed = 0; passed < 6; passed += 1) {
      await stage.runWell()
      stage.now += day
    }
    expect(stage.record('contacts_1')).toMatchObject({ state: 'dropped', archive: { rows: 1 } })
    stage.setInstances(['1', '2', '3'])
    expect((await stage.runWell())[0]?.restored).toEqual(['contacts_1'])
    expect(stage.schema.table('contacts_1').rows).toEqual(['row of 1'])
  })
})

describe('the view over the last periods', () => {
  const view = { name: 'messages_recent', periods: 2 }

  test('follows the calendar, and loses a shard before it is on hold', async () => {
    const stage = new RotationStage(january, [periodFamily('messages', 'month', { keep: months(1), view })])
    await stage.runWell()
    expect(stage.schema.tablesOfView('messages_recent')).toEqual(['messages_202601'])
    stage.now = Date.parse('2026-02-15T12:00:00Z')
    await stage.runWell()
    expect(stage.schema.tablesOfView('messages_recent')).toEqual(['messages_202601', 'messages_202602'])
    stage.now = Date.parse('2026-03-01T12:00:00Z')
    expect((await stage.runWell())[0]?.held).toEqual(['messages_202601'])
    expect(stage.schema.isWhole('messages_recent')).toBe(true)
    expect(stage.schema.tablesOfView('messages_recent')).toEqual(['messages_202602', 'messages_202603'])
    expect(stage.tables('_')).toHaveLength(1)
  })
})

describe('what goes wrong stays where it is', () => {
  test('a family that cannot be made leaves the others theirs', async () => {
    const broken = periodFamily('broken', 'month')
    const text = 'CREATE TABLE `{{table}}` (`id` BIGINT, FOREIGN KEY (`id`) REFERENCES `nowhere` (`id`)) ENGINE=InnoDB'
    const stage = new RotationStage(january, [
      { ...broken, template: { ...broken.template, text } },
      periodFamily('messages', 'month'),
    ])
    const { outcomes, error } = await stage.run()
    expect(error).toMatchObject({ code: 'SHARD_NOT_MADE', exitCode: 2 })
    expect(outcomes.map(({ state }) => state)).toEqual(['failed', 'done'])
    expect(stage.tables('messages_')).not.toEqual([])
  })

  test('invalid keys are refused with a sentence; the families of periods are made', async () => {
    const stage = new RotationStage(january, [keyFamily('contacts'), periodFamily('messages', 'month')])
    stage.setInstances(['1', '-- DROP'])
    const { outcomes, error } = await stage.run()
    expect(error).toMatchObject({ code: 'KEY_INVALID' })
    expect(outcomes.map(({ state }) => state)).toEqual(['not-started', 'done'])
    expect(stage.tables('contacts_')).toEqual([])
  })

  test('a lock that another run holds: nothing is done, and the exit code says why', async () => {
    const stage = new RotationStage(january, [periodFamily('messages', 'month')])
    const other = stage.request()
    const store = await other.servers.open(other.config.databases[0] ?? fail(), other.config.timeouts, true)
    await store.lock(0, () => {})
    const config = { ...other.config, timeouts: { ...other.config.timeouts, lock: 5 } }
    const { outcomes, error } = await stage.run({ config })
    expect(error).toMatchObject({ code: 'LOCK_HELD', exitCode: 75 })
    expect(outcomes).toMatchObject([{ state: 'not-started', created: [] }])
  })

  test('Ctrl-C ends it between two steps, and the next run continues', async () => {
    const stage = new RotationStage(january, [periodFamily('messages', 'month')])
    const stop = { ...neverStopped, requested: false }
    const { outcomes } = await stage.run({
      stop,
      emit: () => {
        stop.requested = true
      },
    })
    expect(outcomes[0]?.state).toBe('stopped')
    expect((await stage.runWell())[0]?.state).toMatch(/done|nothing-to-do/)
    expect(stage.tables('messages_')).toHaveLength(3)
  })
})

function fail(): never {
  throw new Error('there is no database')
}

describe('clocks that are wrong for longer than a run', () => {
  const week = 7 * day
  const policy = { keep: months(2), premake: { periods: 1, days: 0 } }

  async function rotatedUntilMarch(): Promise<RotationStage> {
    const stage = new RotationStage(january, [periodFamily('messages', 'month', policy)])
    for (const date of ['2026-01-20', '2026-02-20', '2026-03-20']) {
      stage.now = Date.parse(`${date}T12:00:00Z`)
      await stage.runWell()
    }
    return stage
  }

  test.each([400 * day, -400 * day])(
    'by %i ms, both, for hours: nothing is held before they are right again',
    async (jump) => {
      const stage = await rotatedUntilMarch()
      const right = stage.now
      for (let hour = 1; hour <= 4; hour += 1) {
        stage.now = right + jump + hour * 3_600_000
        const [messages] = await stage.runWell({ longestPause: week })
        expect([messages?.sealed, messages?.held]).toEqual([[], []])
        expect(messages?.notes.join()).toContain('--trust-clock')
      }
      stage.now = right + 5 * 3_600_000
      const [messages] = await stage.runWell({ longestPause: week })
      expect(messages?.notes.join()).not.toContain('--trust-clock')
      stage.now = Date.parse('2026-04-02T12:00:00Z')
      expect((await stage.runWell({ longestPause: 2 * week }))[0]?.held).toContain('messages_202601')
    },
  )

  test('after a pause it continues once a person has confirmed that the clock is right', async () => {
    const stage = await rotatedUntilMarch()
    stage.now = Date.parse('2026-04-20T12:00:00Z')
    for (const _ of ['first', 'second']) expect((await stage.runWell({ longestPause: week }))[0]?.held).toEqual([])
    const said = await stage.runWell({ longestPause: week, trustClock: true })
    expect(said[0]?.held).toEqual(['messages_202601'])
    stage.now += 3_600_000
    expect((await stage.runWell({ longestPause: week }))[0]?.notes).toEqual([])
  })
})

test('the first run makes the table of the period before, as long as rows may come late for it', async () => {
  const late = { late: 3 * day, premake: { periods: 1, days: 0 } }
  for (const [now, made] of [
    ['2026-02-03T23:00:00Z', ['messages_202601', 'messages_202602', 'messages_202603']],
    ['2026-02-04T00:00:00Z', ['messages_202602', 'messages_202603']],
  ] as const) {
    const stage = new RotationStage(now, [periodFamily('messages', 'month', late)])
    expect([...((await stage.runWell())[0]?.created ?? [])].toSorted()).toEqual(made)
    expect((await stage.runWell())[0]?.created).toEqual([])
  }
})
