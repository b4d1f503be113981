import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeAttempt, type LeaseRow, leaseFor, usualLease } from '../../../../src/migrations/vitess/lease.ts'
import { fencedBy, type ModelRow, takenBy } from '../../../helpers/vitess/lease-model.ts'

const runs = ['a', 'b', 'c'] as const

const deed = fc.oneof(
  fc.record({ type: fc.constant('take' as const), run: fc.constantFrom(...runs) }),
  fc.record({ type: fc.constant('write' as const), run: fc.constantFrom(...runs) }),
  // Also backwards, as a clock that is set.
  fc.record({ type: fc.constant('time' as const), by: fc.integer({ min: -5, max: 30 }) }),
)

describe('a lease', () => {
  it('lets at most one run write at any time, whatever the clock does, and gives each its own token', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
        let row: ModelRow = { token: 0, owner: '', expires: 0 }
        let now = 0
        const tokens = new Map<string, number>()
        const writers: number[] = []
        for (const one of deeds) {
          if (one.type === 'time') now += one.by
          else if (one.type === 'take') {
            const before = row
            row = takenBy(row, one.run, now, 10)
            if (row !== before) {
              expect([...tokens.values()]).not.toContain(row.token)
              tokens.set(one.run, row.token)
            }
          } else {
            const token = tokens.get(one.run)
            const written = token === undefined ? null : fencedBy(row, token, now, 10)
            const mayWrite = [...tokens].filter(([, own]) => fencedBy(row, own, now, 10) !== null)
            expect(mayWrite.length).toBeLessThanOrEqual(1)
            if (written === null) continue
            expect(written.expires).toBeGreaterThanOrEqual(row.expires)
            writers.push(written.token)
            row = written
          }
        }
        // Nobody writes once a later run has.
        expect(writers).toEqual(writers.toSorted((one, other) => one - other))
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
