import { addSpan } from '../../../src/calendar/period.ts'
import type { ShardFamily } from '../../../src/core/shard-family.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { ShardRecord } from '../../../src/shards/shard.ts'
import { ProcessDied } from '../memory/process.ts'
import { applyAction, endReads, setInstances } from './apply-action.ts'
import { day } from './families.ts'
import { demand, familyOf, type HistoryFixture, holdOf, horizon, wanted } from './history-fixture.ts'
import type { RotationFixture } from './rotation-fixture.ts'
import type { Season } from './rotation-history.ts'

/** What a played history did, for the test to report. */
export interface Played {
  readonly runs: number
  readonly cutOff: number
  readonly rows: number
  readonly retired: number
  readonly dropped: number
}

/** Plays histories in a fixture, and checks after every run what rotation promises. */
export class HistoryPlayer {
  readonly #at: HistoryFixture
  #lastWhole = 0
  #counts = { runs: 0, cutOff: 0, retired: 0, dropped: 0 }

  constructor(fixture: RotationFixture) {
    const blank = { rows: new Map(), strangers: new Set<string>(), missing: new Set<string>(), readers: [] }
    this.#at = { fixture, instances: new Map(), ...blank, serial: 0 }
  }

  async play(seasons: readonly Season[]): Promise<Played> {
    for (let first = 1; first <= 3; first += 1) this.#at.instances.set(String(first), 'present')
    await setInstances(this.#at)
    await this.#runWhole()
    for (const season of seasons) await this.#playSeason(season)
    await endReads(this.#at)
    await this.#runWhole()
    const rows = [...this.#at.rows.values()].reduce((sum, set) => sum + set.size, 0)
    return { ...this.#counts, rows }
  }

  async #playSeason({ wait, actions, mishaps, skew }: Season): Promise<void> {
    const fixture = this.#at.fixture
    if (fixture.now + wait - this.#lastWhole > horizon - 2 * day) await this.#runWhole()
    const share = wait / (actions.length + 1)
    for (const action of actions) {
      fixture.now += Math.floor(share)
      await applyAction(this.#at, action)
    }
    fixture.now += Math.floor(share)
    if (mishaps.length === 0 && skew === 0) return this.#runWhole()
    fixture.skew = skew
    await this.#run(mishaps)
    fixture.skew = 0
  }

  /** A run that nothing interrupts: afterwards everything is where it should be. */
  async #runWhole(): Promise<void> {
    const { error, outcomes } = await this.#run([])
    const blocked = error instanceof ToolError && error.code === 'SHARD_BLOCKED'
    const changed = error instanceof ToolError && error.code === 'SHARD_CHANGED'
    if (error !== null && !blocked && !changed) throw error
    if (outcomes.some(({ state }) => state === 'stopped' || state === 'not-started'))
      throw new Error('a whole run stopped')
    this.#lastWhole = this.#at.fixture.now
    this.#at.missing.clear()
    await this.#checkAhead()
    await this.#checkHolds()
  }

  async #run(
    mishaps: Season['mishaps'],
  ): Promise<{ readonly error: unknown; readonly outcomes: readonly { readonly state: string }[] }> {
    const before = await this.#look()
    this.#counts.runs += 1
    const report = await this.#at.fixture.rotate(mishaps).catch((error: unknown) => {
      if (error instanceof ProcessDied || mishaps.length > 0) return { error, outcomes: [] }
      throw error
    })
    if (report.error !== null && mishaps.length > 0) this.#counts.cutOff += 1
    await this.#checkRun(before, await this.#look())
    return report
  }

  async #look(): Promise<{ readonly tables: ReadonlySet<string>; readonly records: ReadonlyMap<string, ShardRecord> }> {
    const records = await this.#at.fixture.readRecords()
    return {
      tables: new Set(await this.#at.fixture.readTables()),
      records: new Map(records.map((record) => [record.table, record])),
    }
  }

  /** Nothing but the policy's shards is gone, and every row is live, held or in an archive. */
  async #checkRun(
    before: { readonly tables: ReadonlySet<string>; readonly records: ReadonlyMap<string, ShardRecord> },
    after: { readonly tables: ReadonlySet<string>; readonly records: ReadonlyMap<string, ShardRecord> },
  ): Promise<void> {
    for (const stranger of this.#at.strangers) demand(after.tables.has(stranger), `${stranger} was touched`)
    const taken = new Map<string, number>()
    for (const table of before.tables) {
      if (after.tables.has(table)) continue
      const held = holdOf.exec(table)?.[1]
      if (table.startsWith('_load_') || (held !== undefined && after.tables.has(held))) continue
      const family = familyOf(this.#at, held ?? table)
      if (family === null) continue
      taken.set(family.name, (taken.get(family.name) ?? 0) + 1)
      // A table without a row in the registry is never taken, with any name.
      const record = before.records.get(held ?? table)
      demand(record !== undefined, `${table} was taken, and the registry did not have it`)
      if (record === undefined) continue
      if (held === undefined) this.#checkHeld(family, after.records.get(table) ?? record)
      else this.#checkDropped(family, record, after.records.get(record.table) ?? record)
    }
    for (const { name, policy } of this.#at.fixture.families)
      demand((taken.get(name) ?? 0) <= policy.cap, `${name} lost more than its cap of ${policy.cap}`)
    await this.#checkRows(after.tables)
  }

  #checkHeld(family: ShardFamily, record: ShardRecord): void {
    const { now, skew } = this.#at.fixture
    this.#counts.retired += 1
    demand(Math.abs(skew) <= 60_000, `${record.table} was retired while clocks disagree`)
    demand(record.protection === null, `${record.table} was retired while it was protected`)
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
    demand(before.protection === null, `${before.table} was dropped while it was protected`)
    demand(
      (before.hold?.until ?? Number.POSITIVE_INFINITY) <= this.#at.fixture.now,
      `${before.table} was dropped in its grace`,
    )
    const archived = family.policy.archive === 'directory'
    demand(!archived || after.archive !== null, `${before.table} was dropped without an archive`)
    if (after.archive === null) this.#at.rows.delete(before.table)
  }

  async #checkRows(tables: ReadonlySet<string>): Promise<void> {
    const places = new Map<string, string[]>()
    for (const table of tables) {
      const own = holdOf.exec(table)?.[1] ?? table
      if (this.#at.rows.has(own)) places.set(own, [...(places.get(own) ?? []), table])
    }
    for (const [own, rows] of this.#at.rows) {
      if (rows.size === 0) continue
      const found = await Promise.all((places.get(own) ?? []).map((table) => this.#at.fixture.readRows(table)))
      const present = new Set(found.flat())
      const lost = [...rows].filter((row) => !present.has(row))
      if (lost.length === 0) continue
      const archives = (await this.#at.fixture.listArchives()).filter((address) => address.includes(own))
      const texts = await Promise.all(archives.map((address) => this.#at.fixture.readArchive(address)))
      const nowhere = lost.filter((row) => !texts.some((text) => text.includes(row)))
      demand(nowhere.length === 0, `${own} lost ${nowhere.join(', ')}`)
    }
  }

  /** Own names of the shards that wait for a reader: a child waits for its parent. */
  #blocked(): ReadonlySet<string> {
    const read = this.#at.readers.map(({ table }) => holdOf.exec(table)?.[1] ?? table)
    return new Set(read.flatMap((table) => [table, table.replace('groups_', 'group_members_')]))
  }

  /** A row of any instant up to the horizon finds its shard, and so does every instance's. */
  async #checkAhead(): Promise<void> {
    const tables = new Set(await this.#at.fixture.readTables())
    const blocked = this.#blocked()
    for (const family of this.#at.fixture.families) {
      for (const table of wanted(this.#at, family)) {
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
    demand(strays.length === 0, `no registry knows ${strays.join(', ')}`)
    const blocked = this.#blocked()
    const intents = [...records.values()].filter(({ state }) => ['holding', 'dropping', 'restoring'].includes(state))
    const open = intents.find(({ table }) => !blocked.has(table))
    demand(open === undefined, `${open?.table} is left ${open?.state}`)
  }
}

const zoneOf = ({ division }: ShardFamily): string => (division.type === 'period' ? division.zone : 'UTC')
