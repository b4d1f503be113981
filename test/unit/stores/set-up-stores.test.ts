import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/command/event.ts'
import { asSaid } from '../../../src/core/in-both.ts'
import { type Fault, ToolError } from '../../../src/core/tool-error.ts'
import { readAllowedLosses } from '../../../src/stores/allowed-losses.ts'
import { refuseLosses } from '../../../src/stores/approve-losses.ts'
import { toUndeclaredFinding } from '../../../src/stores/find-drift.ts'
import { readLocks } from '../../../src/stores/read-locks.ts'
import { planStores, setUpStores, verifyStores } from '../../../src/stores/set-up-stores.ts'
import type { StoreLoss } from '../../../src/stores/store-plan.ts'
import { type MemoryStore, memoryStore } from './memory-store.ts'

const loss = { code: 'shorter-retention' as const, why: 'What is older goes.', affected: ['a (3 points)', 'b'] }

async function setUp(
  stores: readonly MemoryStore[],
  allow: readonly string[] = [],
  stopAfter = Infinity,
  refusal?: Error,
  whileAsked: () => void = () => undefined,
) {
  const events: RunEvent[] = []
  const asked: string[] = []
  const finished = () => events.filter(({ type }) => type === 'store-change-finished').length
  const report = await setUpStores({
    stores,
    permission: {
      allow: readAllowedLosses(allow),
      confirm: async (what) => {
        asked.push(what)
        whileAsked()
        if (refusal !== undefined) throw refusal
      },
    },
    lockWait: 0,
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
      next: 'If the loss is intentional, allow it with `--allow shorter-retention:redis/value/a`; otherwise revert the declaration.',
    })
    expect([losing.written, other.written]).toEqual([[], []])
    expect([losing.closed(), other.closed()]).toEqual([true, true])
  })

  it('says that it removes what was added, which is kept by declaring it, and wants each of two codes', async () => {
    const added = { code: 'removed-additions' as const, why: 'It has parts.', affected: [] }
    const faultOf = async (lost: typeof loss | typeof added, allow: readonly string[]) => {
      const losing = memoryStore({ a: '1' }, { values: { a: '2' }, losses: { a: lost } })
      const refused = (await setUp([losing], allow).catch((error: unknown) => error)) as ToolError
      return refused.faults[0]
    }
    expect(await faultOf(added, [])).toMatchObject({
      what: 'redis: set a to 1: that removes parts that its declaration does not have.',
      next: 'If it may go, allow it with `--allow removed-additions:redis/value/a`; to keep what was added, declare it.',
    })
    const both = { ...loss, also: ['removed-additions'] as const }
    expect(await faultOf(both, [])).toMatchObject({
      next: expect.stringContaining(
        '`--allow shorter-retention:redis/value/a --allow removed-additions:redis/value/a`',
      ),
    })
    expect(await faultOf(both, ['shorter-retention'])).toMatchObject({
      next: expect.stringContaining('allow it with `--allow removed-additions:redis/value/a`;'),
    })
    const losing = memoryStore({ a: '1' }, { values: { a: '2' }, losses: { a: both } })
    expect((await setUp([losing], ['shorter-retention', 'removed-additions'])).error).toBeNull()
  })

  it('warns of no name that the plan under the lock would lose, though the first one would not', async () => {
    const losing = memoryStore(
      { a: '1', b: '1' },
      { values: { a: '1' }, losses: { a: loss }, whenLocked: (values) => values.set('a', '2') },
    )
    const { events, outcomes } = await setUp([losing], ['shorter-retention:redis/value/a'])
    expect(outcomes).toMatchObject([{ state: 'done', done: ['set a to 1', 'set b to 1'] }])
    expect(events.filter(({ type }) => type === 'warning')).toEqual([])
  })

  it('allows the loss of one resource by its name, and not that of another one or of another store', async () => {
    const losing = () => memoryStore({ a: '1', b: '1' }, { values: { a: '2', b: '2' }, losses: { a: loss, b: loss } })
    const named = ['shorter-retention:redis/value/a', 'shorter-retention:redis/value/b']
    const half = losing()
    const refused = (await setUp([half], named.slice(0, 1)).catch((error: unknown) => error)) as ToolError
    expect(refused).toMatchObject({ code: 'STORE_LOSS', faults: [{ what: expect.stringContaining('set b to 1') }] })
    expect(half.written).toEqual([])
    const whole = losing()
    expect(await setUp([whole], named)).toMatchObject({ error: null, outcomes: [{ state: 'done' }] })
    expect(whole.written).toEqual(['a', 'b'])
    const other = memoryStore({ a: '1' }, { store: 'mongodb', values: { a: '2' }, losses: { a: loss } })
    await expect(setUp([losing(), other], named)).rejects.toMatchObject({
      faults: [{ what: expect.stringContaining('mongodb: set a to 1') }],
    })
  })

  it('refuses a wrong name with those that exist where something is not allowed, and tells it where nothing is lost', async () => {
    const losing = memoryStore({ abc: '1' }, { values: { abc: '2' }, losses: { abc: loss } })
    const wrong = ['shorter-retention:redis/value/abd', 'shorter-retention:influxdb/bucket/not-of-this-run']
    const refused = (await setUp([losing], wrong).catch((error: unknown) => error)) as ToolError
    const right = '`--allow shorter-retention:redis/value/abc`'
    expect(refused.faults).toMatchObject([
      { what: expect.stringContaining('set abc to 1') },
      {
        what: '`--allow shorter-retention:redis/value/abd` does not name what this run would lose.',
        next: `Did you mean ${right}? What has this loss: ${right}.`,
      },
    ])
    const code = (await setUp([losing], ['removed-access:redis/value/abc']).catch(
      (error: unknown) => error,
    )) as ToolError
    expect(code.faults[1]).toMatchObject({ next: 'Nothing has this loss.' })
    // A run that was killed is gone on with by the same command, which names what is done already.
    const done = memoryStore({ abc: '1' }, { values: { abc: '1' } })
    const { events, error } = await setUp([done], [wrong[0] ?? ''])
    expect(error).toBeNull()
    expect(events).toMatchObject([{ type: 'warning', message: expect.stringContaining('redis/value/abd') }])
  })

  it.each([
    ['removed-resource', 'task', 'old (0a1b)', 'that removes task `old (0a1b)`.', 'to keep it, declare it.'],
    ['removed-access', 'role', 'old', 'that removes role `old`.', 'to keep it, declare it.'],
    ['removed-index', 'index', 'old-1', 'that removes index `old-1`.', 'to keep it, leave out `--prune`.'],
    ['surplus-task', 'task', 'old', 'that removes task `old`.', 'to keep it, give it another name.'],
    [
      'removed-for-good',
      'task',
      'old (0a1b)',
      'that removes task `old (0a1b)`, and no declaration makes all of it again.',
      'to keep it, leave out `--prune`; to make it again by hand, save what `GET /api/v2/tasks/0a1b` answers first.',
    ],
    [
      'removed-for-good',
      'function library',
      'old',
      'and no declaration makes all of it again.',
      'save what `FUNCTION LIST LIBRARYNAME old WITHCODE` answers first.',
    ],
    [
      'removed-for-good',
      'index template',
      'old',
      'all of it again.',
      'save what `GET /_index_template/old` answers first.',
    ],
    ['remove-member', 'replica set member', 'a:1', 'that loses data.', 'otherwise revert the declaration.'],
  ] as const)('says of a removal (%s, %s) how it is kept', (code, kind, name, what, keep) => {
    const change = {
      number: 0,
      resource: { kind, name },
      action: 'remove',
      summary: `remove ${name}`,
      differences: [],
      loss: { code, why: 'It goes.', affected: [] },
    } as const
    const plan = {
      store: 'redis',
      server: 'a:1',
      version: null,
      changes: [change],
      unchanged: [],
      notes: [],
      findings: [],
    } as const
    const faults = (): readonly Fault[] => {
      try {
        refuseLosses([plan], { allow: [], confirm: async () => undefined })
      } catch (error) {
        if (error instanceof ToolError) return error.faults
        throw error
      }
      return []
    }
    expect(faults()).toMatchObject([{ what: expect.stringContaining(what), next: expect.stringContaining(keep) }])
  })

  it('asks before a loss that is allowed', async () => {
    const losing = memoryStore({ a: '1' }, { values: { a: '2' }, losses: { a: loss } })
    const { asked, outcomes } = await setUp([losing], ['shorter-retention'])
    expect(asked).toEqual(['redis: set a to 1. What is older goes. Affected: a (3 points), b.'])
    expect(outcomes).toMatchObject([{ state: 'done' }])
  })

  it('writes nothing of a store that would lose something else by the time of the answer, and all of the others', async () => {
    const other = { code: 'removed-additions' as const, why: 'It has parts.', affected: ['`a` 1'] }
    const newer: readonly StoreLoss[] = [
      other,
      { ...loss, affected: [...loss.affected, 'c'] },
      { ...loss, also: ['removed-additions'] },
    ]
    for (const by of newer) {
      const losses: Record<string, StoreLoss> = { a: loss }
      const losing = memoryStore({ a: '1' }, { values: { a: '2' }, losses })
      const beside = memoryStore({ a: '1' }, { store: 'mongodb' })
      const { outcomes } = await setUp(
        [losing, beside],
        ['shorter-retention', 'removed-additions'],
        Infinity,
        undefined,
        () => {
          losses['a'] = by
        },
      )
      expect(outcomes).toMatchObject([{ state: 'failed', code: 'STORE_CHANGED', done: [] }, { state: 'done' }])
      expect(losing.written).toEqual([])
      expect(losing.locking).toEqual(['locked', 'unlocked'])
    }
  })

  it('goes on where programs have written meanwhile, where less would be lost, and with what was done meanwhile', async () => {
    for (const affected of [['a (1,204 points)', 'b'], ['a (1 point)'], []]) {
      const losses: Record<string, StoreLoss> = { a: loss }
      const losing = memoryStore({ a: '1' }, { values: { a: '2' }, losses })
      const { outcomes } = await setUp([losing], ['shorter-retention'], Infinity, undefined, () => {
        losses['a'] = { ...loss, affected }
      })
      expect(outcomes).toMatchObject([{ state: 'done' }])
    }
    const values = memoryStore({ a: '1', b: '1' }, { values: { a: '2' }, losses: { a: loss } })
    await setUp([values], ['shorter-retention'], Infinity, undefined, () => values.values.set('b', '1'))
    expect(values.written).toEqual(['a'])
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

  it('is done where its own changes set something free that nobody was asked to remove', async () => {
    const { outcomes, error } = await setUp([memoryStore({ a: '1' }, { setsFree: 'b' })])
    expect(outcomes).toMatchObject([{ state: 'done', done: ['set a to 1'] }])
    expect(error).toBeNull()
  })

  it('stops between two changes', async () => {
    const { outcomes } = await setUp([memoryStore({ a: '1', b: '2' })], [], 1)
    expect(outcomes).toMatchObject([{ state: 'stopped', done: ['set a to 1'], notDone: ['set b to 2'] }])
  })
})

describe('the lock of a store', () => {
  it('is taken only where something is to be done, and given back before the run ends', async () => {
    const changed = memoryStore({ a: '1' })
    const asDeclared = memoryStore({ a: '1' }, { values: { a: '1' } })
    await setUp([changed, asDeclared])
    expect([changed.locking, asDeclared.locking]).toEqual([['locked', 'unlocked'], []])
  })

  it('is given back where a change fails', async () => {
    const refusing = memoryStore({ a: '1' }, { refused: ['a'] })
    expect((await setUp([refusing])).outcomes).toMatchObject([{ state: 'failed' }])
    expect(refusing.locking).toEqual(['locked', 'unlocked'])
  })

  it('is given back where a loss is refused by the person who is asked', async () => {
    const losing = memoryStore({ a: '1' }, { values: { a: '2' }, losses: { a: loss } })
    const refusal = new Error('no')
    await expect(setUp([losing], ['shorter-retention'], Infinity, refusal)).rejects.toBe(refusal)
    expect(losing.locking).toEqual(['locked', 'unlocked'])
    expect(losing.written).toEqual([])
  })

  it('leaves to be done what another run has not done before it was taken', async () => {
    const store = memoryStore({ a: '1', b: '2' }, { whenLocked: (values) => values.set('a', '1') })
    const { outcomes } = await setUp([store])
    expect(outcomes).toMatchObject([{ state: 'done', done: ['set b to 2'], unchanged: 1 }])
    expect(store.written).toEqual(['b'])
  })

  it('asks about a loss that came up before it was taken', async () => {
    const store = memoryStore({ a: '1' }, { losses: { a: loss }, whenLocked: (values) => values.set('a', '0') })
    await expect(setUp([store])).rejects.toMatchObject({ code: 'STORE_LOSS' })
    expect(store.written).toEqual([])
    expect(store.locking).toEqual(['locked', 'unlocked'])
  })

  it('is taken after the first change where the store has no place for it before', async () => {
    const store = memoryStore({ a: '1', b: '2' }, { placeless: true })
    const { outcomes } = await setUp([store])
    expect(outcomes).toMatchObject([{ state: 'done', done: ['set a to 1', 'set b to 2'], notDone: [] }])
    expect(store.locking).toEqual(['locked', 'unlocked'])
  })

  it('that another run holds makes this store fail with 75, and leaves the others their work', async () => {
    const held = memoryStore({ a: '1' }, { held: 'deploy@ci' })
    const free = memoryStore({ a: '1' }, { store: 'mongodb' })
    const { outcomes, error } = await setUp([held, free])
    expect(outcomes).toMatchObject([{ state: 'failed', code: 'LOCK_HELD', done: [] }, { state: 'done' }])
    expect(error?.exitCode).toBe(75)
  })

  it('is waited for where a store cannot be planned while another run is in the middle of it', async () => {
    const half = new ToolError('STORE_REFUSED', { what: 'half a cluster' })
    const store = memoryStore({ a: '1' }, { heldBefore: 'deploy@ci', unplannable: half })
    expect((await setUp([store])).outcomes).toMatchObject([{ state: 'done', done: ['set a to 1'] }])
    const broken = memoryStore({ a: '1' }, { unplannable: half })
    expect((await setUp([broken])).outcomes).toMatchObject([{ state: 'failed', code: 'STORE_REFUSED' }])
  })

  it('is not waited for where the run that was in the middle of it has ended before the look: the store is planned again', async () => {
    const half = new ToolError('STORE_REFUSED', { what: 'half a cluster' })
    const ended = memoryStore({ a: '1' }, { unplannableOnce: half, values: { a: '1' } })
    expect((await setUp([ended])).outcomes).toMatchObject([{ state: 'nothing-to-do', fault: null }])
    const killed = memoryStore({ a: '1' }, { unplannableOnce: half })
    expect((await setUp([killed])).outcomes).toMatchObject([{ state: 'done', done: ['set a to 1'] }])
    expect(killed.locking).toEqual(['locked', 'unlocked'])
  })

  it('is shown with its holder, and a store that cannot be reached is named', async () => {
    const held = memoryStore({ a: '1' }, { held: 'deploy@ci' })
    const { outcomes, error } = await readLocks([held, memoryStore({}), memoryStore({}, { unreachable: true })])
    expect(outcomes).toMatchObject([
      { holder: 'deploy@ci', heldFor: 1000, left: 1000, fault: null },
      { holder: null, fault: null },
      { holder: null, code: 'STORE_UNREACHABLE' },
    ])
    expect(error?.exitCode).toBe(69)
    expect(held.locking).toEqual([])
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
            next: 'Look at `wwdb setup plan --only redis`, then run `wwdb setup apply --only redis --allow shorter-retention:redis/value/a`, if the loss is intentional (shorter-retention).',
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
