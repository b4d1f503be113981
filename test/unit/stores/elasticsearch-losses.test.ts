import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgePhases } from '../../../src/stores/elasticsearch/policies.ts'
import type { IndexFacts } from '../../../src/stores/elasticsearch/ports.ts'

const day = 86_400_000
const now = Date.UTC(2026, 10, 25)
const remove = { delete: {} }
const roll = { hot: { actions: { rollover: { max_age: '1d' } } } }

const index = (name: string, days: number, counted: IndexFacts['counted'] = 'creation'): IndexFacts => ({
  name,
  documents: 1204,
  bytes: 4096,
  since: now - days * day,
  counted,
  policy: 'logs',
  phase: counted === 'rollover' ? 'warm' : null,
})

describe('what a changed policy takes away', () => {
  it.each([
    [
      'a shorter age',
      { delete: { min_age: '365d', actions: remove } },
      { delete: { min_age: '90d', actions: remove } },
      'shorter-retention',
    ],
    ['the first age', {}, { delete: { min_age: '90d', actions: remove } }, 'shorter-retention'],
    [
      'an age in smaller units',
      { delete: { min_age: '10d', actions: remove } },
      { delete: { min_age: '239h', actions: remove } },
      'shorter-retention',
    ],
    ['the delete phase', { delete: { min_age: '90d', actions: remove } }, {}, 'removed-phase'],
    ['a phase between', { warm: { min_age: '30d', actions: {} } }, {}, 'removed-phase'],
    [
      'an earlier phase',
      { warm: { min_age: '30d', actions: {} } },
      { warm: { min_age: '29d', actions: {} } },
      'shorter-age',
    ],
    ['rollover', roll, { hot: { actions: {} } }, 'removed-rollover'],
    [
      'downsampling',
      { cold: { min_age: '1d', actions: {} } },
      { cold: { min_age: '1d', actions: { downsample: { fixed_interval: '1h' } } } },
      'downsampling',
    ],
    [
      'the proof of a snapshot',
      { delete: { min_age: '9d', actions: { ...remove, wait_for_snapshot: { policy: 'p' } } } },
      { delete: { min_age: '9d', actions: remove } },
      'removed-snapshot',
    ],
  ])('is reported: %s', (_, before, after, code) => {
    expect(judgePhases(before, after, [], now)?.code).toBe(code)
  })

  it('is reported with every index, oldest first, and the indices that would be deleted at once', () => {
    const loss = judgePhases(
      { delete: { min_age: '365d', actions: remove } },
      { delete: { min_age: '90d', actions: remove } },
      [index('young', 1), index('old', 200), index('rolled', 91, 'rollover')],
      now,
    )
    expect(loss).toEqual({
      code: 'shorter-retention',
      why: 'Indices that were deleted 365 days after their rollover will be deleted 90 days after rollover.',
      affected: [
        'old (1,204 documents, created 2026-05-09, 200 days ago; deleted at once)',
        'rolled (1,204 documents, rolled over 2026-08-26, 91 days ago, in phase warm; deleted at once)',
        'young (1,204 documents, created 2026-11-24, 1 day ago)',
      ],
    })
  })

  it('is the gravest of several, with every reason', () => {
    const loss = judgePhases(
      { ...roll, warm: { min_age: '30d', actions: {} }, delete: { min_age: '365d', actions: remove } },
      { hot: { actions: {} }, warm: { min_age: '1d', actions: {} }, delete: { min_age: '2d', actions: remove } },
      [],
      now,
    )
    expect(loss?.code).toBe('shorter-retention')
    expect(loss?.why).toContain('deleted 2 days after rollover. Without rollover')
    expect(loss?.why).toContain('Phase `warm` begins 1 day after the rollover instead of 30 days.')
  })

  it('is nothing when everything stays or gets longer', () => {
    const ages = fc.record({ warm: fc.nat(400), cold: fc.nat(400), delete: fc.nat(400) })
    const more = fc.record({ warm: fc.nat(99), cold: fc.nat(99), delete: fc.nat(99) })
    const phases = (days: { readonly warm: number; readonly cold: number; readonly delete: number }) => ({
      ...roll,
      warm: { min_age: `${days.warm}d`, actions: {} },
      cold: { min_age: `${days.cold * 24}h`, actions: {} },
      delete: { min_age: `${days.delete}d`, actions: remove },
    })
    fc.assert(
      fc.property(ages, more, (days, added) => {
        const later = { warm: days.warm + added.warm, cold: days.cold + added.cold, delete: days.delete + added.delete }
        expect(judgePhases(phases(days), phases(later), [], now)).toBeNull()
        if (added.delete > 0) expect(judgePhases(phases(later), phases(days), [], now)?.code).toBe('shorter-retention')
      }),
    )
  })
})
