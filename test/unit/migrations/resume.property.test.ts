import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { hazardCodes } from '../../../src/lint/hazard-codes.generated.ts'
import type { RunReport } from '../../../src/migrations/plan/plan-run.ts'
import { runPlan } from '../../../src/migrations/run-targets.ts'
import { openTargets } from '../../../src/migrations/targets.ts'
import { type Draft, type History, histories, repair, toMigration } from '../../helpers/memory/histories.ts'
import {
  type Effect,
  MemoryProcess,
  MemoryServer,
  memoryServers,
  tinyFacts,
} from '../../helpers/memory/memory-session.ts'
import { MemoryConnection } from '../../helpers/memory/server.ts'
import { configOf, neverStopped } from '../../helpers/migrations/engine.ts'
import { chooseSeed, runsOf } from '../../helpers/tool/seed.ts'

/** Rows opened in one write: few, so that windows follow one another and are sent ahead, in histories of a few statements. */
const width = { widestWindow: 128 }

/** The histories hold every kind of statement. */
const allow = hazardCodes

afterEach(() => {
  vi.restoreAllMocks()
  width.widestWindow = 128
})

const databaseOf = (draft: Draft): string => draft.name.split('/')[0] ?? ''
const databasesOf = (drafts: readonly Draft[]): readonly string[] => [...new Set(drafts.map(databaseOf))]

/** One run of the tool, from opening its sessions to its end, whatever that is. */
async function runOnce(process: MemoryProcess, server: MemoryServer, drafts: readonly Draft[]): Promise<RunReport> {
  const config = configOf(databasesOf(drafts), { concurrency: 2 })
  const migrations = new Map(
    config.databases.map(({ name }) => [name, drafts.filter((draft) => databaseOf(draft) === name).map(toMigration)]),
  )
  const servers = memoryServers(process, server)
  const open = await openTargets({ config, databases: config.databases, migrations, servers, writable: true })
  try {
    return await runPlan(
      {
        config,
        open,
        options: { direction: 'up', to: null, steps: null, probe: false, allow },
        emit: () => {},
        stop: neverStopped,
        confirm: async () => {},
      },
      { classify: tinyFacts, widestWindow: width.widestWindow },
    )
  } finally {
    await open.close()
  }
}

/** What the statements do when nothing goes wrong, by migration, told by the server alone. */
async function expectEffects(drafts: readonly Draft[]): Promise<ReadonlyMap<Draft, readonly Effect[]>> {
  const server = new MemoryServer()
  const effects = new Map<Draft, readonly Effect[]>()
  for (const draft of drafts) {
    const before = server.effects.length
    const connection = new MemoryConnection(server, databaseOf(draft))
    for (const { text } of draft.statements) await connection.run(text)
    connection.commit()
    effects.set(draft, server.effects.slice(before))
  }
  return effects
}

interface End {
  readonly server: MemoryServer
  /** As their authors left them. */
  readonly drafts: readonly Draft[]
  readonly runs: number
  readonly mishaps: number
}

function sendsAlone({ alone }: History, run: number): boolean {
  return alone === 'every' || (alone === 'odd' && run % 2 === 1) || (alone === 'even' && run % 2 === 0)
}

/** Runs, with what goes wrong in each, and then again until a run has nothing to complain about. */
async function play(history: History): Promise<End> {
  const server = new MemoryServer()
  let { drafts } = history
  let mishaps = 0
  for (let run = 0; run < history.runs.length + 40; run += 1) {
    const process = new MemoryProcess(history.runs[run] ?? [], sendsAlone(history, run))
    const result = await runOnce(process, server, drafts).catch((error: unknown) => error)
    const report = result as RunReport
    process.die()
    const error = result instanceof Error ? result : report.error
    mishaps += process.mishaps
    if (error === null) return { server, drafts, runs: run + 1, mishaps }
    if (process.mishaps > 0) continue
    if (!(error instanceof ToolError) || error.code !== 'STATEMENT_FAILED') throw error
    const file = error.faults[0]?.where?.file
    drafts = drafts.map((draft) => (toMigration(draft).file === file ? repair(draft) : draft))
  }
  throw new Error('it did not come to an end')
}

/** Every statement's effect is there once, in order, and after all that its migration requires. */
async function checkEffects({ server, drafts }: End): Promise<void> {
  const expected = await expectEffects(drafts)
  const places = new Map<Draft, readonly number[]>()
  for (const database of databasesOf(drafts)) {
    const own = drafts.filter((draft) => databaseOf(draft) === database)
    const found = server.effects.flatMap((effect, at) => (effect.schema === database ? [{ effect, at }] : []))
    expect(found.map(({ effect }) => effect)).toEqual(own.flatMap((draft) => expected.get(draft) ?? []))
    let read = 0
    for (const draft of own) {
      const count = expected.get(draft)?.length ?? 0
      places.set(
        draft,
        found.slice(read, read + count).map(({ at }) => at),
      )
      read += count
    }
  }
  for (const draft of drafts) {
    const first = Math.min(...(places.get(draft) ?? []))
    for (const required of drafts.filter((one) => draft.requires.includes(one.name)))
      expect(Math.max(...(places.get(required) ?? []), -1)).toBeLessThan(first)
  }
}

/** The journal holds one complete pass for every migration, and nothing open. */
function checkJournal({ server, drafts }: End): void {
  for (const database of databasesOf(drafts)) {
    const { passes, rows } = server.schema(database).journal.read()
    const own = drafts.filter((draft) => databaseOf(draft) === database)
    expect(rows).toEqual([])
    expect(passes.map((pass) => `${database}/${pass.version}`).sort()).toEqual(own.map((draft) => draft.name).sort())
    for (const pass of passes) {
      const statements = own.find((draft) => draft.name === `${database}/${pass.version}`)?.statements
      const total = pass.kind === 'data' ? 1 : Math.max(1, statements?.length ?? 0)
      expect(pass).toMatchObject({ closed: total, total, open: 0, direction: 'up' })
      expect(pass.checksum).toBe(statements?.map((statement) => statement.text).join(';'))
    }
    expect(server.holderOf(database)).toBeNull()
  }
}

test('however often and wherever runs are cut off, every statement takes effect once, in order', async () => {
  let now = 0
  let pace = 0
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += pace
    return now
  })
  let runs = 0
  let mishaps = 0
  const property = fc.asyncProperty(histories, async (history) => {
    pace = history.pace
    width.widestWindow = history.width
    const end = await play(history)
    await checkEffects(end)
    checkJournal(end)
    runs += end.runs
    mishaps += end.mishaps
  })
  const numRuns = runsOf(1000)
  await fc.assert(property, { seed: chooseSeed('resume'), numRuns })
  console.log(`resume: ${numRuns} histories, ${runs} runs, ${mishaps} of them cut off`)
  expect(mishaps).toBeGreaterThan(numRuns)
}, 120_000)
