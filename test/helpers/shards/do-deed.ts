import { periodAt, shiftPeriod } from '../../../src/calendar/period.ts'
import type { ShardFamily } from '../../../src/core/shard-family.ts'
import { namingOf } from '../../../src/shards/render-shard.ts'
import { protectNamed, unprotectNamed } from '../../../src/shards/rotation/named-shards.ts'
import { restoreNamed } from '../../../src/shards/rotation/restore-shards.ts'
import { renderSimply } from './families.ts'
import { demand, familyOf, holdOf, type Stand, wanted } from './history-stand.ts'
import type { Deed } from './rotation-history.ts'

/** Does one thing of a history. */
export async function doDeed(at: Stand, deed: Deed): Promise<void> {
  const world = at.world
  switch (deed.type) {
    case 'write':
      for (const family of world.families) for (const table of present(at, family)) await write(at, table)
      return
    case 'write-late':
      return writeLate(at)
    case 'write-too-late':
      return writeTooLate(at, deed.choice)
    case 'add-instance':
      at.instances.set(String(at.instances.size + 1), 'present')
      return tellInstances(at)
    case 'mark-deleted':
    case 'remove-row':
      return changeInstance(at, 'present', deed.type === 'remove-row' ? 'gone' : 'deleted', deed.choice)
    case 'undelete':
      return changeInstance(at, 'deleted', 'present', deed.choice)
    case 'keep':
      return changePolicy(at, deed.choice, {
        keep: deed.months === null ? null : { count: deed.months, unit: 'month' },
      })
    case 'archive':
      return changePolicy(at, deed.choice, { archive: deed.archive })
    case 'cap':
      return changePolicy(at, deed.choice, { cap: deed.cap })
    case 'hand-made':
      return makeByHand(at, deed.choice, deed.back, deed.fits)
    case 'hand-dropped':
      return dropByHand(at, deed.choice)
    case 'fan-out':
      return fanOut(at, deed.choice)
    case 'protect':
    case 'unprotect':
    case 'restore':
      return askForOne(at, deed.type, deed.choice)
    case 'read':
      return beginToRead(at, deed.choice)
    case 'end-reads':
      return endReads(at)
  }
}

export async function endReads(at: Stand): Promise<void> {
  for (const { reader } of at.readers.splice(0)) await reader.end()
}

async function beginToRead(at: Stand, choice: number): Promise<void> {
  const tables = (await at.world.readTables()).filter(
    (table) => familyOf(at, holdOf.exec(table)?.[1] ?? table) !== null,
  )
  const table = tables[choice % Math.max(1, tables.length)]
  if (table !== undefined && at.readers.length < 2) at.readers.push({ table, reader: await at.world.read(table) })
}

async function writeTooLate(at: Stand, choice: number): Promise<void> {
  const states = ['sealed', 'held', 'archived']
  const retired = (await at.world.readRecords()).filter(({ state }) => states.includes(state))
  const record = retired[choice % Math.max(1, retired.length)]
  const place = record?.state === 'sealed' ? record.table : record?.hold?.table
  if (record !== undefined && place !== undefined && (await at.world.readTables()).includes(place))
    await write(at, record.table, place)
}

/** The shards that a row of this instant goes to. */
function present(at: Stand, family: ShardFamily): readonly string[] {
  const { division } = family
  if (division.type === 'period')
    return [namingOf(family).name(periodAt(at.world.now, division.kind, division.zone).key)]
  return wanted(at, family)
}

async function write(at: Stand, shard: string, place = shard): Promise<void> {
  const there = (await at.world.readTables()).includes(place)
  // Instances of this season and tables that another hand dropped have theirs with the next run.
  if (!there && (at.missing.has(shard) || isNew(at, shard))) return
  demand(there, `a row finds no ${place}`)
  at.serial += 1
  const row = `r${at.serial}r`
  await at.world.insert(place, row)
  at.rows.set(shard, (at.rows.get(shard) ?? new Set()).add(row))
}

function isNew(at: Stand, shard: string): boolean {
  const family = familyOf(at, shard)
  return family?.division.type === 'key'
}

async function writeLate(at: Stand): Promise<void> {
  for (const family of at.world.families) {
    const { division, policy } = family
    if (division.type !== 'period') continue
    const last = shiftPeriod(periodAt(at.world.now, division.kind, division.zone), -1)
    const table = namingOf(family).name(last.key)
    const there = (await at.world.readTables()).includes(table)
    if (last.to + policy.late > at.world.now && there) await write(at, table)
  }
}

async function changeInstance(
  at: Stand,
  from: string,
  to: 'present' | 'deleted' | 'gone',
  choice: number,
): Promise<void> {
  const keys = [...at.instances].flatMap(([key, state]) => (state === from ? [key] : []))
  const key = keys[choice % Math.max(1, keys.length)]
  if (key === undefined || (from === 'present' && keys.length < 2)) return
  at.instances.set(key, to)
  await tellInstances(at)
}

export function tellInstances(at: Stand): Promise<void> {
  const those = (wanted: string) => [...at.instances].flatMap(([key, state]) => (state === wanted ? [key] : []))
  return at.world.setInstances(those('present'), those('deleted'))
}

function changePolicy(at: Stand, choice: number, change: Partial<ShardFamily['policy']>): void {
  const index = choice % at.world.families.length
  at.world.families = at.world.families.map((family, place) =>
    place === index ? { ...family, policy: { ...family.policy, ...change } } : family,
  )
}

/** A table of some past period, like its template or not; a name that only looks like a shard's. */
async function makeByHand(at: Stand, choice: number, back: number, fits: boolean): Promise<void> {
  const periods = at.world.families.filter(({ division }) => division.type === 'period')
  const family = periods[choice % periods.length]
  if (family === undefined || family.division.type !== 'period') return
  const { kind, zone } = family.division
  const { key, from, to } = shiftPeriod(periodAt(at.world.now, kind, zone), -back)
  const table = namingOf(family).name(key)
  const lookalike = `${table}_copy`
  const tables = await at.world.readTables()
  if (!tables.includes(lookalike))
    await at.world.create(`CREATE TABLE \`${lookalike}\` (\`id\` BIGINT NOT NULL) ENGINE=InnoDB`)
  at.strangers.add(lookalike)
  if (tables.some((name) => name === table || name.endsWith(`_${table}`))) return
  if (fits) return at.world.create(renderSimply(family, { family: family.name, key, table, from, to }).text)
  if ((await at.world.readRecords()).some((record) => record.table === table && record.state !== 'dropped')) return
  await at.world.create(`CREATE TABLE \`${table}\` (\`id\` INT NOT NULL) ENGINE=InnoDB`)
  at.strangers.add(table)
}

async function dropByHand(at: Stand, choice: number): Promise<void> {
  const tables = (await at.world.readTables()).filter((table) => {
    const parent = at.world.families.some(({ template }) =>
      template.siblings.some((name) => table.includes(`${name}_`)),
    )
    const read = at.readers.some((one) => one.table === table)
    return familyOf(at, table) !== null && !parent && !at.strangers.has(table) && !read
  })
  const table = tables[choice % Math.max(1, tables.length)]
  if (table === undefined) return
  await at.world.drop(table)
  at.rows.delete(table)
  at.missing.add(table)
}

/** Every shard in use gets a column, and the template its next version, under the lock as a fan-out has it. */
async function fanOut(at: Stand, choice: number): Promise<void> {
  const world = at.world
  const index = choice % world.families.length
  const before = world.families[index]
  if (before === undefined || at.readers.length > 0) return
  at.serial += 1
  const column = `extra${at.serial}`
  const text = before.template.text.replace(', PRIMARY KEY', `, \`${column}\` INT, PRIMARY KEY`)
  const template = { ...before.template, text, checksum: `${before.name}-${column}` }
  await world.change(before.name, async (target, { record, view }) => {
    const version = record.version + 1
    const shards = [...view.records.values()].filter(
      ({ state, table }) => (state === 'live' || state === 'sealed') && target.tables.has(table),
    )
    for (const { table } of shards) await world.addColumn(table, column)
    await target.write(
      shards.map((shard) => ({ ...shard, templateVersion: version, fingerprint: null })),
      [{ ...record, version, template: text, checksum: template.checksum }],
    )
  })
  world.families = world.families.map((family, place) => (place === index ? { ...family, template } : family))
}

/** By the commands of single shards; what they refuse is not this test's. */
async function askForOne(at: Stand, type: 'protect' | 'unprotect' | 'restore', choice: number): Promise<void> {
  const records = (await at.world.readRecords()).filter(({ state }) => type !== 'restore' || state !== 'live')
  const record = records[choice % Math.max(1, records.length)]
  if (record === undefined) return
  const given = { reason: 'a test asked', by: 'test@host' }
  await at.world.change(record.family, async (target, work, request) => {
    if (type === 'protect') await protectNamed(target, work, [record.key], given)
    else if (type === 'unprotect') await unprotectNamed(target, work, [record.key], given)
    else await restoreNamed(request, target, work, [record.key], given)
  })
}
