import { expect, test } from 'vitest'
import type { KeySource } from '../../src/core/shard-family.ts'
import type { CreateOutcome, ShardStore } from '../../src/shards/ports.ts'
import { neverStopped } from '../helpers/migrations/engine.ts'
import { changeOf, childOf, recordOf, tableOf } from './shard-fixture.ts'
import { codeOf, create, faultOf, type MakeFixture, namesOf, testsWithStore } from './shard-tests.ts'

const source: KeySource = { database: 'app', table: 'instances', column: 'id', deletedAt: 'deleted_at' }

const fingerprints = async (store: ShardStore): Promise<ReadonlyMap<string, string>> =>
  new Map([...(await store.readShapes(null, 'fingerprint'))].map(([name, shape]) => [name, shape.fingerprint]))

/** Tables, their shapes, rows and keys: of any implementation of the engine's `ShardStore`. */
export function describeShardTables(makeFixture: MakeFixture): void {
  const withStore = testsWithStore(makeFixture)

  withStore('tables are created once, parents first, and each is reported', async (store) => {
    const reported: CreateOutcome[] = []
    const tables = [childOf('group_members_42', 'groups_42'), tableOf('groups_42'), tableOf('contacts_42')]
    const outcomes = await store.createTables(tables, 3, neverStopped, (outcome) => reported.push(outcome))
    expect(reported).toEqual(outcomes)
    expect(new Map(outcomes.map((one) => [one.table, one.type]))).toEqual(
      new Map([
        ['groups_42', 'created'],
        ['group_members_42', 'created'],
        ['contacts_42', 'created'],
      ]),
    )
    const again = await create(store, ...tables)
    expect(new Set(again.map((one) => one.type))).toEqual(new Set(['exists']))
    expect(await create(store)).toEqual([])
  })

  withStore('one that fails stops only those that refer to it', async (store) => {
    const long = 'x'.repeat(65)
    const child = { ...childOf('child_1', 'parent_1'), after: [long, 'not_of_this_call'] }
    const outcomes = await create(store, child, tableOf(long), tableOf('fine_1'), childOf('lost_1', 'nowhere'))
    expect(new Map(outcomes.map((one) => [one.table, one.type]))).toEqual(
      new Map([
        ['child_1', 'failed'],
        [long, 'failed'],
        ['fine_1', 'created'],
        ['lost_1', 'failed'],
      ]),
    )
    const why = new Map(outcomes.map((one) => [one.table, one.type === 'failed' ? one.why : '']))
    expect([why.get(long), why.get('child_1'), why.get('lost_1')]).toEqual([
      expect.stringContaining('too long'),
      expect.stringContaining(long),
      expect.stringContaining('nowhere'),
    ])
    expect(await namesOf(store)).toEqual(['fine_1'])
  })

  withStore('it stops between tables when asked to', async (store) => {
    let requested = false
    const stop = {
      ...neverStopped,
      get requested() {
        return requested
      },
    }
    const tables = Array.from({ length: 50 }, (_, index) => tableOf(`t_${index}`))
    const outcomes = await store.createTables(tables, 1, stop, () => {
      requested = true
    })
    expect(outcomes.map((one) => one.table)).toEqual(['t_0'])
    expect(await namesOf(store)).toEqual(['t_0'])
  })

  withStore('names may be anything that a name can be', async (store, fixture) => {
    const names = ["o'dd `näme` 表", 'groups_42', 'x'.repeat(64), '42', 'select', '../up', 'a;b--c', '%s_{{table}}']
    const outcomes = await create(store, ...names.map((name) => tableOf(name)))
    expect(outcomes.map((one) => one.type)).toEqual(names.map(() => 'created'))
    expect(new Set(await namesOf(store))).toEqual(new Set(names))
    const shapes = await store.readShapes(names, 'fingerprint')
    expect(new Set([...shapes.values()].map((shape) => shape.fingerprint)).size).toBe(1)
    for (const [index, name] of names.entries()) {
      await fixture.insert(name, "it's")
      const { rows } = await store.measure(name)
      expect([await store.readColumns(name), rows]).toEqual([['id', 'text'], 1])
      await store.rename(name, `renamed_${index}`)
      await store.drop(`renamed_${index}`)
    }
    expect(await namesOf(store)).toEqual([])
  })

  withStore(
    'a table is renamed with all its rows; a view over it is broken until it is created again',
    async (store, fixture) => {
      await create(store, tableOf('a_1'), tableOf('a_2'))
      await fixture.insert('a_1', 'one')
      await store.createView('v', 'SELECT `id`,`text` FROM `a_1` UNION ALL SELECT `id`,`text` FROM `a_2`')
      expect(await store.readViewTables('v')).toEqual(['a_1', 'a_2'])
      expect(await store.listTables()).toContainEqual({ name: 'v', type: 'view' })
      expect(await codeOf(store.rename('gone', 'x'))).toBe('SERVER_REFUSED')
      expect(await codeOf(store.rename('a_1', 'a_2'))).toBe('SERVER_REFUSED')
      expect(await codeOf(store.rename('a_1', 'x'.repeat(65)))).toBe('SERVER_REFUSED')
      expect(await namesOf(store)).toEqual(['a_1', 'a_2', 'v'])
      await store.rename('a_1', '_hold_a_1')
      expect(await fixture.isWhole('v')).toBe(false)
      // A broken view still shows its tables, and blocks nothing.
      expect(await store.readViewTables('v')).toEqual(['a_1', 'a_2'])
      expect((await store.readShapes(['_hold_a_1', 'v'], 'fingerprint')).size).toBe(1)
      expect((await fingerprints(store)).has('v')).toBe(false)
      expect(await fixture.texts('_hold_a_1')).toEqual(['one'])
      await store.createView('v', 'SELECT `id`,`text` FROM `a_2`')
      expect(await fixture.isWhole('v')).toBe(true)
      expect(await store.readViewTables('v')).toEqual(['a_2'])
      expect(await store.readViewTables('w')).toEqual([])
      expect(await codeOf(store.createView('w', 'SELECT `id` FROM `gone`'))).toBe('SERVER_REFUSED')
      expect(await namesOf(store)).toEqual(['_hold_a_1', 'a_2', 'v'])
    },
  )

  withStore('who reads a table is named, and the others go on', async (store, fixture) => {
    await create(store, tableOf('a_1'), tableOf('a_2'))
    const reader = await fixture.read('a_1')
    for (const attempt of [() => store.rename('a_1', 'a_3'), () => store.drop('a_1')]) {
      const fault = await faultOf(attempt())
      expect(fault).toEqual({
        code: 'SHARD_BLOCKED',
        why: expect.stringContaining(`connection ${reader.connectionId}`),
      })
    }
    await store.rename('a_2', 'a_4')
    await store.writeRegistry(changeOf(recordOf('1')))
    await reader.end()
    await store.rename('a_1', 'a_3')
    expect(await namesOf(store)).toEqual(['a_3', 'a_4'])
  })

  withStore('a parent stays while a child refers to it, and is followed when it is renamed', async (store) => {
    await create(store, tableOf('groups_42'), childOf('group_members_42', 'groups_42'))
    const before = await fingerprints(store)
    expect(await codeOf(store.drop('groups_42'))).toBe('SERVER_REFUSED')
    await store.rename('group_members_42', '_hold_group_members_42')
    await store.rename('groups_42', '_hold_groups_42')
    await store.rename('_hold_groups_42', 'groups_42')
    await store.rename('_hold_group_members_42', 'group_members_42')
    expect(await fingerprints(store)).toEqual(before)
    await store.drop('group_members_42')
    await store.drop('groups_42')
    await store.drop('groups_42')
    expect(await namesOf(store)).toEqual([])
  })

  withStore('tables of one family have one fingerprint, and what differs is a line', async (store, fixture) => {
    const keys = ['7', '42', '202601', '2026w49']
    await create(
      store,
      ...keys.flatMap((key) => [tableOf(`groups_${key}`), childOf(`members_${key}`, `groups_${key}`)]),
    )
    await create(store, tableOf('groups_9', { index: 'idx_other' }), tableOf('groups_8', { comment: 'another' }))
    await fixture.insert('groups_42', 'rows', 'count', 'for', 'nothing')
    const found = await fingerprints(store)
    const same = (prefix: string) => new Set(keys.map((key) => found.get(`${prefix}_${key}`)))
    expect([same('groups').size, same('members').size]).toEqual([1, 1])
    expect(new Set(['groups_7', 'groups_8', 'groups_9', 'members_7'].map((name) => found.get(name))).size).toBe(4)
    const shapes = await store.readShapes(['groups_7', 'groups_9', 'gone'], 'lines')
    expect([...shapes.keys()].sort()).toEqual(['groups_7', 'groups_9'])
    const [one, other] = [shapes.get('groups_7'), shapes.get('groups_9')]
    expect(one?.fingerprint).toBe(found.get('groups_7'))
    const difference = one?.lines?.filter((line) => !other?.lines?.includes(line))
    expect(difference).toEqual([expect.stringContaining('idx_text')])
    expect((await store.readShapes(null, 'fingerprint')).get('groups_7')?.lines).toBeNull()
  })

  withStore('a template has the shape of the tables that it makes, and nothing of the trial stays', async (store) => {
    const [parent, child] = [tableOf('groups_42'), childOf('members_42', 'groups_42')]
    await create(store, parent, child)
    const found = await fingerprints(store)
    const next = [tableOf('groups_43'), childOf('members_43', 'groups_43')] as const
    expect((await store.shapeOf(next[0], [])).fingerprint).toBe(found.get('groups_42'))
    expect((await store.shapeOf(next[1], [next[0]])).fingerprint).toBe(found.get('members_42'))
    expect((await store.shapeOf(next[1], [next[0]])).lines).not.toBeNull()
    const definition = await store.definitionOf(next[1], [next[0]])
    const present = (await store.readDefinitions(['members_42', 'gone'])).get('members_42') ?? ''
    expect(definition.replaceAll('43', '42')).toBe(present)
    expect(await namesOf(store)).toEqual(['groups_42', 'members_42'])
  })

  withStore('rows are counted and summed in any order, each with what is in it', async (store, fixture) => {
    await create(store, tableOf('a_1'), tableOf('a_2'), tableOf('a_3'))
    const empty = await store.measure('a_1')
    expect(empty.rows).toBe(0)
    await fixture.insert('a_1', 'one', '二')
    await fixture.insert('a_2', 'one', '二')
    await fixture.insert('a_3', 'one', '三')
    const [first, second, third] = [await store.measure('a_1'), await store.measure('a_2'), await store.measure('a_3')]
    expect(second).toEqual(first)
    expect([first.rows, third.rows]).toEqual([2, 2])
    expect(new Set([empty.checksum, first.checksum, third.checksum]).size).toBe(3)
    expect(first.checksum).toMatch(/^[0-9a-f]{24}$/)
    await store.rename('a_1', 'held')
    expect(await store.measure('held')).toEqual(first)
    expect(await codeOf(store.measure('gone'))).toBe('SERVER_REFUSED')
    expect(await store.readColumns('gone')).toEqual([])
  })

  withStore('the clock is the server’s, and moves on', async (store) => {
    const [first, second] = [await store.readClock(), await store.readClock()]
    expect(second).toBeGreaterThanOrEqual(first)
    expect(Math.abs(first / 1000 - store.facts.epochSeconds)).toBeLessThan(60)
  })

  test('keys are the present and the deleted; without their table there are none', async () => {
    const fixture = await makeFixture()
    const read = (from: KeySource = source) => fixture.servers.readKeys(fixture.database, fixture.timeouts, from)
    expect(await read()).toBeNull()
    await fixture.setKeys(source, [], [])
    expect(await read()).toEqual({ present: [], deleted: [] })
    await fixture.setKeys(source, ['1', '10', '2', '18446744073709551615'], ['3'])
    const census = await read()
    expect(new Set(census?.present)).toEqual(new Set(['1', '10', '2', '18446744073709551615']))
    expect(census?.deleted).toEqual(['3'])
    await fixture.close()
  })

  test.each(["1'; DROP TABLE x; --", '`', '../1', '１', '-1', '18446744073709551616', '1.5', 'x'.repeat(65)])(
    'a value that is no key is refused: %s',
    async (value) => {
      const fixture = await makeFixture()
      await fixture.setKeys(source, ['1', value], [])
      expect(await codeOf(fixture.servers.readKeys(fixture.database, fixture.timeouts, source))).toBe('KEY_INVALID')
      await fixture.close()
    },
  )
}
