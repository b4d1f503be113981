import { afterEach, expect, it, vi } from 'vitest'
import type { StoreSession } from '../../src/stores/contract.ts'
import { setUpStores } from '../../src/stores/set-up-stores.ts'

/** A store that nobody has set up, with two declarations: `more` has one change more. */
export interface LockStage {
  readonly open: (declared: 'first' | 'more', lease?: number) => StoreSession
}

const neverStops = { requested: false, killRequested: false, onStop: () => () => {}, onKill: () => () => {} }

async function apply(session: StoreSession, lockWait: number) {
  const { store, server } = session
  const { outcomes, error } = await setUpStores({
    stores: [{ store, server, open: async () => session }],
    permission: { allow: [], confirm: async () => undefined },
    lockWait,
    emit: () => undefined,
    stop: neverStops,
  })
  const [outcome] = outcomes
  if (outcome === undefined) throw new Error('a store has an outcome')
  return { outcome, error }
}

/** What every store promises of the lock of setup. The tests follow one another. */
export function describeSetupLock(stage: () => LockStage): void {
  const opened: StoreSession[] = []
  const open = (declared: 'first' | 'more', lease?: number): StoreSession => {
    const session = stage().open(declared, lease)
    opened.push(session)
    return session
  }

  afterEach(async () => {
    vi.useRealTimers()
    for (const session of opened.splice(0)) await session.close()
  })

  it('lets four appliers that begin at once come to one end, without anything twice', async () => {
    const runs = await Promise.all([1, 2, 3, 4].map(() => apply(open('first'), 120_000)))
    expect(runs.map(({ error }) => error)).toEqual([null, null, null, null])
    const states = runs.map(({ outcome }) => outcome.state)
    expect(states).toContain('done')
    const session = open('first')
    expect((await session.plan()).changes).toEqual([])
    expect(await session.readLock()).toBe(null)
    const findings = (await session.compare()).findings.filter(({ code }) => code === 'STORE_UNDECLARED')
    expect(findings.filter(({ resource: { name } }) => /lock/.test(name))).toEqual([])
  })

  it('is not taken where nothing is to be done', async () => {
    const holder = open('first')
    expect(await holder.lock(0)).toBe(true)
    expect((await apply(open('first'), 0)).outcome.state).toBe('nothing-to-do')
  })

  it('lets another run wait no longer than that may, name the holder and write nothing; plan and status need no lock', async () => {
    const holder = open('more')
    expect(await holder.lock(0)).toBe(true)
    const { error, outcome } = await apply(open('more'), 300)
    expect(error).toMatchObject({ code: 'LOCK_HELD', exitCode: 75 })
    expect(outcome).toMatchObject({ state: 'failed', done: [] })
    expect(outcome.fault?.why).toContain(`process ${process.pid}`)
    const reader = open('more')
    expect((await reader.plan()).changes).toHaveLength(1)
    expect(await reader.readLock()).toMatchObject({ holder: expect.stringContaining(`process ${process.pid}`) })
    await holder.unlock()
    expect(await reader.readLock()).toBe(null)
  })

  it('is renewed by a run that takes longer than the lease', async () => {
    const holder = open('more', 1500)
    expect(await holder.lock(0)).toBe(true)
    await expect(open('more').lock(5000)).rejects.toMatchObject({ code: 'LOCK_HELD' })
  })

  it('is taken over from a run that does not renew it, which then writes nothing any more', async () => {
    // The timer of a paused run does not fire.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const paused = open('more', 1500)
    expect(await paused.lock(0)).toBe(true)
    const [change] = (await paused.plan()).changes
    if (change === undefined) throw new Error('there is a change')
    const next = open('more', 30_000)
    expect(await next.lock(20_000)).toBe(true)
    await expect(paused.apply(change)).rejects.toMatchObject({ code: 'STORE_LOCK_LOST', exitCode: 2 })
    expect((await next.plan()).changes).toHaveLength(1)
    await paused.unlock()
    expect(await next.readLock()).not.toBe(null)
    await next.apply((await next.plan()).changes[0] ?? change)
    expect((await next.plan()).changes).toEqual([])
  })
}
