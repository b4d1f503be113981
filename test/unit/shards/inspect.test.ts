import { describe, expect, test } from 'vitest'
import { inspectTarget } from '../../../src/shards/inspect/inspect-target.ts'
import { planAdoption } from '../../../src/shards/inspect/plan-adoption.ts'
import type { InspectionRequest } from '../../../src/shards/inspect/view-target.ts'
import {
  countFamilyFindings,
  countFindings,
  type FamilyInspection,
  type TargetInspection,
} from '../../../src/shards/inspection.ts'
import type { ShardStore } from '../../../src/shards/ports.ts'
import type { ShardRecord } from '../../../src/shards/shard.ts'
import { day, keyFamily, periodFamily, renderSimply } from '../../helpers/shards/families.ts'
import { RotationStage, schemaName } from '../../helpers/shards/rotation-stage.ts'

const start = '2026-11-24T12:00:00Z'
const messages = periodFamily('messages', 'month', { keep: null })

function requestOf(stage: RotationStage, changes: Partial<InspectionRequest> = {}): InspectionRequest {
  const { config, families, servers, now } = stage.request()
  return {
    config,
    families,
    only: null,
    servers,
    now,
    longestPause: 400 * day,
    render: renderSimply,
    readKnown: async () => ({ tables: new Set<string>(), doubt: null }),
    scratch: false,
    ...changes,
  }
}

async function withStore<T>(
  stage: RotationStage,
  changes: Partial<InspectionRequest>,
  work: (request: InspectionRequest, store: ShardStore) => Promise<T>,
): Promise<T> {
  const request = requestOf(stage, changes)
  const [database] = request.config.databases
  if (database === undefined) throw new Error('the stage has a database')
  const store = await request.servers.open(database, request.config.timeouts, false)
  try {
    return await work(request, store)
  } finally {
    await store.close()
  }
}

function inspect(stage: RotationStage, changes: Partial<InspectionRequest> = {}): Promise<TargetInspection> {
  return withStore(stage, changes, (request, store) => {
    const [database] = request.config.databases
    if (database === undefined) throw new Error('the stage has a database')
    return inspectTarget(request, database, store)
  })
}

async function inspectOne(
  stage: RotationStage,
  name = 'messages',
  changes: Partial<InspectionRequest> = {},
): Promise<FamilyInspection> {
  const found = (await inspect(stage, changes)).families.find(({ family }) => family === name)
  if (found === undefined) throw new Error(`no inspection of ${name}`)
  return found
}

/** Months as the stage begins: November to January, made ahead. */
async function rotated(families = [messages]): Promise<RotationStage> {
  const stage = new RotationStage(start, families)
  stage.setInstances([])
  await stage.runWell()
  return stage
}

const columnText = '`id` BIGINT NOT NULL AUTO_INCREMENT, `text` VARCHAR(40), `parent_id` BIGINT, PRIMARY KEY (`id`)'
const create = (table: string, more = ''): string => `CREATE TABLE \`${table}\` (${columnText}${more}) ENGINE=InnoDB`

describe('what shards check finds', () => {
  test('nothing after a rotation', async () => {
    const stage = await rotated()
    const target = await inspect(stage)
    expect(countFindings(target)).toBe(0)
    expect(target).toMatchObject({ registry: true, lastRunAt: '2026-11-24T12:00:00.000Z', strayHolds: [], doubts: [] })
    expect(target.families).toMatchObject([{ family: 'messages', tables: 3, missing: [], holes: [], unexpected: [] }])
    expect(target.families[0]?.headroom).toBe(Date.parse('2027-02-01') - Date.parse(start))
    expect(target.families[0]?.lastSuccessAt).toBe('2026-11-24T12:00:00.000Z')
  })

  test('everything that must be there before the first rotation', async () => {
    const stage = new RotationStage(start, [messages])
    const target = await inspect(stage)
    expect(target).toMatchObject({ registry: false, lastRunAt: null })
    expect(target.families[0]).toMatchObject({
      missing: ['messages_202611', 'messages_202612', 'messages_202701'].map((table) => ({ table })),
      headroom: 0,
      unregistered: [],
      drift: { reference: 'nothing', version: null },
    })
  })

  test('shards that are missing when rotation has not run for long', async () => {
    const stage = await rotated()
    stage.now += 45 * day
    const found = await inspectOne(stage)
    expect(found.missing.map(({ key }) => key)).toEqual(['2027-02', '2027-03'])
    expect(found.headroom).toBe(Date.parse('2027-02-01') - stage.now)
    stage.now += 60 * day
    expect((await inspectOne(stage)).headroom).toBe(0)
  })

  test('a shard that was dropped outside of wwdb: gone, and missing or a hole', async () => {
    const stage = await rotated()
    stage.schema.drop('messages_202612')
    expect(await inspectOne(stage)).toMatchObject({
      missing: [{ table: 'messages_202612', key: '2026-12' }],
      holes: [],
      lost: [{ table: 'messages_202612', key: '2026-12', state: 'live' }],
      headroom: Date.parse('2026-12-01') - Date.parse(start),
    })
    stage.now += 60 * day
    const found = await inspectOne(stage)
    expect(found.holes).toEqual([{ table: 'messages_202612', key: '2026-12' }])
    expect(countFamilyFindings(found)).toBe(1 + found.missing.length)
  })

  test('holes between tables that the registry never knew', async () => {
    const stage = new RotationStage(start, [messages])
    for (const month of ['202605', '202607', '202611', '202612', '202701']) {
      stage.server.create(schemaName, create(`messages_${month}`))
    }
    const found = await inspectOne(stage)
    expect(found.holes.map(({ key }) => key)).toEqual(['2026-06', '2026-08', '2026-09', '2026-10'])
    expect(found.missing).toEqual([])
  })

  test('tables that only look like shards, but none that migrations make', async () => {
    const stage = await rotated()
    for (const name of ['messages_archive', 'messages_20261', 'messages_202613', 'MESSAGES_202611', 'messages_tags'])
      stage.server.create(schemaName, create(name))
    stage.server.create(schemaName, create('other'))
    const found = await inspectOne(stage, 'messages', {
      readKnown: async () => ({ tables: new Set(['messages_tags']), doubt: null }),
    })
    expect(found.unexpected.map(({ table }) => table).sort()).toEqual([
      'MESSAGES_202611',
      'messages_20261',
      'messages_202613',
      'messages_archive',
    ])
    expect(found.unexpected[0]?.why).toContain('messages_{YYYYMM}')
  })

  test('migrations are read only where something looks out of place', async () => {
    const stage = await rotated()
    let asked = 0
    const readKnown = async () => {
      asked += 1
      return { tables: new Set<string>(), doubt: 'The migrations of app have a fault.' }
    }
    await inspect(stage, { readKnown })
    expect(asked).toBe(0)
    stage.server.create(schemaName, create('messages_old'))
    const seen = await inspect(stage, { readKnown })
    expect(asked).toBe(1)
    expect(seen.doubts).toEqual(['The migrations of app have a fault.'])
  })

  test('a table of a period far ahead, with none before it', async () => {
    const stage = await rotated()
    stage.server.create(schemaName, create('messages_209912'))
    expect((await inspectOne(stage)).unexpected).toMatchObject([{ table: 'messages_209912' }])
  })

  test('a view in the place of a shard', async () => {
    const stage = await rotated()
    stage.schema.drop('messages_202612')
    stage.schema.createView('messages_202612', 'SELECT * FROM `messages_202611`')
    const found = await inspectOne(stage)
    expect(found.unexpected).toEqual([{ table: 'messages_202612', why: 'It is a view with the name of a shard.' }])
  })

  test('shards that differ, together by shape, and in what', async () => {
    const stage = await rotated()
    const change = (table: string, items: (items: readonly string[]) => readonly string[]): void =>
      stage.schema.change(table, (before) => ({ items: items(before.items) }))
    change('messages_202612', (items) => [...items, 'index KEY `idx` (`text`)'])
    change('messages_202701', (items) => items.filter((item) => !item.includes('`text`')))
    const { drift } = await inspectOne(stage, 'messages', { scratch: true })
    expect(drift).toMatchObject({ reference: 'template', like: 1, behind: [] })
    expect(drift.groups).toEqual([
      {
        tables: ['messages_202612'],
        differences: [{ part: 'index', name: 'idx', change: 'extra', wanted: null, found: 'KEY `idx` (`text`)' }],
      },
      {
        tables: ['messages_202701'],
        differences: [{ part: 'column', name: 'text', change: 'missing', wanted: 'VARCHAR(40)', found: null }],
      },
    ])
  })

  test('without anything recorded most shards are right; a scratch schema knows better', async () => {
    const stage = new RotationStage(start, [messages])
    for (const month of ['202611', '202612'])
      stage.server.create(schemaName, create(`messages_${month}`, ', KEY `i` (`text`)'))
    stage.server.create(schemaName, create('messages_202701'))
    const guessed = await inspectOne(stage)
    expect(guessed.drift).toMatchObject({ reference: 'majority', like: 2, groups: [{ tables: ['messages_202701'] }] })
    const proven = await inspectOne(stage, 'messages', { scratch: true })
    expect(proven.drift).toMatchObject({ like: 1, groups: [{ tables: ['messages_202611', 'messages_202612'] }] })
  })

  test('the shape that rotation recorded counts more than what most are like now', async () => {
    const stage = await rotated()
    for (const table of ['messages_202612', 'messages_202701'])
      stage.schema.change(table, ({ items }) => ({ items: [...items, 'index KEY `i` (`text`)'] }))
    const { drift } = await inspectOne(stage)
    expect(drift).toMatchObject({ reference: 'recorded', like: 1 })
    expect(drift.groups).toMatchObject([{ tables: ['messages_202612', 'messages_202701'] }])
  })

  test('a template whose file is not the version that shards are made from', async () => {
    const stage = await rotated()
    stage.families = [{ ...messages, template: { ...messages.template, checksum: 'edited' } }]
    const found = await inspectOne(stage)
    expect(found.drift).toMatchObject({ templateChanged: true, version: 1, groups: [] })
    expect(countFamilyFindings(found)).toBe(1)
  })

  test('shards that a fan-out has not reached are no drift', async () => {
    const stage = await rotated()
    const { families } = stage.schema.registry
    const through = stage.records.filter(({ key }) => key !== '2026-11')
    for (const { table } of through)
      stage.schema.change(table, ({ items }) => ({ items: [...items, 'index KEY `i` (`text`)'] }))
    stage.schema.writeRegistry(
      through.map((record) => {
        const { fingerprint } = stage.schema.shapeOf(record.table)
        return { ...record, templateVersion: 2, fingerprint }
      }),
      families.map((family) => ({ ...family, version: 2 })),
      null,
    )
    const { drift } = await inspectOne(stage)
    expect(drift).toMatchObject({ like: 2, groups: [], behind: [{ version: 1, tables: ['messages_202611'] }] })
  })

  test('tables that the registry lacks, and rows without a table', async () => {
    const stage = await rotated()
    stage.server.create(schemaName, create('messages_202610'))
    const held = await holdOne(stage, 'messages_202611')
    stage.schema.drop(held)
    expect(await inspectOne(stage)).toMatchObject({
      unregistered: ['messages_202610'],
      lost: [{ table: 'messages_202611', state: 'held' }],
    })
  })

  test('what waits to be dropped, in tables and bytes; a stray hold name; another table beside a held one', async () => {
    const stage = await rotated()
    stage.server.insert(schemaName, 'messages_202611', 'a', 'b')
    const held = await holdOne(stage, 'messages_202611')
    stage.server.create(schemaName, create('_hold_20260101_0123abcd_messages_202001'))
    stage.server.create(schemaName, create('messages_202611'))
    const target = await inspect(stage)
    expect(target.strayHolds).toEqual(['_hold_20260101_0123abcd_messages_202001'])
    expect(target.families[0]).toMatchObject({
      held: { tables: 1, bytes: 2 * 16_384 },
      unexpected: [{ table: 'messages_202611', why: expect.stringContaining(held) }],
    })
  })

  test('protected shards are listed and are no findings; steps under way neither', async () => {
    const stage = await rotated()
    const protection = { reason: 'case 7', by: 'ann@ops', at: Date.parse(start) }
    stage.schema.writeRegistry(
      stage.records.map((record): ShardRecord => {
        if (record.key !== '2026-11') return record
        const hold = { table: '_hold_20261124_0123abcd_messages_202611', at: 0, until: 0 }
        return { ...record, protection, state: 'holding', hold }
      }),
      [],
      null,
    )
    const found = await inspectOne(stage)
    expect(found).toMatchObject({
      protected: [{ table: 'messages_202611', reason: 'case 7', by: 'ann@ops', at: '2026-11-24T12:00:00.000Z' }],
      unsettled: [{ table: 'messages_202611', state: 'holding' }],
    })
    expect(countFamilyFindings(found)).toBe(0)
  })

  test('instances without a shard; one without a row is for rotation to retire', async () => {
    const stage = new RotationStage(start, [keyFamily('groups'), keyFamily('members', ['groups'])])
    stage.setInstances(['7', '42'])
    await stage.runWell()
    stage.setInstances(['7', '100'])
    const target = await inspect(stage)
    expect(target.families).toMatchObject([
      { family: 'groups', missing: [{ table: 'groups_100', key: '100' }], headroom: null, tables: 2 },
      { family: 'members', missing: [{ table: 'members_100', key: '100' }], unexpected: [] },
    ])
  })

  test('a key source that cannot be read: the check is not green, and says why', async () => {
    const stage = new RotationStage(start, [keyFamily('groups')])
    const { config } = stage.request()
    const databases = config.databases.filter(({ name }) => name === schemaName)
    const found = await inspectOne(stage, 'groups', { config: { ...config, databases } })
    expect(found.unchecked).toEqual([expect.stringContaining('instance_db.wework_instances')])
    expect(countFamilyFindings(found)).toBe(1)
  })

  test('clocks that disagree', async () => {
    const stage = await rotated()
    stage.skew = 3 * day
    const target = await inspect(stage)
    expect(target.doubts).toHaveLength(1)
    expect(countFindings(target)).toBeGreaterThan(0)
  })

  test('shards of a family that has no template any more', async () => {
    const stage = await rotated()
    stage.families = [keyFamily('groups')]
    const target = await inspect(stage)
    expect(target.doubts).toEqual([expect.stringContaining('3 shards of `messages`')])
    expect(countFindings(target)).toBe(1)
  })

  test('it writes nothing and takes no lock', async () => {
    const stage = await rotated()
    const before = JSON.stringify([stage.schema.tables, stage.schema.registry])
    stage.schema.drop('messages_202612')
    const dropped = JSON.stringify([stage.schema.tables, stage.schema.registry])
    await inspect(stage)
    expect(JSON.stringify([stage.schema.tables, stage.schema.registry])).toBe(dropped)
    expect(dropped).not.toBe(before)
    expect(stage.server.holderOf(schemaName)).toBeNull()
  })
})

test('a shard that a trickle of writes keeps from its hold is a finding after a week, until it is held', async () => {
  const family = periodFamily('messages', 'month', { keep: { count: 1, unit: 'month' } })
  const stage = new RotationStage('2026-09-15T12:00:00Z', [family])
  await stage.runWell()
  const overdueAt = async (time: string): Promise<FamilyInspection['overdue']> => {
    stage.now = Date.parse(time)
    await stage.runWell()
    return (await inspectOne(stage)).overdue
  }
  expect(await overdueAt('2026-10-05T12:00:00Z')).toEqual([])
  for (const date of ['11-02', '11-05', '11-08']) {
    stage.server.insert(schemaName, 'messages_202609', date)
    expect(await overdueAt(`2026-${date}T12:00:00Z`)).toEqual([])
  }
  stage.server.insert(schemaName, 'messages_202609', 'one more')
  const since = '2026-11-02T12:00:00.000Z'
  expect(await overdueAt('2026-11-10T12:00:00Z')).toEqual([{ table: 'messages_202609', key: '2026-09', since }])
  expect(countFamilyFindings(await inspectOne(stage))).toBe(1)
  expect(await overdueAt('2026-11-11T12:00:00Z')).toEqual([])
  expect(stage.record('messages_202609')?.state).toBe('held')
  expect(stage.schema.registry.findings).toEqual([])
})

/** Puts a shard on hold as rotation would: the table renamed, the registry told. */
async function holdOne(stage: RotationStage, table: string, state: 'held' | 'archived' = 'held'): Promise<string> {
  const name = `_hold_20261124_0123abcd_${table}`
  stage.schema.rename(table, name)
  const hold = { table: name, at: stage.now, until: stage.now + 14 * day }
  stage.schema.writeRegistry(
    stage.records.filter((record) => record.table === table).map((record): ShardRecord => ({ ...record, state, hold })),
    [],
    null,
  )
  return name
}

describe('what shards adopt takes', () => {
  const adopt = (stage: RotationStage, changes: Partial<InspectionRequest> = {}) =>
    withStore(stage, changes, (request, store) => {
      const [database] = request.config.databases
      if (database === undefined) throw new Error('the stage has a database')
      return planAdoption(request, database, store, [])
    })

  test('tables of a platform that ran before, where they are like the template', async () => {
    const stage = new RotationStage(start, [messages])
    for (const month of ['202609', '202610', '202611']) stage.server.create(schemaName, create(`messages_${month}`))
    stage.schema.change('messages_202610', ({ items }) => ({ items: [...items, 'index KEY `i` (`text`)'] }))
    stage.server.create(schemaName, create('messages_archive'))
    const { families, shards, records } = await adopt(stage)
    expect(families).toEqual([
      {
        family: 'messages',
        known: 0,
        adopted: [
          { table: 'messages_202609', key: '2026-09', state: 'live', recorded: null },
          { table: 'messages_202611', key: '2026-11', state: 'live', recorded: null },
        ],
        refused: [
          { table: 'messages_202610', why: 'It has an extra index `i`.' },
          { table: 'messages_archive', why: expect.stringContaining('does not contain a month') },
        ],
      },
    ])
    expect(shards).toMatchObject([
      {
        key: '2026-09',
        state: 'live',
        templateVersion: 1,
        from: Date.parse('2026-09-01'),
        to: Date.parse('2026-10-01'),
      },
      { key: '2026-11' },
    ])
    expect(shards[0]?.fingerprint).toBe(stage.schema.shapeOf('messages_202609').fingerprint)
    expect(records).toMatchObject([{ family: 'messages', version: 1, checksum: 'messages-1' }])
  })

  test('nothing twice, and what the registry believed dropped comes back', async () => {
    const stage = await rotated()
    expect((await adopt(stage)).shards).toEqual([])
    stage.schema.writeRegistry(
      stage.records.map((record): ShardRecord => (record.key === '2026-11' ? { ...record, state: 'dropped' } : record)),
      [],
      null,
    )
    const { shards, records } = await adopt(stage)
    expect(shards).toMatchObject([{ key: '2026-11', state: 'live' }])
    expect(records).toEqual([])
  })

  test('the whole registry, held shards with it', async () => {
    const stage = new RotationStage('2026-03-10T12:00:00Z', [periodFamily('messages', 'month')])
    await stage.runWell()
    for (let month = 0; month < 8; month += 1) {
      stage.now += 30 * day
      await stage.runWell()
    }
    const held = stage.records.find(({ state }) => state === 'held')
    if (held === undefined || held.hold === null) throw new Error('a shard is on hold by now')
    const live = stage.records.filter(({ state }) => state === 'live' || state === 'sealed')
    const lost = new RotationStage(new Date(stage.now).toISOString(), stage.families)
    for (const { table } of live) lost.server.create(schemaName, create(table))
    lost.server.create(schemaName, create(held.hold.table))
    lost.server.insert(schemaName, held.hold.table, 'a', 'b', 'c')
    const { shards, families } = await adopt(lost)
    expect(shards.filter(({ state }) => state === 'live').map(({ table }) => table)).toEqual(
      live.map(({ table }) => table).sort(),
    )
    expect(shards.find(({ state }) => state === 'held')).toMatchObject({
      table: held.table,
      key: held.key,
      seal: { rows: 3 },
      hold: { table: held.hold.table, until: expect.any(Number) },
    })
    expect(families[0]?.refused).toEqual([])
  })

  test('no hold name that was made by hand, and none beside a table of the shard', async () => {
    const stage = await rotated()
    stage.server.create(schemaName, create('_hold_20261101_0123abcd_messages_202501'))
    expect((await adopt(stage)).shards).toEqual([])
  })

  test('an instance whose row is gone counts as gone from now on', async () => {
    const stage = new RotationStage(start, [keyFamily('groups')])
    stage.setInstances(['42'])
    for (const key of ['7', '42']) stage.server.create(schemaName, create(`groups_${key}`))
    const { shards } = await adopt(stage)
    expect(shards).toMatchObject([
      { key: '7', goneAt: stage.now },
      { key: '42', goneAt: null },
    ])
  })
})
