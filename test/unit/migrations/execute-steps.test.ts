import { expect, test } from 'vitest'
import { executeSteps } from '../../../src/migrations/execute/execute-steps.ts'
import type { ExecutionRequest } from '../../../src/migrations/execute/work.ts'
import { Gates, Slots } from '../../../src/migrations/execute/work.ts'
import type { JournalChange } from '../../../src/migrations/journal/rows.ts'
import type { Script } from '../../../src/migrations/migration.ts'
import { makeStep } from '../../../src/migrations/plan/decide-steps.ts'
import type { Session } from '../../../src/migrations/ports.ts'
import { tinyStatement } from '../../helpers/memory/language.ts'
import { MemoryProcess, MemoryServer, openMemorySession } from '../../helpers/memory/memory-session.ts'
import { migrationOf, neverStopped, scriptOf } from '../../helpers/migrations/engine.ts'

const target = { database: 'app', schema: 'app', server: 'memory' }

/** All that a run needs besides its steps. */
function requestOf(session: Session): Omit<ExecutionRequest, 'runs'> {
  return {
    session,
    schemas: new Map(),
    gates: new Gates([]),
    slots: new Slots(1),
    emit: () => {},
    stop: neverStopped,
    statementTimeout: null,
    permission: null,
  }
}

/** Short INSERTs of one file, on a session whose packets go the way the test says. */
async function runInserts(runAndClose: (session: Session, stop: () => void) => Session['runAndClose']) {
  const server = new MemoryServer()
  const memory = openMemorySession(new MemoryProcess([]), server, target)
  await memory.lock(0, () => {})
  await memory.createJournal()
  await memory.run('CREATE t')
  let requested = false
  const tried: string[] = []
  const session: Session = Object.assign(Object.create(memory), memory, {
    runAndClose: runAndClose(memory, () => {
      requested = true
    }),
    run: (text: string) => {
      tried.push(text)
      return memory.run(text)
    },
  })
  const migration = migrationOf('app/1', { up: scriptOf(['INSERT t 1', 'INSERT t 2', 'INSERT t 3']) })
  const report = await executeSteps({
    ...requestOf(session),
    runs: [{ step: makeStep(migration, 'apply', 0), pass: 1, resumption: null }],
    stop: {
      ...neverStopped,
      get requested() {
        return requested
      },
    },
  })
  return { report, tried, journal: await memory.readJournal() }
}

test('short writes that went in their packet are not tried again', async () => {
  const { report, tried } = await runInserts((memory) => memory.runAndClose)
  expect(report).toMatchObject({ stopped: false, error: null, statements: 3 })
  expect(tried).toEqual([])
})

test('one that did not get through is tried by itself', async () => {
  const { report, tried } = await runInserts((memory) => {
    let first = true
    return async (statements) => {
      if (!first) return memory.runAndClose(statements)
      first = false
      return []
    }
  })
  expect(report).toMatchObject({ stopped: false, error: null, statements: 3 })
  expect(tried).toEqual(['INSERT t 1'])
})

test('a packet that Ctrl-C killed is not tried again', async () => {
  const { report, tried, journal } = await runInserts((_, stop) => async () => {
    stop()
    return []
  })
  expect(report).toMatchObject({ stopped: true, error: null, statements: 0 })
  expect(tried).toEqual([])
  expect(journal.passes).toEqual([])
})

test('a session that sends each statement alone writes each row at once, before and behind its statement', async () => {
  const memory = openMemorySession(new MemoryProcess([], true), new MemoryServer(), target)
  await memory.lock(0, () => {})
  await memory.createJournal()
  const log: string[] = []
  const refuse = () => {
    throw new Error('a packet was sent')
  }
  const session: Session = Object.assign(Object.create(memory), memory, {
    runAndClose: refuse,
    runTogether: refuse,
    run: (text: string) => {
      log.push(text)
      return memory.run(text)
    },
    writeJournal: (change: JournalChange) => {
      log.push(`opens ${change.open.length}, closes ${change.close.length}`)
      return memory.writeJournal(change)
    },
  })
  const migration = migrationOf('app/1', { up: scriptOf(['CREATE t', 'CREATE u', 'INSERT t 1', 'INSERT t 2']) })
  const runs = [{ step: makeStep(migration, 'apply', 0), pass: 1, resumption: null }]
  const report = await executeSteps({ ...requestOf(session), runs })
  expect(report).toMatchObject({ stopped: false, error: null, statements: 4 })
  const around = (text: string) => ['opens 1, closes 0', text, 'opens 0, closes 1']
  expect(log).toEqual(['CREATE t', 'CREATE u', 'INSERT t 1', 'INSERT t 2'].flatMap(around))
})

const twenty = Array.from({ length: 20 }, (_, index) => `t${index}`)

/** Creations of one file over a session of its own; `taken` is a table that stands there already. */
function runCreations(taken: readonly string[]) {
  return runDefinitions(taken, scriptOf(twenty.map((name) => `CREATE ${name}`)))
}

/** The same change of twenty shards. */
function runShardChanges(taken: readonly string[], instant: boolean) {
  const statements = twenty.map((table, index) => ({
    ...tinyStatement(`ALTER ${table} 1`, index),
    shard: { table, instant },
  }))
  return runDefinitions(taken, { type: 'statements', statements })
}

async function runDefinitions(present: readonly string[], up: Script) {
  const memory = openMemorySession(new MemoryProcess([]), new MemoryServer(), target)
  await memory.lock(0, () => {})
  await memory.createJournal()
  for (const name of present) await memory.run(`CREATE ${name}`)
  const packets: (readonly string[])[] = []
  const session: Session = Object.assign(Object.create(memory), memory, {
    runTogether: (texts: readonly string[]) => {
      packets.push(texts)
      return memory.runTogether(texts)
    },
  })
  const migration = migrationOf('app/1', { up })
  const report = await executeSteps({
    ...requestOf(session),
    runs: [{ step: makeStep(migration, 'apply', 0), pass: 1, resumption: null }],
  })
  return { report, packets, journal: await memory.readJournal() }
}

test('creations go some at a time, all of them once', async () => {
  const { report, packets, journal } = await runCreations([])
  expect(report).toMatchObject({ stopped: false, error: null, statements: 20 })
  expect(packets.map((texts) => texts.length)).toEqual([16, 4])
  expect(journal.passes).toMatchObject([{ closed: 20, open: 0 }])
})

test('a refused statement is reported by itself; those before it stay, those after it were not tried', async () => {
  const { report, journal } = await runCreations(['t3'])
  expect(report.statements).toBe(3)
  expect(report.error).toMatchObject({ code: 'STATEMENT_FAILED' })
  expect(journal.rows.map((row) => row.state)).toEqual(['closed', 'closed', 'closed', 'failed'])
})

test('instant changes of shards go some at a time; others one by one', async () => {
  const instant = await runShardChanges(twenty, true)
  expect(instant.report).toMatchObject({ stopped: false, error: null, statements: 20 })
  expect(instant.packets.map((texts) => texts.length)).toEqual([16, 4])
  expect(instant.journal.passes).toMatchObject([{ closed: 20, open: 0 }])
  const others = await runShardChanges(twenty, false)
  expect(others.report).toMatchObject({ error: null, statements: 20 })
  expect(others.packets).toEqual([])
})

test('one shard that refuses is reported by itself; those after it were not tried', async () => {
  const { report, journal } = await runShardChanges(twenty.toSpliced(3, 1), true)
  expect(report.error).toMatchObject({ code: 'STATEMENT_FAILED' })
  expect(journal.rows.map((row) => row.state)).toEqual(['closed', 'closed', 'closed', 'failed'])
})
