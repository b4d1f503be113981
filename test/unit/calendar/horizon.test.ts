import { describe, expect, test } from 'vitest'
import { findShortHorizons, premakeHorizon } from '../../../src/calendar/horizon.ts'
import type { Division, PeriodKind } from '../../../src/core/shard-family.ts'

const [hour, day] = [3_600_000, 86_400_000]

describe('premakeHorizon', () => {
  test.each([
    ['day', 3, 0, 3],
    ['week', 2, 0, 14],
    ['month', 1, 0, 28],
    ['month', 3, 0, 89],
    ['month', 3, 45, 89],
    ['month', 1, 45, 45],
    ['quarter', 1, 0, 90],
    ['year', 1, 0, 365],
    ['year', 4, 0, 1460],
    ['month', 0, 0, 0],
  ] as const)('by %s, %i periods, %i days: at least %i days', (kind, periods, days, expected) => {
    expect(premakeHorizon({ periods, days }, kind)).toBe(expected * day)
  })
})

describe('findShortHorizons', () => {
  function family(division: Division, periods: number, days: number) {
    const template = { file: 'shard-templates/message_db/messages.sql' }
    return { name: 'messages', database: 'message_db', division, policy: { premake: { periods, days } }, template }
  }

  function by(kind: PeriodKind): Division {
    return { type: 'period', kind, zone: 'UTC' }
  }

  test('no fault is found where the shards outlast the next run and its fix', () => {
    expect(findShortHorizons([family(by('month'), 3, 45)], hour, 2 * day)).toEqual([])
    expect(findShortHorizons([family(by('day'), 3, 0)], hour, 3 * day - hour - 1)).toEqual([])
  })

  test('says by how much more a family must be made ahead', () => {
    expect(findShortHorizons([family(by('day'), 3, 0)], hour, 3 * day - hour)).toEqual([
      {
        what: 'The shards of `messages` may run out: they are created 3 days ahead.',
        where: { file: 'shard-templates/message_db/messages.sql', database: 'message_db' },
        why: 'The next run after a failed run starts after at most 1 hour, and fixing the failure takes 2 days 23 hours (rotation.schedule, rotation.alertDelay).',
        next: 'Create shards ahead by at least 4 days (`wwdb:premake`), or run more often.',
      },
    ])
  })

  test('knows nothing of families by key', () => {
    const division: Division = { type: 'key', source: { database: 'd', table: 't', column: 'id', deletedAt: null } }
    expect(findShortHorizons([family(division, 0, 0)], hour, day)).toEqual([])
  })

  test('what is not made ahead at all runs out', () => {
    const [fault] = findShortHorizons([family(by('month'), 0, 0)], hour, 0)
    expect(fault?.what).toBe('The shards of `messages` may run out: they are not created ahead.')
    expect(fault?.next).toContain('at least 1 day ')
  })
})
