import { expect, test } from 'vitest'
import { noRegistryChange } from '../../src/shards/ports.ts'
import { changeOf, recordOf, tableOf } from './shard-fixture.ts'
import { codeOf, create, ignore, type MakeFixture, namesOf, open, patience, testsWithStore } from './shard-tests.ts'

/** The lock, and what is written under it: of any implementation of the engine's `ShardStore`. */
export function describeShardRegistry(makeFixture: MakeFixture): void {
  const withStore = testsWithStore(makeFixture)

  test('the registry does not exist before it is created; creating it twice changes nothing', async () => {
    const fixture = await makeFixture()
    const store = await open(fixture)
    const nothing = {
      exists: false,
      generation: 0,
      families: [],
      shards: [],
      findings: [],
      traces: [],
      lastRunAt: null,
    }
    expect(await store.readRegistry()).toEqual(nothing)
    expect(await codeOf(store.createRegistry())).toBe('LOCK_LOST')
    await store.lock(patience, ignore)
    expect(await codeOf(store.writeRegistry(changeOf(recordOf('202601'))))).toBe('SERVER_REFUSED')
    await store.createRegistry()
    expect(await store.readRegistry()).toEqual({ ...nothing, exists: true })
    await store.writeRegistry(changeOf(recordOf('202601')))
    await store.createRegistry()
    expect((await store.readRegistry()).shards).toEqual([recordOf('202601')])
    await store.close()
    await fixture.close()
  })

  withStore('records are read as they were written, in all their parts', async (store) => {
    const at = Date.UTC(2026, 5, 1, 12, 30, 15, 678)
    const digests = { checksum: 'c'.repeat(24), sha256: 'a'.repeat(64) }
    const archive = { rows: 12, ...digests, address: "app/messages/o'dd 表.json", bytes: 4096, at }
    const full = recordOf('202601', {
      state: 'archived',
      templateVersion: 3,
      fingerprint: 'f'.repeat(64),
      goneAt: at,
      seal: { rows: 2 ** 40, checksum: digests.checksum, at },
      hold: { table: '_hold_20260601_0a1b2c3d_messages_202601', at, until: at + 1 },
      archive,
      protection: { reason: "it's `needed` \\ 诉讼 🙂", by: 'ann@build-7', at },
    })
    const far = recordOf('999912', { from: Date.UTC(9999, 11, 1), to: Date.UTC(9999, 11, 31) })
    const key = recordOf('42', { family: 'contacts', table: 'contacts_42', from: null, to: null })
    const family = {
      family: 'messages',
      version: 2,
      template: "CREATE '表'\n",
      checksum: 'x'.repeat(64),
      lastSuccessAt: at,
    }
    await store.writeRegistry({ shards: [full, far, key], families: [family], findings: [], lastRunAt: at })
    const registry = await store.readRegistry()
    expect(registry.lastRunAt).toBe(at)
    expect(registry.families).toEqual([family])
    expect(new Set(registry.shards)).toEqual(new Set([full, far, key]))
  })

  withStore('a record is written over as a whole; every change of shards counts; the last run stays', async (store) => {
    const hold = { table: 'h', at: 1000, until: 2000 }
    await store.writeRegistry({ ...changeOf(recordOf('1', { hold }), recordOf('2')), lastRunAt: 5000 })
    const before = await store.readRegistry()
    await store.writeRegistry(changeOf(recordOf('1', { state: 'sealed' })))
    await store.writeRegistry({
      ...noRegistryChange,
      families: [{ family: 'messages', version: 1, template: 't', checksum: 'c', lastSuccessAt: null }],
    })
    const after = await store.readRegistry()
    expect(after.generation).toBe(before.generation + 1)
    expect(after.lastRunAt).toBe(5000)
    expect(new Set(after.shards)).toEqual(new Set([recordOf('1', { state: 'sealed' }), recordOf('2')]))
  })

  withStore('a finding stays until it is closed, with or without its shard', async (store) => {
    const at = Date.UTC(2026, 5, 1, 12, 30, 15, 678)
    const [rows, closed] = [{ rows: null }, null]
    const loss = {
      family: 'messages',
      key: '1',
      kind: 'loss',
      table: 'messages_1',
      state: 'held',
      rows: 12,
      at,
      closed,
    } as const
    const delay = { ...loss, ...rows, kind: 'put-off', key: '2', state: 'sealed' } as const
    const before = await store.readRegistry()
    await store.writeRegistry({ ...changeOf(recordOf('1', { state: 'lost' })), findings: [loss, delay] })
    await store.writeRegistry(changeOf(recordOf('1')))
    expect(new Set((await store.readRegistry()).findings)).toEqual(new Set([loss, delay]))
    const closing = { at: at + 1, by: 'ann@ops', reason: "it's known" }
    await store.writeRegistry({ ...noRegistryChange, findings: [{ ...loss, closed: closing }] })
    const after = await store.readRegistry()
    expect(after.findings).toEqual([delay])
    expect(after.generation).toBe(before.generation + 2)
  })

  withStore(
    'a protection outlives the row that has it, and the registry; a write of the row keeps it',
    async (store, fixture) => {
      const protection = { reason: 'case 117', by: 'ann@ops', at: 1000 }
      await store.writeRegistry(changeOf(recordOf('1', { protection }), recordOf('2')))
      expect((await store.readRegistry()).traces).toEqual([])
      await fixture.forgetProtections()
      const amended = await store.readRegistry()
      const found = { family: 'messages', key: '1', table: 'messages_1', state: 'live', protectedFor: 'case 117' }
      expect(amended.traces).toMatchObject([found])
      const [first] = amended.shards.filter(({ key }) => key === '1')
      expect(first?.protection).toMatchObject({ reason: 'case 117' })
      if (first !== undefined) await store.writeRegistry(changeOf(first))
      expect((await store.readRegistry()).traces).toEqual([])
      await fixture.forgetShard('1')
      expect((await store.readRegistry()).traces).toMatchObject([found])
      await fixture.forgetShard(null)
      expect((await store.readRegistry()).traces).toMatchObject([{ key: '2', protectedFor: null }, { key: '1' }])
    },
  )

  withStore('a protection that only an event tells of ends with an event', async (store, fixture) => {
    const protection = { reason: 'case 117', by: 'ann@ops', at: 1000 }
    await store.writeRegistry(changeOf(recordOf('1', { protection })))
    await fixture.forgetProtections()
    await store.writeRegistry(changeOf(recordOf('1')))
    const after = await store.readRegistry()
    expect(after.traces).toEqual([])
    expect(after.shards[0]?.protection).toBeNull()
    await store.writeRegistry(changeOf(recordOf('1', { state: 'dropped', protection })))
    await store.writeRegistry(changeOf(recordOf('1', { state: 'dropped' })))
    await fixture.forgetShard(null)
    expect((await store.readRegistry()).traces).toEqual([])
  })

  withStore(
    'a family gets another name, with its shards, its version, its findings and its protections',
    async (store, fixture) => {
      const protection = { reason: 'case 117', by: 'ann@ops', at: 1000 }
      const family = { family: 'messages', version: 3, template: 't', checksum: 'c', lastSuccessAt: 5000 }
      const loss = {
        family: 'messages',
        key: '3',
        kind: 'loss',
        table: 'messages_3',
        state: 'held',
        rows: 1,
        at: 1,
        closed: null,
      } as const
      const twin = recordOf('2', { family: 'posts', table: 'messages_2' })
      await store.writeRegistry({
        ...changeOf(recordOf('1', { protection }), recordOf('2', { protection }), recordOf('4', { protection }), twin),
        families: [family, { ...family, family: 'posts', version: 1 }],
        findings: [loss],
      })
      await fixture.forgetShard('4')
      const before = await store.readRegistry()
      const merged = [recordOf('2', { family: 'posts', table: 'messages_2', protection })]
      await store.moveFamily({ from: 'messages', to: 'posts', merged, isKnown: true })
      const after = await store.readRegistry()
      expect(after.generation).toBe(before.generation + 1)
      expect(after.families).toEqual([{ ...family, family: 'posts' }])
      expect(new Set(after.shards)).toEqual(new Set([{ ...recordOf('1', { protection }), family: 'posts' }, ...merged]))
      expect(after.findings).toEqual([{ ...loss, family: 'posts' }])
      expect(after.traces).toMatchObject([{ family: 'posts', key: '4', protectedFor: 'case 117' }])
      await fixture.forgetShard('1')
      expect((await store.readRegistry()).traces.map(({ family: name, key }) => [name, key])).toEqual(
        expect.arrayContaining([['posts', '1']]),
      )
    },
  )

  withStore('thousands of records are one write', async (store) => {
    const records = Array.from({ length: 2500 }, (_, index) => recordOf(String(index)))
    const before = await store.readRegistry()
    await store.writeRegistry(changeOf(...records))
    const after = await store.readRegistry()
    expect([after.generation, after.shards.length]).toEqual([before.generation + 1, 2500])
  })

  withStore('the lock is one at a time, waited for, and free when released or closed', async (store, fixture) => {
    const other = await open(fixture)
    const holders: (number | undefined)[] = []
    expect(await codeOf(other.lock(0, (holder) => holders.push(holder?.connectionId)))).toBe('LOCK_HELD')
    expect(holders[0]).toBe(store.facts.connectionId)
    const waiting = other.lock(patience, ignore)
    await store.unlock()
    await waiting
    expect(await codeOf(store.writeRegistry(noRegistryChange))).toBe('LOCK_LOST')
    const again = store.lock(patience, ignore)
    await other.close()
    await again
    await store.writeRegistry(noRegistryChange)
  })

  withStore('without the lock nothing is written, made, renamed or dropped', async (store, fixture) => {
    await create(store, tableOf('a_1'))
    const before = await store.readRegistry()
    await fixture.stealLock(store)
    const many = Array.from({ length: 2500 }, (_, index) => recordOf(String(index)))
    const attempts: readonly (() => Promise<unknown>)[] = [
      () => store.writeRegistry(changeOf(recordOf('1'))),
      () => store.writeRegistry(changeOf(...many)),
      () => create(store, tableOf('a_2')),
      () => store.rename('a_1', 'a_3'),
      () => store.drop('a_1'),
      () => store.createView('v', 'SELECT `id` FROM `a_1`'),
    ]
    for (const attempt of attempts) expect(await codeOf(attempt())).toBe('LOCK_LOST')
    expect(await store.readRegistry()).toEqual(before)
    expect(await namesOf(store)).toEqual(['a_1'])
  })

  withStore('a store that is led writes while its leader holds the lock', async (leader, fixture) => {
    const led = await open(fixture, leader.facts.connectionId)
    await led.lock(0, ignore)
    await led.writeRegistry(changeOf(recordOf('1')))
    await create(led, tableOf('a_1'))
    await led.rename('a_1', 'a_2')
    await leader.unlock()
    expect(await codeOf(led.writeRegistry(changeOf(recordOf('2'))))).toBe('LOCK_LOST')
    expect(await codeOf(led.drop('a_2'))).toBe('LOCK_LOST')
    expect(await namesOf(led)).toEqual(['a_2'])
    await led.close()
  })

  withStore('a lost connection is reported as one, and the lock is free', async (store, fixture) => {
    await fixture.breakConnection(store)
    expect(await codeOf(store.writeRegistry(changeOf(recordOf('1'))))).toBe('CONNECTION_LOST')
    expect(await codeOf(store.listTables())).toBe('CONNECTION_LOST')
    expect(await codeOf(store.readShapes(null, 'fingerprint'))).toBe('CONNECTION_LOST')
    const next = await open(fixture)
    await next.lock(patience, ignore)
    expect((await next.readRegistry()).shards).toEqual([])
    await next.close()
  })
}
