import { expect, test } from 'vitest'
import type { RunEvent } from '../../../src/command/event.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import { executeSteps } from '../../../src/migrations/execute/execute-steps.ts'
import { Gates, Slots } from '../../../src/migrations/execute/work.ts'
import { makeStep } from '../../../src/migrations/plan/decide-steps.ts'
import type { Session } from '../../../src/migrations/ports.ts'
import { MemoryProcess, MemoryServer, openMemorySession } from '../../helpers/memory/memory-session.ts'
import { migrationOf, neverStopped, scriptOf } from '../../helpers/migrations/engine.ts'

type Send = Session['runAndClose']

interface Play {
  /** What happened, in order: packets sent and answered, statements told of. */
  readonly log: readonly string[]
  readonly report: Awaited<ReturnType<typeof executeSteps>>
  /** `closed of total`, rows that are still open. */
  readonly journal: readonly string[]
  readonly open: number
}

/** Files of some INSERTs each, 300 in all; `change` may meddle with what is sent. `stop` is Ctrl-C. */
async function play(
  texts: readonly string[],
  change: (send: Send, packet: number, stop: () => void) => Send = (send) => send,
): Promise<Play> {
  const memory = openMemorySession(new MemoryProcess([]), new MemoryServer(), {
    database: 'app',
    schema: 'app',
    server: 'memory',
  })
  await memory.lock(0, () => {})
  await memory.createJournal()
  await memory.run('CREATE t')
  const log: string[] = []
  let packets = 0
  let requested = false
  const send: Send = async (statements, open) => {
    packets += 1
    const packet = packets
    log.push(`packet ${packet}: ${open?.length ?? 0} opened, ${statements.length} run`)
    const stop = (): void => {
      requested = true
    }
    const outcomes = await change(memory.runAndClose, packet, stop)(statements, open)
    log.push(`answer ${packet}`)
    return outcomes
  }
  const session: Session = Object.assign(Object.create(memory), memory, { runAndClose: send })
  let told = 0
  const emit = (event: RunEvent): void => {
    if (event.type !== 'statement-finished') return
    told += 1
    if (told % 128 === 1) log.push(`told of ${told}`)
  }
  const stop = {
    ...neverStopped,
    get requested() {
      return requested
    },
  }
  const files = Array.from({ length: 3 }, (_, at) => texts.slice(at * 100, (at + 1) * 100))
  const report = await executeSteps({
    session,
    runs: files.map((own, at) => ({
      step: makeStep(migrationOf(`app/${at + 1}`, { up: scriptOf(own) }), 'apply', 0),
      pass: at + 1,
      resumption: null,
    })),
    ...{ schemas: new Map(), gates: new Gates([]), slots: new Slots(1), emit, stop, statementTimeout: null },
    permission: null,
  })
  const { passes } = await memory.readJournal()
  const journal = passes.map(({ closed, total }) => `${closed} of ${total}`)
  return { log, report, journal, open: passes.reduce((sum, pass) => sum + pass.open, 0) }
}

const inserts = Array.from({ length: 300 }, (_, at) => `INSERT t ${at}`)

test('the next window is opened and sent before what ran is reported', async () => {
  const { log, report, journal } = await play(inserts)
  expect(report).toMatchObject({ stopped: false, error: null, statements: 300 })
  expect(log).toEqual([
    ...['packet 1: 0 opened, 128 run', 'answer 1'],
    ...['packet 2: 128 opened, 128 run', 'told of 1', 'answer 2'],
    ...['packet 3: 44 opened, 44 run', 'told of 129', 'answer 3', 'told of 257'],
  ])
  expect(journal).toEqual(['100 of 100', '100 of 100', '100 of 100'])
})

test('Ctrl-C lets the packet that the server has complete, reports it, and sends no other', async () => {
  const { log, report, journal, open } = await play(inserts, (send, packet, stop) => (...packetOf) => {
    if (packet === 2) stop()
    return send(...packetOf)
  })
  expect(report).toMatchObject({ stopped: true, error: null, statements: 256 })
  expect(log.at(-1)).toBe('told of 129')
  expect(journal).toEqual(['100 of 100', '100 of 100', '56 of 100'])
  expect(open).toBe(0)
})

test('a refused statement in a packet sent ahead is reported by itself, those after it are not tried', async () => {
  const { log, report, journal } = await play(inserts.with(150, 'INSERT missing 150'))
  expect(report).toMatchObject({ stopped: false, statements: 150 })
  expect(report.error).toMatchObject({ code: 'STATEMENT_FAILED' })
  expect(log.filter((line) => /: [1-9]\d* opened/.test(line))).toHaveLength(1)
  expect(journal).toEqual(['100 of 100', '50 of 100'])
})

test('one that gets through when it is tried again by itself holds up nothing', async () => {
  const { report, journal } = await play(
    inserts,
    (send, packet) => (statements, open) => send(packet === 2 ? statements.slice(0, 5) : statements, open),
  )
  expect(report).toMatchObject({ stopped: false, error: null, statements: 300 })
  expect(journal).toEqual(['100 of 100', '100 of 100', '100 of 100'])
})

test('when the lock is lost, what ran before is reported', async () => {
  const { report, journal } = await play(inserts, (send, packet) => (statements, open) => {
    if (packet === 2) throw new ToolError('LOCK_LOST', { what: 'The lock is lost' })
    return send(statements, open)
  })
  expect(report).toMatchObject({ stopped: false, statements: 128, error: { code: 'LOCK_LOST' } })
  expect(report.done).toHaveLength(1)
  expect(journal).toEqual(['100 of 100', '28 of 100'])
})
