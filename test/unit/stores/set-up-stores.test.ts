import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/command/event.ts'
import { asSaid } from '../../../src/core/in-both.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import { toUndeclaredFinding } from '../../../src/stores/find-drift.ts'
import { planStores, setUpStores, verifyStores } from '../../../src/stores/set-up-stores.ts'
import { type MemoryStore, memoryStore } from './memory-store.ts'

const loss = { code: 'shorter-retention' as const, why: 'What is older goes.', affected: ['a (3 points)', 'b'] }

async function setUp(stores: readonly MemoryStore[], allow: readonly string[] = [], stopAfter = Infinity) {
  const events: RunEvent[] = []
  const asked: string[] = []
  const finished = () => events.filter(({ type }) => type === 'store-change-finished').length
  const report = await setUpStores({
    stores,
    permission: {
      allow,
      confirm: async (what) => {
        asked.push(what)
      },
    },
    emit: (event) => events.push(event),
    stop: {
      get requested() {
        return finished() >= stopAfter
      },
      killRequested: false,
      onStop: () => () => {},
      onKill: () => () => {},
    },
  })
  return { ...report, events, asked }
}

describe('setting up stores', () => {
  it('applies the declaration, reports each change, and then finds nothing to do', async () => {
    const store = memoryStore({ a: '1', b: '2' }, { values: { b: '2' } })
    const first = await setUp([store])
    expect(first.outcomes).toMatchObject([{ state: 'done', done: ['set a to 1'], notDone: [], unchanged: 1 }])
    expect(first.events.map(({ type }) => type)).toEqual(['store-change-started', 'store-change-finished'])
    expect((await setUp([store])).outcomes).toMatchObject([{ state: 'nothing-to-do', done: [], unchanged: 2 }])
    expect(store.written).toEqual(['a'])
    expect(store.closed()).toBe(true)
  })

  it('writes nothing anywhere while a loss is not allowed', async () => {
    const losing = memoryStore({ a: '1' }, { values: { a: '2' }, losses: { a: loss } })
    const other = memoryStore({ b: '1' }, { store: 'mongodb' })
    const refused = (await setUp([losing, other]).catch((error: unknown) => error)) as ToolError
    expect(refused).toMatchObject({ code: 'STORE_LOSS', exitCode: 2 })
    expect(refused.faults[0]).toMatchObject({
      why: 'What is older goes. Affected: a (3 points), b.',
      next: 'If the loss is intentional, allow it with `--allow shorter-retention`; otherwise revert the declaration.',
    })
    expect([losing.written, other.written]).toEqual([[], []])
    expect([losing.closed(), other.closed()]).toEqual([true, true])
  })

  it('asks before a loss that is allowed', async () => {
    const losing = memoryStore({ a: '1' }, { values: { a: '2' }, losses: { a: loss } })
    const { asked, outcomes } = await setUp([losing], ['shorter-retention'])
    expect(asked).toEqual(['redis: set a to 1. What is older goes. Affected: a (3 points), b.'])
    expect(outcomes).toMatchObject([{ state: 'done' }])
  })

  it("leaves the others their work when one store fails, and gives the failure's exit code", async () => {
    const gone = memoryStore({ a: '1' }, { unreachable: true })
    const refusing = memoryStore({ a: '1', b: '2', c: '3' }, { store: 'influxdb', refused: ['b'] })
    const well = memoryStore({ a: '1' }, { store: 'mongodb' })
    const { outcomes, error } = await setUp([gone, refusing, well])
    expect(outcomes).toMatchObject([
      { store: 'redis', state: 'not-reached', code: 'STORE_UNREACHABLE' },
      { store: 'influxdb', state: 'failed', done: ['set a to 1'], notDone: ['set b to 2', 'set c to 3'] },
      { store: 'mongodb', state: 'done' },
    ])
    expect(error?.exitCode).toBe(69)
  })

  it('says so when what was written is not what is there', async () => {
    const { outcomes } = await setUp([memoryStore({ a: '1' }, { values: { a: '0' }, stubborn: ['a'] })])
    expect(outcomes).toMatchObject([{ state: 'failed', code: 'STORE_DIFFERS', done: ['set a to 1'] }])
  })

  it('stops between two changes', async () => {
    const { outcomes } = await setUp([memoryStore({ a: '1', b: '2' })], [], 1)
    expect(outcomes).toMatchObject([{ state: 'stopped', done: ['set a to 1'], notDone: ['set b to 2'] }])
  })
})

describe('planning and verifying stores', () => {
  it('reports the changes of each store, and why a store cannot be reached', async () => {
    const { outcomes, error } = await planStores([memoryStore({ a: '1' }), memoryStore({}, { unreachable: true })])
    expect(outcomes).toMatchObject([
      { plan: { changes: [{ summary: 'set a to 1' }] }, fault: null },
      { plan: null, fault: { what: 'gone' }, code: 'STORE_UNREACHABLE' },
    ])
    expect(error?.exitCode).toBe(69)
  })

  it('proves each', async () => {
    const { outcomes, error } = await verifyStores([memoryStore({}), memoryStore({}, { unreachable: true })])
    expect(outcomes).toMatchObject([{ checks: [{ state: 'good' }] }, { checks: [], code: 'STORE_UNREACHABLE' }])
    expect(error?.exitCode).toBe(69)
  })

  it('reports differences, undeclared resources, and that all is as declared only where that was observed', async () => {
    const undeclared = toUndeclaredFinding(
      { store: 'redis', server: 'redis.test:1' },
      { resource: { kind: 'value', name: 'c' }, detail: null, severity: 'warning', next: asSaid('Remove it.') },
    )
    const { outcomes, error } = await verifyStores([
      memoryStore({ a: '1' }, { values: { a: '1' }, findings: [undeclared] }),
      memoryStore({ a: '1', b: '2', c: '3' }, { values: { a: '0', c: '3' }, losses: { a: loss } }),
      memoryStore(
        { a: '1' },
        { incomparable: new ToolError('MONGODB_NO_PRIMARY', { what: 'There is no primary.', next: 'Wait.' }) },
      ),
      memoryStore({}, { unreachable: true }),
    ])
    expect(error?.exitCode).toBe(69)
    expect(outcomes).toMatchObject([
      { asDeclared: true, compared: 1, findings: [{ code: 'STORE_UNDECLARED', severity: 'warning' }] },
      {
        asDeclared: false,
        compared: 3,
        findings: [
          {
            code: 'STORE_DRIFT',
            what: 'Value `a` is not as declared.',
            next: 'Look at `wwdb setup plan --only redis`, then run `wwdb setup apply --only redis --allow shorter-retention`, if the loss is intentional (shorter-retention).',
          },
          { code: 'STORE_MISSING', what: 'Value `b` is missing.' },
        ],
      },
      {
        asDeclared: false,
        compared: 0,
        findings: [{ code: 'MONGODB_NO_PRIMARY', what: 'There is no primary.' }],
        checks: [{}],
      },
      { asDeclared: false, compared: 0, findings: [], checks: [], code: 'STORE_UNREACHABLE' },
    ])
  })
})
