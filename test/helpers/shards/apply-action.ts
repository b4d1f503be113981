import { periodAt, shiftPeriod } from '../../../src/calendar/period.ts'
import type { ShardFamily } from '../../../src/core/shard-family.ts'
import { namingOf } from '../../../src/shards/render-shard.ts'
import { protectNamed, unprotectNamed } from '../../../src/shards/rotation/named-shards.ts'
import { restoreNamed } from '../../../src/shards/rotation/restore-shards.ts'
import { renderSimply } from './families.ts'
import { demand, familyOf, type HistoryFixture, holdOf, wanted } from './history-fixture.ts'
import type { Action } from './rotation-history.ts'

/** Does one thing of a history. */
export async function applyAction(at: HistoryFixture, action: Action): Promise<void> {
  const fixture = at.fixture
  switch (action.type) {
    case 'write':
      for (const family of fixture.families) for (const table of present(at, family)) await write(at, table)
      return
    case 'write-late':
      return writeLate(at)
    case 'write-too-late':
      return writeTooLate(at, action.choice)
    case 'add-instance':
      at.instances.set(String(at.instances.size + 1), 'present')
      return setInstances(at)
    case 'mark-deleted':
    case 'remove-row':
      return changeInstance(at, 'present', action.type === 'remove-row' ? 'gone' : 'deleted', action.choice)
    case 'undelete':
      return changeInstance(at, 'deleted', 'present', action.choice)
    case 'keep':
      return changePolicy(at, action.choice, {
        keep: action.months === null ? null : { count: action.months, unit: 'month' },
      })
    case 'archive':
      return changePolicy(at, action.choice, { archive: action.archive })
    case 'cap':
      return changePolicy(at, action.choice, { cap: action.cap })
    case 'hand-made':
      return makeByHand(at, action.choice, action.back, action.fits)
    case 'hand-dropped':
      return dropByHand(at, action.choice)
    case 'fan-out':
      return fanOut(at, action.choice)
    case 'protect':
    case 'unprotect':
    case 'restore':
      return askForOne(at, action.type, action.choice)
    case 'read':
      return beginToRead(at, action.choice)
    case 'end-reads':
      return endReads(at)
  }
}

export async function endReads(at: HistoryFixture): Promise<void> {
  for (const { reader } of at.readers.splice(0)) await reader.end()
}

async function beginToRead(at: HistoryFixture, choice: number): Promise<void> {
  const tables = (await at.fixture.readTables()).filter(
    (table) => familyOf(at, holdOf.exec(table)?.[1] ?? table) !== null,
  )
  const table = tables[choice % Math.max(1, tables.length)]
  if (table !== undefined && at.readers.length < 2) at.readers.push({ table, reader: await at.fixture.read(table) })
}

async function writeTooLate(at: HistoryFixture, choice: number): Promise<void> {
  const states = ['sealed', 'held', 'archived']
  const retired = (await at.fixture.readRecords()).filter(({ state }) => states.includes(state))
  const record = retired[choice % Math.max(1, retired.length)]
  const place = record?.state === 'sealed' ? record.table : record?.hold?.table
  if (record !== undefined && place !== undefined && (await at.fixture.readTables()).includes(place))
    await write(at, record.table, place)
}

/** The shards that a row of this instant goes to. */
function present(at: HistoryFixture, family: ShardFamily): readonly string[] {
  const { division } = family
  if (division.type === 'period')
    return [namingOf(family).name(periodAt(at.fixture.now, division.kind, division.zone).key)]
  return wanted(at, family)
}

async function write(at: HistoryFixture, shard: string, place = shard): Promise<void> {
  const there = (await at.fixture.readTables()).includes(place)
  // Instances of this season and tables that another hand dropped have theirs with the next run.
  if (!there && (at.missing.has(shard) || isNew(at, shard))) return
  demand(there, `a row finds no ${place}`)
  at.serial += 1
  const row = `r${at.serial}r`
  await at.fixture.insert(place, row)
  at.rows.set(shard, (at.rows.get(shard) ?? new Set()).add(row))
}

function isNew(at: HistoryFixture, shard: string): boolean {
  const family = familyOf(at, shard)
  return family?.division.type === 'key'
}

async function writeLate(at: HistoryFixture): Promise<void> {
  for (const family of at.fixture.families) {
    const { division, policy } = family
    if (division.type !== 'period') continue
    const last = shiftPeriod(periodAt(at.fixture.now, division.kind, division.zone), -1)
    const table = namingOf(family).name(last.key)
    const there = (await at.fixture.readTables()).includes(table)
    if (last.to + policy.late > at.fixture.now && there) await write(at, table)
  }
}

async function changeInstance(
  at: HistoryFixture,
  from: string,
  to: 'present' | 'deleted' | 'gone',
  choice: number,
): Promise<void> {
  const keys = [...at.instances].flatMap(([key, state]) => (state === from ? [key] : []))
  const key = keys[choice % Math.max(1, keys.length)]
  if (key === undefined || (from === 'present' && keys.length < 2)) return
  at.instances.set(key, to)
  await setInstances(at)
}

export function setInstances(at: HistoryFixture): Promise<void> {
  const those = (wanted: string) => [...at.instances].flatMap(([key, state]) => (state === wanted ? [key] : []))
  return at.fixture.setInstances(those('present'), those('deleted'))
}

function changePolicy(at: HistoryFixture, choice: number, change: Partial<ShardFamily['policy']>): void {
  const index = choice % at.fixture.families.length
  at.fixture.families = at.fixture.families.map((family, place) =>
    place === index ? { ...family, policy: { ...family.policy, ...change } } : family,
  )
}

/** A table of some past period, like its template or not; a name that only looks like a shard's. */
async function makeByHand(at: HistoryFixture, choice: number, back: number, fits: boolean): Promise<void> {
  const periods = at.fixture.families.filter(({ division }) => division.type === 'period')
  const family = periods[choice % periods.length]
  if (family === undefined || family.division.type !== 'period') return
  const { kind, zone } = family.division
  const { key, from, to } = shiftPeriod(periodAt(at.fixture.now, kind, zone), -back)
  const table = namingOf(family).name(key)
  const lookalike = `${table}_copy`
  const tables = await at.fixture.readTables()
  if (!tables.includes(lookalike))
    await at.fixture.create(`CREATE TABLE \`${lookalike}\` (\`id\` BIGINT NOT NULL) ENGINE=InnoDB`)
  at.strangers.add(lookalike)
  if (tables.some((name) => name === table || name.endsWith(`_${table}`))) return
  if (fits) return at.fixture.create(renderSimply(family, { family: family.name, key, table, from, to }).text)
  if ((await at.fixture.readRecords()).some((record) => record.table === table && record.state !== 'dropped')) return
  await at.fixture.create(`CREATE TABLE \`${table}\` (\`id\` INT NOT NULL) ENGINE=InnoDB`)
  at.strangers.add(table)
}

async function dropByHand(at: HistoryFixture, choice: number): Promise<void> {
  const tables = (await at.fixture.readTables()).filter((table) => {
    const parent = at.fixture.families.some(({ template }) =>
      template.siblings.some((name) => table.includes(`${name}_`)),
    )
    const read = at.readers.some((one) => one.table === table)
    return familyOf(at, table) !== null && !parent && !at.strangers.has(table) && !read
  })
  const table = tables[choice % Math.max(1, tables.length)]
  if (table === undefined) return
  await at.fixture.drop(table)
  at.rows.delete(table)
  at.missing.add(table)
}

/** Every shard in use gets a column, and the template its next version, under the lock as a fan-out has it. */
async function fanOut(at: HistoryFixture, choice: number): Promise<void> {
  const fixture = at.fixture
  const index = choice % fixture.families.length
  const before = fixture.families[index]
  if (before === undefined || at.readers.length > 0) return
  at.serial += 1
  const column = `extra${at.serial}`
  const text = before.template.text.replace(', PRIMARY KEY', `, \`${column}\` INT, PRIMARY KEY`)
  const template = { ...before.template, text, checksum: `${before.name}-${column}` }
  await fixture.change(before.name, async (target, { record, view }) => {
    const version = record.version + 1
    const shards = [...view.records.values()].filter(
      ({ state, table }) => (state === 'live' || state === 'sealed') && target.tables.has(table),
    )
    for (const { table } of shards) await fixture.addColumn(table, column)
    await target.write(
      shards.map((shard) => ({ ...shard, templateVersion: version, fingerprint: null })),
      [{ ...record, version, template: text, checksum: template.checksum }],
    )
  })
  fixture.families = fixture.families.map((family, place) => (place === index ? { ...family, template } : family))
}

/** By the commands of single shards; what they refuse is not this test's. */
async function askForOne(at: HistoryFixture, type: 'protect' | 'unprotect' | 'restore', choice: number): Promise<void> {
  const records = (await at.fixture.readRecords()).filter(({ state }) => type !== 'restore' || state !== 'live')
  const record = records[choice % Math.max(1, records.length)]
  if (record === undefined) return
  const given = { reason: 'a test asked', by: 'test@host' }
  await at.fixture.change(record.family, async (target, work, request) => {
    if (type === 'protect') await protectNamed(target, work, [record.key], given)
    else if (type === 'unprotect') await unprotectNamed(target, work, [record.key], given)
    else await restoreNamed(request, target, work, [record.key], given)
  })
}
