import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ShardFamily } from '../../../src/core/shard-family.ts'
import { createNamed } from '../../../src/shards/rotation/named-shards.ts'
import { planRemoval, removeEmpty } from '../../../src/shards/rotation/remove-empty.ts'
import { planFamilyMove } from '../../../src/shards/rotation/rename-family.ts'
import { changeShards } from '../../../src/shards/rotation/run-rotation.ts'
import { holdName, type ShardRecord } from '../../../src/shards/shard.ts'
import { memoryShardServers } from '../../helpers/memory/shard-store.ts'
import { databaseOf } from '../../helpers/migrations/engine.ts'
import { keyFamily, periodFamily } from '../../helpers/shards/families.ts'
import { RotationStage, schemaName } from '../../helpers/shards/rotation-stage.ts'

const months = (first: number, last: number): readonly string[] =>
  Array.from({ length: last - first + 1 }, (_, at) => `messages_2025${String(first + at).padStart(2, '0')}`)

describe('empty shards of a wrong clock', () => {
  test('are removed up to the first month with rows, and none of those that rotation would create again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10 }), async (withRows) => {
        const stage = new RotationStage('2025-01-15T12:00:00Z', [
          periodFamily('messages', 'month', { premake: { periods: 0, days: 1 }, keep: null }),
        ])
        await stage.runWell()
        stage.now = Date.parse('2025-12-15T12:00:00Z')
        await stage.runWell({ trustClock: true })
        const table = `messages_2025${String(withRows).padStart(2, '0')}`
        stage.server.insert(schemaName, table, 'a row')
        const found = await planRemoval(stage.request())
        expect(found.map((one) => one.table)).toEqual(withRows === 1 ? [] : months(1, withRows - 1))
        const planned = new Set(found.map(({ family, key }) => `${family}/${key}`))
        await changeShards(stage.request(), (target, work) => removeEmpty(target, work, planned))
        expect(stage.tables('messages_2025')).toEqual(months(withRows, 12))
        expect((await stage.runWell())[0]?.created).toEqual([])
      }),
      { numRuns: 10 },
    )
  })
})

describe('an empty shard of the last month', () => {
  test('stays as long as rows may arrive late: on no day is removed what rotation has just made', async () => {
    const day = 86_400_000
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 70 }), fc.integer({ min: 0, max: 28 }), async (after, late) => {
        const stage = new RotationStage('2025-11-25T00:00:01Z', [
          periodFamily('messages', 'month', { premake: { periods: 1, days: 0 }, keep: null, late: late * day }),
        ])
        stage.now += after * day
        await stage.runWell()
        expect(await planRemoval(stage.request())).toEqual([])
      }),
      { numRuns: 60, examples: [[6, 1]] },
    )
  })
})

describe('a shard that is created by its key', () => {
  const gone: Partial<ShardRecord> = { state: 'dropped' }
  const archive = { address: 'a', sha256: '', bytes: 0, rows: 1, checksum: '', at: 0 }

  test.each([
    ['is live', {}, true],
    ['was dropped with its rows', gone, true],
    ['was dropped, and is in an archive', { ...gone, archive }, false],
    ['is on hold', { state: 'held' }, false],
  ] as const)(
    'where its table is gone, and it %s: rows are not hidden by an empty table',
    async (_, change, isMade) => {
      const stage = new RotationStage('2026-01-15T12:00:00Z', [keyFamily('groups')])
      stage.setInstances(['1', '42'])
      await stage.runWell()
      const hold = {
        table: holdName({ family: 'groups', key: '42', table: 'groups_42', from: null, to: null }, stage.now),
        at: 0,
        until: 0,
      }
      const isHeld = 'state' in change && change.state === 'held'
      if (isHeld) stage.schema.rename('groups_42', hold.table)
      else stage.schema.drop('groups_42')
      stage.schema.amend((record) =>
        record.key === '42' ? { ...record, ...change, ...(isHeld ? { hold } : {}) } : record,
      )
      const request = stage.request()
      const create = changeShards(request, (target, work) => createNamed(request, target, work, ['42']))
      const outcome = await create.catch((error: unknown) => ({ error }))
      if (isMade) expect(outcome).toMatchObject({ outcomes: [{ created: ['groups_42'] }] })
      else expect(outcome.error).toMatchObject({ code: 'SHARD_RETIRED' })
      expect(stage.tables('groups_42')).toEqual(isMade ? ['groups_42'] : [])
    },
  )
})

describe('the template of a family', () => {
  const edited = (family: ShardFamily): ShardFamily => ({
    ...family,
    template: { ...family.template, text: family.template.text.replace('40', '50'), checksum: 'edited' },
  })

  test.each([true, false])(
    'that was edited counts at once only while there is no shard: with shards %s',
    async (shards) => {
      const family = keyFamily('groups')
      const stage = new RotationStage('2026-01-15T12:00:00Z', [family])
      stage.setInstances(shards ? ['1'] : [])
      await stage.runWell()
      stage.families = [edited(family)]
      stage.setInstances(shards ? ['1', '2'] : ['2'])
      const [outcome] = await stage.runWell()
      expect(stage.schema.table('groups_2').items.join()).toContain(shards ? 'VARCHAR(40)' : 'VARCHAR(50)')
      expect(outcome?.notes.join().includes('differs from version 1')).toBe(shards)
    },
  )
})

test('a move names the records of the old name, and the tables that only events know', async () => {
  const [old, next] = [keyFamily('msg'), { ...keyFamily('messages'), pattern: 'msg_{key}' }]
  await fc.assert(
    fc.asyncProperty(fc.subarray(['1', '2', '3']), async (lost) => {
      const stage = new RotationStage('2026-01-15T12:00:00Z', [old, keyFamily('groups')])
      stage.setInstances(['1', '2', '3'])
      await stage.runWell()
      stage.schema.forget(({ family, key }) => family === 'msg' && lost.includes(key))
      const families = [next, keyFamily('groups')]
      const database = databaseOf(schemaName)
      const store = await memoryShardServers(stage.server).open(database, stage.request().config.timeouts, true)
      const { plan } = await planFamilyMove({ from: 'msg', to: next, families }, database, store)
      expect(plan).toMatchObject({ shards: 3 - lost.length, traced: lost.length, misfits: [] })
    }),
    { numRuns: 8 },
  )
})

test('a move takes a family that is recorded without tables, and refuses one that is not recorded', async () => {
  const [old, next] = [keyFamily('msg'), { ...keyFamily('messages'), pattern: 'msg_{key}' }]
  const stage = new RotationStage('2026-01-15T12:00:00Z', [old, keyFamily('groups')])
  stage.setInstances(['1'])
  await stage.runWell()
  stage.schema.forget(({ family }) => family === 'msg')
  const store = await memoryShardServers(stage.server).open(
    databaseOf(schemaName),
    stage.request().config.timeouts,
    true,
  )
  const registry = await store.readRegistry()
  const without = { ...store, readRegistry: async () => ({ ...registry, traces: [] }) }
  const plan = (from: string) =>
    planFamilyMove({ from, to: next, families: [next, keyFamily('groups')] }, databaseOf(schemaName), without)
  expect((await plan('msg')).plan).toMatchObject({ shards: 0, traced: 0 })
  await expect(plan('mgs')).rejects.toMatchObject({
    code: 'FAMILY_NOT_MOVED',
    faults: [{ next: expect.stringContaining('`groups`') }],
  })
})
