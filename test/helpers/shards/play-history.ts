import { addSpan, periodAt, shiftPeriod } from '../../../src/calendar/period.ts'
import type { ShardFamily } from '../../../src/domain/shards/family.ts'
import type { ShardRecord } from '../../../src/domain/shards/shard.ts'
import { ToolError } from '../../../src/domain/tool-error.ts'
import { namingOf } from '../../../src/engine/shards/render-shard.ts'
import { holdNamed, releaseNamed, restoreNamed } from '../../../src/engine/shards/rotation/single-shards.ts'
import { ProcessDied } from '../memory/process.ts'
import { day, renderSimply } from './families.ts'
import type { Deed, Season } from './rotation-history.ts'
import type { Reader, RotationWorld } from './rotation-world.ts'

/** What a played history did, for the test to tell. */
export interface Played {
  readonly runs: number
  readonly cutOff: number
  readonly rows: number
  readonly retired: number
  readonly dropped: number
}

/** How far ahead every family of a history has its tables. Milliseconds. */
const horizon = 30 * day

const holdOf = /^_hold_\d{8}_[0-9a-f]{8}_(.+)$/

/** Plays histories in a world, and checks after every run what rotation promises. */
export class HistoryPlayer {
  readonly #world: RotationWorld
  readonly #instances = new Map<string, 'present' | 'deleted' | 'gone'>()
  /** Every row that must be found, by the name of its shard. */
  readonly #rows = new Map<string, Set<string>>()
  /** Tables that nothing of ours may touch. */
  readonly #strangers = new Set<string>()
  /** Taken away by hand since the last whole run: they may be missing. */
  readonly #missing = new Set<string>()
  readonly #readers: { readonly table: string; readonly reader: Reader }[] = []
  #serial = 0
  #lastWhole = 0
  #counts = { runs: 0, cutOff: 0, retired: 0, dropped: 0 }

  constructor(world: RotationWorld) {
    this.#world = world
  }

  async play(seasons: readonly Season[]): Promise<Played> {
    for (let first = 1; first <= 3; first += 1) this.#instances.set(String(first), 'present')
    await this.#tellInstances()
    await this.#runWhole()
    for (const season of seasons) await this.#playSeason(season)
    await this.#endReads()
    await this.#runWhole()
    const rows = [...this.#rows.values()].reduce((sum, set) => sum + set.size, 0)
    return { ...this.#counts, rows }
  }

  async #playSeason({ wait, deeds, mishaps, skew }: Season): Promise<void> {
    const world = this.#world
    if (world.now + wait - this.#lastWhole > horizon - 2 * day) await this.#runWhole()
    const share = wait / (deeds.length + 1)
    for (const deed of deeds) {
      world.now += Math.floor(share)
      await this.#do(deed)
    }
    world.now += Math.floor(share)
    if (mishaps.length === 0 && skew === 0) return this.#runWhole()
    world.skew = skew
    await this.#run(mishaps)
    world.skew = 0
  }

  /** A run that nothing interrupts: afterwards everything is where it should be. */
  async #runWhole(): Promise<void> {
    const { error, outcomes } = await this.#run([])
    const blocked = error instanceof ToolError && error.code === 'SHARD_BLOCKED'
    const changed = error instanceof ToolError && error.code === 'SHARD_CHANGED'
    if (error !== null && !blocked && !changed) throw error
    if (outcomes.some(({ state }) => state === 'stopped' || state === 'not-started'))
      throw new Error('a whole run stopped')
    this.#lastWhole = this.#world.now
    this.#missing.clear()
    await this.#checkAhead()
    await this.#checkHolds()
  }

  async #run(
    mishaps: Season['mishaps'],
  ): Promise<{ readonly error: unknown; readonly outcomes: readonly { readonly state: string }[] }> {
    const before = await this.#look()
    this.#counts.runs += 1
    const report = await this.#world.rotate(mishaps).catch((error: unknown) => {
      if (error instanceof ProcessDied || mishaps.length > 0) return { error, outcomes: [] }
      throw error
    })
    if (report.error !== null && mishaps.length > 0) this.#counts.cutOff += 1
    await this.#checkRun(before, await this.#look())
    return report
  }

  async #look(): Promise<{ readonly tables: ReadonlySet<string>; readonly records: ReadonlyMap<string, ShardRecord> }> {
    const records = await this.#world.readRecords()
    return {
      tables: new Set(await this.#world.readTables()),
      records: new Map(records.map((record) => [record.table, record])),
    }
  }

  /** Nothing but the policy's shards is gone, and every row is live, held or in an archive. */
  async #checkRun(
    before: { readonly tables: ReadonlySet<string>; readonly records: ReadonlyMap<string, ShardRecord> },
    after: { readonly tables: ReadonlySet<string>; readonly records: ReadonlyMap<string, ShardRecord> },
  ): Promise<void> {
    for (const stranger of this.#strangers) demand(after.tables.has(stranger), `${stranger} was touched`)
    const taken = new Map<string, number>()
    for (const table of before.tables) {
      if (after.tables.has(table)) continue
      const held = holdOf.exec(table)?.[1]
      if (table.startsWith('_load_') || (held !== undefined && after.tables.has(held))) continue
      const family = this.#familyOf(held ?? table)
      if (family === null) continue
      taken.set(family.name, (taken.get(family.name) ?? 0) + 1)
      // A table without a row in the registry is never taken, whatever its name.
      const record = before.records.get(held ?? table)
      demand(record !== undefined, `${table} was taken, and the registry did not have it`)
      if (record === undefined) continue
      if (held === undefined) this.#checkHeld(family, after.records.get(table) ?? record)
      else this.#checkDropped(family, record, after.records.get(record.table) ?? record)
    }
    for (const { name, policy } of this.#world.families)
      demand((taken.get(name) ?? 0) <= policy.cap, `${name} lost more than its cap of ${policy.cap}`)
    await this.#checkRows(after.tables)
  }

  #checkHeld(family: ShardFamily, record: ShardRecord): void {
    const { now, skew } = this.#world
    this.#counts.retired += 1
    demand(Math.abs(skew) <= 60_000, `${record.table} was retired while clocks disagree`)
    demand(record.legalHold === null, `${record.table} was retired under a legal hold`)
    const end = record.to ?? record.goneAt
    demand(end !== null && end <= now, `${record.table} was retired before its time ended`)
    const { keep, late } = family.policy
    demand(
      keep !== null && end !== null && addSpan(end, keep, zoneOf(family)) <= now,
      `${record.table} was retired early`,
    )
    demand(end !== null && end + late <= now, `${record.table} was retired before late rows`)
  }

  #checkDropped(family: ShardFamily, before: ShardRecord, after: ShardRecord): void {
    this.#counts.dropped += 1
    demand(before.legalHold === null, `${before.table} was dropped under a legal hold`)
    demand(
      (before.hold?.until ?? Number.POSITIVE_INFINITY) <= this.#world.now,
      `${before.table} was dropped in its grace`,
    )
    const archived = family.policy.archive === 'directory'
    demand(!archived || after.archive !== null, `${before.table} was dropped without an archive`)
    if (after.archive === null) this.#rows.delete(before.table)
  }

  async #checkRows(tables: ReadonlySet<string>): Promise<void> {
    const places = new Map<string, string[]>()
    for (const table of tables) {
      const own = holdOf.exec(table)?.[1] ?? table
      if (this.#rows.has(own)) places.set(own, [...(places.get(own) ?? []), table])
    }
    for (const [own, rows] of this.#rows) {
      if (rows.size === 0) continue
      const found = await Promise.all((places.get(own) ?? []).map((table) => this.#world.readRows(table)))
      const present = new Set(found.flat())
      const lost = [...rows].filter((row) => !present.has(row))
      if (lost.length === 0) continue
      const archives = (await this.#world.listArchives()).filter((address) => address.includes(own))
      const texts = await Promise.all(archives.map((address) => this.#world.readArchive(address)))
      const nowhere = lost.filter((row) => !texts.some((text) => text.includes(row)))
      demand(nowhere.length === 0, `${own} lost ${nowhere.join(', ')}`)
    }
  }

  /** A row of any instant up to the horizon finds its shard, and so does every instance's. */
  async #checkAhead(): Promise<void> {
    const tables = new Set(await this.#world.readTables())
    const read = this.#readers.map(({ table }) => holdOf.exec(table)?.[1] ?? table)
    // A child waits for its parent.
    const blocked = new Set(read.flatMap((table) => [table, table.replace('groups_', 'group_members_')]))
    for (const family of this.#world.families) {
      for (const table of this.#wanted(family)) {
        if (blocked.has(table)) continue
        demand(tables.has(table), `${table} is not there`)
      }
    }
  }

  /** The registry and the server agree on what is on hold, and nothing is left of a restore. */
  async #checkHolds(): Promise<void> {
    const { tables, records } = await this.#look()
    const onHold = [...records.values()].filter(({ state }) => state === 'held' || state === 'archived')
    const known = new Set(onHold.flatMap(({ hold }) => hold?.table ?? []))
    for (const table of known) demand(tables.has(table), `${table} is on hold and not there`)
    const strays = [...tables].filter((table) => /^_(hold|load)_/.test(table) && !known.has(table))
    demand(strays.length === 0, `nobody knows of ${strays.join(', ')}`)
    const open = [...records.values()].find(({ state }) => ['holding', 'dropping', 'restoring'].includes(state))
    demand(open === undefined, `${open?.table} is left ${open?.state}`)
  }

  #wanted(family: ShardFamily): readonly string[] {
    const { division } = family
    const naming = namingOf(family)
    if (division.type === 'key')
      return [...this.#instances].flatMap(([key, state]) => (state === 'present' ? [naming.name(key)] : []))
    const days = Array.from({ length: horizon / day + 1 }, (_, index) => this.#world.now + index * day)
    return [...new Set(days.map((at) => naming.name(periodAt(at, division.kind, division.zone).key)))]
  }

  #familyOf(table: string): ShardFamily | null {
    return this.#world.families.find((family) => namingOf(family).parse(table) !== null) ?? null
  }

  async #do(deed: Deed): Promise<void> {
    const world = this.#world
    switch (deed.type) {
      case 'write':
        for (const family of world.families) for (const table of this.#present(family)) await this.#write(table)
        return
      case 'write-late':
        return this.#writeLate()
      case 'write-too-late': {
        const retired = (await world.readRecords()).filter(
          ({ state }) => state === 'sealed' || state === 'held' || state === 'archived',
        )
        const record = retired[deed.choice % Math.max(1, retired.length)]
        const place = record?.state === 'sealed' ? record.table : record?.hold?.table
        if (record !== undefined && place !== undefined && (await world.readTables()).includes(place))
          await this.#write(record.table, place)
        return
      }
      case 'add-instance':
        this.#instances.set(String(this.#instances.size + 1), 'present')
        return this.#tellInstances()
      case 'mark-deleted':
      case 'remove-row':
        return this.#changeInstance('present', deed.type === 'remove-row' ? 'gone' : 'deleted', deed.choice)
      case 'undelete':
        return this.#changeInstance('deleted', 'present', deed.choice)
      case 'keep':
        return this.#changePolicy(deed.choice, {
          keep: deed.months === null ? null : { count: deed.months, unit: 'month' },
        })
      case 'archive':
        return this.#changePolicy(deed.choice, { archive: deed.archive })
      case 'cap':
        return this.#changePolicy(deed.choice, { cap: deed.cap })
      case 'hand-made':
        return this.#makeByHand(deed.choice, deed.back, deed.fits)
      case 'hand-dropped':
        return this.#dropByHand(deed.choice)
      case 'fan-out':
        return this.#fanOut(deed.choice)
      case 'legal-hold':
      case 'release':
      case 'restore':
        return this.#askForOne(deed.type, deed.choice)
      case 'read': {
        const tables = (await world.readTables()).filter(
          (table) => this.#familyOf(holdOf.exec(table)?.[1] ?? table) !== null,
        )
        const table = tables[deed.choice % Math.max(1, tables.length)]
        if (table !== undefined && this.#readers.length < 2)
          this.#readers.push({ table, reader: await world.read(table) })
        return
      }
      case 'end-reads':
        return this.#endReads()
    }
  }

  async #endReads(): Promise<void> {
    for (const { reader } of this.#readers.splice(0)) await reader.end()
  }

  /** The shards that a row of this instant goes to. */
  #present(family: ShardFamily): readonly string[] {
    const { division } = family
    if (division.type === 'period')
      return [namingOf(family).name(periodAt(this.#world.now, division.kind, division.zone).key)]
    return this.#wanted(family)
  }

  async #write(shard: string, place = shard): Promise<void> {
    const there = (await this.#world.readTables()).includes(place)
    // Instances of this season and tables that another hand dropped have theirs with the next run.
    if (!there && (this.#missing.has(shard) || this.#isNew(shard))) return
    demand(there, `a row finds no ${place}`)
    this.#serial += 1
    const row = `r${this.#serial}r`
    await this.#world.insert(place, row)
    this.#rows.set(shard, (this.#rows.get(shard) ?? new Set()).add(row))
  }

  #isNew(shard: string): boolean {
    const family = this.#familyOf(shard)
    return family?.division.type === 'key'
  }

  async #writeLate(): Promise<void> {
    for (const family of this.#world.families) {
      const { division, policy } = family
      if (division.type !== 'period') continue
      const last = shiftPeriod(periodAt(this.#world.now, division.kind, division.zone), -1)
      const table = namingOf(family).name(last.key)
      const there = (await this.#world.readTables()).includes(table)
      if (last.to + policy.late > this.#world.now && there) await this.#write(table)
    }
  }

  async #changeInstance(from: string, to: 'present' | 'deleted' | 'gone', choice: number): Promise<void> {
    const keys = [...this.#instances].flatMap(([key, state]) => (state === from ? [key] : []))
    const key = keys[choice % Math.max(1, keys.length)]
    if (key === undefined || (from === 'present' && keys.length < 2)) return
    this.#instances.set(key, to)
    await this.#tellInstances()
  }

  #tellInstances(): Promise<void> {
    const those = (wanted: string) => [...this.#instances].flatMap(([key, state]) => (state === wanted ? [key] : []))
    return this.#world.setInstances(those('present'), those('deleted'))
  }

  #changePolicy(choice: number, change: Partial<ShardFamily['policy']>): void {
    const index = choice % this.#world.families.length
    this.#world.families = this.#world.families.map((family, place) =>
      place === index ? { ...family, policy: { ...family.policy, ...change } } : family,
    )
  }

  /** A table of some past period, like its template or not; a name that only looks like a shard's. */
  async #makeByHand(choice: number, back: number, fits: boolean): Promise<void> {
    const periods = this.#world.families.filter(({ division }) => division.type === 'period')
    const family = periods[choice % periods.length]
    if (family === undefined || family.division.type !== 'period') return
    const { kind, zone } = family.division
    const { key, from, to } = shiftPeriod(periodAt(this.#world.now, kind, zone), -back)
    const table = namingOf(family).name(key)
    const lookalike = `${table}_copy`
    const tables = await this.#world.readTables()
    if (!tables.includes(lookalike))
      await this.#world.create(`CREATE TABLE \`${lookalike}\` (\`id\` BIGINT NOT NULL) ENGINE=InnoDB`)
    this.#strangers.add(lookalike)
    if (tables.some((name) => name === table || name.endsWith(`_${table}`))) return
    if (fits) return this.#world.create(renderSimply(family, { family: family.name, key, table, from, to }).text)
    if ((await this.#world.readRecords()).some((record) => record.table === table && record.state !== 'dropped')) return
    await this.#world.create(`CREATE TABLE \`${table}\` (\`id\` INT NOT NULL) ENGINE=InnoDB`)
    this.#strangers.add(table)
  }

  async #dropByHand(choice: number): Promise<void> {
    const tables = (await this.#world.readTables()).filter((table) => {
      const parent = this.#world.families.some(({ template }) =>
        template.siblings.some((name) => table.includes(`${name}_`)),
      )
      const read = this.#readers.some((one) => one.table === table)
      return this.#familyOf(table) !== null && !parent && !this.#strangers.has(table) && !read
    })
    const table = tables[choice % Math.max(1, tables.length)]
    if (table === undefined) return
    await this.#world.drop(table)
    this.#rows.delete(table)
    this.#missing.add(table)
  }

  /** Every shard in use gets a column, and the template its next version, under the lock as a fan-out has it. */
  async #fanOut(choice: number): Promise<void> {
    const world = this.#world
    const index = choice % world.families.length
    const before = world.families[index]
    if (before === undefined || this.#readers.length > 0) return
    this.#serial += 1
    const column = `extra${this.#serial}`
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
  async #askForOne(type: 'legal-hold' | 'release' | 'restore', choice: number): Promise<void> {
    const records = (await this.#world.readRecords()).filter(({ state }) => type !== 'restore' || state !== 'live')
    const record = records[choice % Math.max(1, records.length)]
    if (record === undefined) return
    const holding = { reason: 'a test asked', by: 'test@host' }
    await this.#world.change(record.family, async (target, work, request) => {
      if (type === 'legal-hold') await holdNamed(target, work, [record.key], holding)
      else if (type === 'release') await releaseNamed(target, work, [record.key], holding)
      else await restoreNamed(request, target, work, [record.key], holding)
    })
  }
}

const zoneOf = ({ division }: ShardFamily): string => (division.type === 'period' ? division.zone : 'UTC')

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}
