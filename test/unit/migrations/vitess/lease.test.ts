import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeAttempt, type LeaseRow, leaseFor, usualLease } from '../../../../src/migrations/vitess/lease.ts'
import { fencedBy, type Held, type ModelRow, releasedBy, takenBy } from '../../../helpers/vitess/lease-model.ts'

const runs = ['a', 'b', 'c'] as const

const deed = fc.oneof(
  fc.record({ type: fc.constant('take' as const), run: fc.constantFrom(...runs) }),
  fc.record({ type: fc.constant('write' as const), run: fc.constantFrom(...runs) }),
  fc.record({ type: fc.constant('release' as const), run: fc.constantFrom(...runs) }),
  // Also backwards, as a clock that is set.
  fc.record({ type: fc.constant('time' as const), by: fc.integer({ min: -5, max: 30 }) }),
)

/** A failover of the journal's database, or a restore: so many of the last writes are gone. */
const failover = fc.record({ type: fc.constant('failover' as const), lost: fc.integer({ min: 1, max: 4 }) })

const first: ModelRow = { token: 0, owner: '', expires: 0 }

type Deed = typeof deed | typeof failover extends fc.Arbitrary<infer T> ? T : never

/** What the row becomes, and which run wrote under which token. Each take has an owner of its own, as each run has a random one. */
function follow(deeds: readonly Deed[], look: (row: ModelRow, all: readonly Held[], now: number) => void) {
  let row = first
  let now = 0
  let takes = 0
  const history: ModelRow[] = [first]
  const held = new Map<string, Held>()
  const all: Held[] = []
  const writers: number[] = []
  const become = (next: ModelRow): void => {
    if (next !== row) history.push(next)
    row = next
  }
  for (const one of deeds) {
    if (one.type === 'time') now += one.by
    else if (one.type === 'failover') {
      history.splice(Math.max(1, history.length - one.lost))
      row = history.at(-1) ?? first
    } else if (one.type === 'take') {
      const owner = `${one.run}${takes}`
      takes += 1
      const next = takenBy(row, owner, now, 10)
      if (next !== row) {
        held.set(one.run, next)
        all.push(next)
      }
      become(next)
    } else {
      const own = held.get(one.run)
      if (own === undefined) continue
      if (one.type === 'release') become(releasedBy(row, own, now))
      const written = one.type === 'write' ? fencedBy(row, own, now, 10) : null
      if (written !== null) {
        expect(written.expires).toBeGreaterThanOrEqual(row.expires)
        writers.push(written.token)
        become(written)
      }
    }
    look(row, all, now)
  }
  return { all, writers }
}

describe('a lease', () => {
  it('gives each run its own token, and nobody writes once a later run has', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
        const { all, writers } = follow(deeds, () => undefined)
        expect(new Set(all.map(({ token }) => token)).size).toBe(all.length)
        expect(writers).toEqual(writers.toSorted((one, other) => one - other))
      }),
    )
  })

  it('lets at most one run write at any time, and none that gave it back, whatever the clock does and a failover loses', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: deed }, failover), { maxLength: 60 }), (deeds) => {
        follow(deeds, (row, all, now) => {
          const mayWrite = all.filter((own) => fencedBy(row, own, now, 10) !== null)
          expect(mayWrite.map(({ owner }) => owner)).toEqual(row.owner === '' ? [] : [row.owner])
        })
      }),
    )
  })

  const read = (owner: string): LeaseRow => ({
    ...{ token: '7', owner, person: 'ann@build', runner: 'build:1', connectionId: 1, heldFor: 0, left: 10 },
  })

  it('is taken where the row has the own random name, whatever was said of how many rows changed', () => {
    expect(judgeAttempt(read('mine'), 'mine')).toEqual({ type: 'taken', token: '7' })
    expect(judgeAttempt(read('other'), 'mine')).toEqual({ type: 'waiting', row: read('other') })
    expect(judgeAttempt(null, 'mine')).toEqual({ type: 'waiting', row: null })
  })

  it('lasts longer than a definition waits for locks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (lockWait) => {
        expect(leaseFor(lockWait)).toBeGreaterThan(lockWait)
        expect(leaseFor(lockWait)).toBeGreaterThanOrEqual(usualLease)
      }),
    )
  })
})
