import { expect, test } from 'vitest'
import type { RunEvent } from '../../../src/domain/event.ts'
import { executeSteps } from '../../../src/engine/execute/execute-steps.ts'
import { Gates } from '../../../src/engine/gates.ts'
import { makeStep } from '../../../src/engine/plan-up.ts'
import type { Session } from '../../../src/engine/ports.ts'
import { Slots } from '../../../src/engine/slots.ts'
import { migrationOf, neverStopped, scriptOf } from '../../helpers/engine.ts'
import { MemoryProcess, MemoryServer, openMemorySession, tinyFacts } from '../../helpers/memory-session.ts'

const target = { database: 'app', schema: 'app', server: 'memory' }

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
  const events: RunEvent[] = []
  const migration = migrationOf('app/1', { up: scriptOf(['INSERT t 1', 'INSERT t 2', 'INSERT t 3']) })
  const report = await executeSteps({
    session,
    runs: [{ step: makeStep(migration, 'apply', 0), pass: 1, resumption: null }],
    schemas: new Map(),
    gates: new Gates([]),
    slots: new Slots(1),
    emit: (event) => events.push(event),
    stop: {
      ...neverStopped,
      get requested() {
        return requested
      },
    },
    statementTimeout: null,
    classify: tinyFacts,
    approve: () => {},
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
