import { env } from 'node:process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { periodAt } from '../../../src/calendar/period.ts'
import type { ShardFamily } from '../../../src/core/shard-family.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import { planAdoption } from '../../../src/shards/inspect/plan-adoption.ts'
import { noRegistryChange, type ShardStore } from '../../../src/shards/ports.ts'
import { protectNamed } from '../../../src/shards/rotation/named-shards.ts'
import { planFamilyMove } from '../../../src/shards/rotation/rename-family.ts'
import { changeShards } from '../../../src/shards/rotation/run-rotation.ts'
import { day, months, periodFamily } from '../../helpers/shards/families.ts'
import { RotationStage } from '../../helpers/shards/rotation-stage.ts'

/** What changes the ground under a rotation, and what a person answers to its questions. */
const steps = [
  'wait',
  'wait',
  'insert',
  'insert',
  'protect',
  'rename',
  'pattern',
  'zone',
  'forget-one',
  'forget-all',
  'unprotected-by-hand',
  'skew',
  'answer',
  'answer',
] as const

type StepName = (typeof steps)[number]

const keep = months(1)
const policy = { keep, late: day, grace: day, share: 1, premake: { periods: 1, days: 0 } }

/** The family as its file says: under one of two names, with one of two patterns, in one of two zones. */
class Ground {
  readonly stage = new RotationStage('2026-01-10T12:00:00Z', [])
  /** Tables by the rows that were written to them, and those that are protected. */
  readonly rows = new Map<string, string>()
  readonly protectedTables = new Set<string>()
  name = 'msg'
  pattern = 'msg'
  zone = 'UTC'
  #serial = 0

  get family(): ShardFamily {
    const { template } = periodFamily('msg', 'month', policy)
    const made = periodFamily(this.name, 'month', policy, this.zone)
    return { ...made, pattern: `${this.pattern}_{YYYYMM}`, template }
  }

  async play(step: StepName): Promise<void> {
    const { stage } = this
    const live = () => stage.tables('msg')
    switch (step) {
      case 'wait':
        stage.now += 20 * day
        return
      case 'insert': {
        const [table] = live().toReversed()
        if (table === undefined) return
        this.#serial += 1
        const row = `row ${this.#serial}`
        stage.server.insert('message_db', table, row)
        this.rows.set(row, table)
        return
      }
      case 'protect':
        return this.#protect()
      case 'rename':
        this.name = this.name === 'msg' ? 'post' : 'msg'
        return
      case 'pattern':
        this.pattern = this.pattern === 'msg' ? 'msgs' : 'msg'
        return
      case 'zone':
        this.zone = this.zone === 'UTC' ? 'Asia/Shanghai' : 'UTC'
        return
      case 'forget-one': {
        const [first] = stage.records
        return stage.schema.forget((record) => record.key === first?.key)
      }
      case 'forget-all':
        return stage.schema.forget(() => true)
      case 'unprotected-by-hand':
        return stage.schema.amend((record) => ({ ...record, protection: null }))
      case 'skew':
        stage.skew = stage.skew === 0 ? 400 * day : 0
        return
      case 'answer':
        return this.answer()
    }
  }

  async #protect(): Promise<void> {
    const { stage } = this
    stage.families = [this.family]
    const record = stage.records.find(({ state, family }) => state === 'live' && family === this.name)
    if (record === undefined || this.protectedTables.has(record.table)) return
    const request = { ...stage.request(), tolerates: new Set(['header', 'protection', 'clocks'] as const) }
    const given = { reason: 'case 117', by: 'ann' }
    const { error } = await changeShards(request, (target, work) => protectNamed(target, work, [record.key], given))
    if (error === null && stage.record(record.table)?.protection !== null) this.protectedTables.add(record.table)
  }

  /** A person does what the error says: the first of its two ways. */
  async answer(): Promise<void> {
    const { stage } = this
    stage.skew = 0
    stage.families = [this.family]
    const { error } = await stage.run()
    if (!(error instanceof ToolError)) return
    if (error.code === 'FAMILY_HEADER_CHANGED') {
      // Another zone is recorded; another pattern is taken back.
      if (this.pattern === 'msg') return this.#adopt()
      this.pattern = 'msg'
      return
    }
    if (error.code !== 'FAMILY_RENAMED') return error.code === 'PROTECTION_CONTRADICTED' ? this.#adopt() : undefined
    this.pattern = 'msg'
    return this.#change(async (store) => {
      const from = this.name === 'msg' ? 'post' : 'msg'
      const [database] = stage.request().config.databases
      if (database === undefined) throw new Error('the stage has a database')
      const planned = await planFamilyMove({ from, to: this.family, families: [this.family] }, database, store)
      await store.moveFamily(planned.move)
    })
  }

  /** Takes in what is missing, and confirms protections that were taken out of their rows. */
  async #adopt(): Promise<void> {
    const { stage } = this
    const { config, families, servers, now, render } = stage.request()
    await this.#change(async (store) => {
      const [database] = config.databases
      if (database === undefined) throw new Error('the stage has a database')
      const readKnown = async () => ({ tables: new Set<string>(), doubt: null })
      const request = { config, families, only: null, servers, now, longestPause: 400 * day, render, readKnown }
      const { shards, records } = await planAdoption(request, database, store, [])
      const kept = (await store.readRegistry()).shards.filter(({ protection }) => protection !== null)
      await store.writeRegistry({ ...noRegistryChange, shards: [...kept, ...shards], families: records })
    })
  }

  async #change(work: (store: ShardStore) => Promise<void>): Promise<void> {
    const { config, servers } = this.stage.request()
    const [database] = config.databases
    if (database === undefined) throw new Error('the stage has a database')
    const store = await servers.open(database, config.timeouts, true)
    try {
      await store.lock(1000, () => {})
      await work(store)
      await store.unlock()
    } finally {
      await store.close()
    }
  }

  /** One rotation, judged by what must be true of it. */
  async rotate(): Promise<string> {
    const { stage } = this
    stage.families = [this.family]
    const before = this.#look()
    const { error } = await stage.run()
    const after = this.#look()
    if (error instanceof ToolError && error.code !== 'SHARD_BLOCKED') {
      // What stopped is untouched: no table was made, renamed or dropped.
      expect([...after.keys()], error.message).toEqual([...before.keys()])
      return error.code
    }
    if (error !== null) throw error
    return 'done'
  }

  #look(): ReadonlyMap<string, readonly string[]> {
    const tables = tablesOf(this.stage)
    return new Map(tables.map((table) => [table, this.stage.schema.table(table).rows]))
  }

  judge(): void {
    const tables = this.#look()
    const there = new Set([...tables.values()].flat())
    const names = [...tables.keys()]
    for (const table of this.protectedTables) expect(names, 'a protected shard').toContain(table)
    for (const [row, table] of this.rows) {
      if (there.has(row)) continue
      expect(this.protectedTables.has(table), `${row} of ${table} is lost, and it was protected`).toBe(false)
      const key = `${table.slice(-6, -2)}-${table.slice(-2)}`
      const end = periodAt(Date.parse(`${key}-10T00:00:00Z`), 'month', 'UTC').to
      // The month that it is kept has at least 28 days; a zone moves the end by less than one.
      expect(this.stage.now, `${row} of ${table} is lost before its time`).toBeGreaterThan(end + 27 * day)
    }
    // One month, one table: nothing is made again, empty, beside a table that has the rows.
    const keys = names.filter((name) => /^msgs?_/.test(name)).map((name) => name.slice(-6))
    expect(new Set(keys).size, names.join()).toBe(keys.length)
  }
}

function tablesOf(stage: RotationStage): readonly string[] {
  return stage.schema.tables.flatMap(({ name, type }) => (type === 'table' && !name.startsWith('wwdb_') ? [name] : []))
}

test('histories of renamed families, changed headers, zones and clocks, and lost registries: no row is lost unasked', async () => {
  const codes = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...steps), { minLength: 10, maxLength: 60 }), async (history) => {
      const ground = new Ground()
      for (const step of ['wait' as const, ...history]) {
        await ground.play(step)
        const code = await ground.rotate()
        codes.set(code, (codes.get(code) ?? 0) + 1)
        ground.judge()
      }
      // Answered often enough, the family is rotated again.
      for (let answers = 0; answers < 6; answers += 1) await ground.answer()
      expect(await ground.rotate()).toBe('done')
      ground.judge()
    }),
    {
      numRuns: Number(env['SOAK_RUNS'] ?? 60),
      ...(env['SOAK_SEED'] === undefined ? {} : { seed: Number(env['SOAK_SEED']) }),
    },
  )
  for (const code of ['done', 'FAMILY_RENAMED', 'FAMILY_HEADER_CHANGED', 'PROTECTION_CONTRADICTED', 'CLOCKS_DIFFER'])
    expect(codes.get(code) ?? 0, code).toBeGreaterThan(0)
}, 120_000)
