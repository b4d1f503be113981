import { describe, expect, it } from 'vitest'
import {
  findEdited,
  isAsRan,
  type KeptMigration,
  listTakenBack,
  mayEnd,
  planReverts,
  refuseRevert,
} from '../../../../src/migrations/vitess/plan-reverts.ts'

const shards = ['-80', '80-']

const kept = (given: Partial<KeptMigration>): KeptMigration => ({
  ...{
    uuid: 'a',
    shard: '-80',
    of: { pass: 3, statement: 0, hash: 'aa' },
    table: 'users',
    action: 'alter',
    status: 'complete',
  },
  ...{
    strategy: 'vitess',
    reverts: '',
    hasStarted: true,
    isDuplicate: false,
    isInPlace: false,
    artifacts: ['_vt_vrp_1'],
  },
  ...{
    isCleaned: false,
    completed: '2026-12-01 10:00:00.000001',
    left: 86_000_000,
    age: 400_000,
    isView: false,
    notes: [],
  },
  ...given,
})
const onBoth = (given: Partial<KeptMigration>): readonly KeptMigration[] =>
  shards.map((shard) => kept({ ...given, shard }))

const plan = (rows: readonly KeptMigration[], total = 1, reverted = 0, isDdl = false) =>
  planReverts({ pass: 3, total, reverted, nameOf: () => 'ALTER TABLE users', isDdl: () => isDdl }, rows, shards)
const why = (rows: readonly KeptMigration[], total?: number): string => {
  const found = plan(rows, total)
  return found.type === 'refused' ? found.why : 'possible'
}

describe('what of a file is no longer as it ran', () => {
  const given = [
    ...onBoth({ of: { pass: 3, statement: 0, hash: 'aa' } }),
    ...onBoth({ uuid: 'b', of: { pass: 3, statement: 2, hash: 'cc' } }),
    ...onBoth({ uuid: 'c', of: { pass: 2, statement: 0, hash: 'ff' } }),
    ...onBoth({ uuid: 'd', of: null }),
  ]

  it('is each statement whose digest is not that of the context in which Vitess ran it', () => {
    expect(findEdited(3, ['aa1', 'bb1', 'cc1'], given)).toEqual([])
    expect(findEdited(3, ['aa1', 'bb1', 'xx1'], given)).toEqual([2])
    expect(findEdited(3, ['a'], given)).toEqual([0, 2])
    expect(findEdited(3, [], given)).toEqual([0, 2])
  })

  it('is no statement that ran as it is after another text of it had failed', () => {
    const failed = onBoth({ uuid: 'e', of: { pass: 3, statement: 2, hash: 'ee' }, status: 'failed' })
    expect(findEdited(3, ['aa1', 'bb1', 'cc1'], [...failed, ...given])).toEqual([])
  })

  it('is not named by its new text, also where the checksum of that was accepted', () => {
    const at = (hashes: readonly string[], isRecorded: boolean) =>
      [0, 1, 2].filter((one) => isAsRan({ pass: 3, total: 3, hashes, isRecorded }, one, given))
    expect(at(['aa1', 'bb1', 'cc1'], true)).toEqual([0, 1, 2])
    // Of the second one, which Vitess was not given, only the checksum of the file says something.
    expect(at(['aa1', 'bb1', 'cc1'], false)).toEqual([0, 2])
    expect(at(['aa1', 'bb1', 'xx1'], true)).toEqual([0])
    expect(at(['aa1', 'bb1', 'cc1', 'dd1'], true)).toEqual([0, 2])
    expect(at([], true)).toEqual([])
  })

  it('does not call a statement data of which nothing is known any more', () => {
    const found = planReverts({ pass: 3, total: 1, reverted: 0, nameOf: () => null, isDdl: () => null }, [], shards)
    expect(found).toEqual({
      type: 'refused',
      why: 'Statement 1 of 1: Vitess shows no migration that this journal has given it for it',
    })
  })
})

describe('what Vitess can take back', () => {
  it('is each statement of the pass, the last one first, with the shortest time that a shard keeps it', () => {
    const rows = [
      ...onBoth({ uuid: 'a' }),
      kept({ uuid: 'b', of: { pass: 3, statement: 1, hash: 'aa' }, table: 'notes', action: 'drop', left: 9_000_000 }),
      kept({
        uuid: 'b',
        of: { pass: 3, statement: 1, hash: 'aa' },
        table: 'notes',
        action: 'drop',
        left: 7_000_000,
        shard: '80-',
      }),
      ...onBoth({ uuid: 'c', of: { pass: 2, statement: 0, hash: 'aa' }, table: 'others' }),
    ]
    const found = plan(rows, 2)
    expect(found.type === 'possible' && found.parts.map(({ uuid, left }) => [uuid, left])).toEqual([
      ['b', 7_000_000],
      ['a', 86_000_000],
    ])
  })

  it('takes the parts of one statement always in the same order', () => {
    const rows = [
      ...onBoth({ uuid: 'p', table: 'one', action: 'drop' }),
      ...onBoth({ uuid: 'q', table: 'two', action: 'drop' }),
    ]
    for (const given of [rows, rows.toReversed()]) {
      const found = plan(given)
      expect(found.type === 'possible' && found.parts.map(({ table }) => table)).toEqual(['two', 'one'])
    }
  })

  it.each<[string, readonly KeptMigration[], RegExp]>([
    [
      'data',
      onBoth({ of: { pass: 3, statement: 1, hash: 'aa' } }),
      /^Statement 1 of 2 \(ALTER TABLE users\) did not run/,
    ],
    ['what failed everywhere', onBoth({ status: 'failed' }), /is not complete on any shard/],
    ['what ran on one shard', [kept({})], /shard 80- has run it as another migration/],
    ['an ALTER by plain DDL', onBoth({ strategy: 'mysql' }), /ran as plain DDL/],
    ['partitions', onBoth({ isInPlace: true }), /changed `users` in place/],
    ['what is cleaned up', onBoth({ isCleaned: true }), /no longer keeps what `users` was on shard -80/],
    ['what may go at any moment', [kept({}), kept({ shard: '80-', left: 0 })], /was on shard 80-/],
    ['an ALTER without its copy', onBoth({ artifacts: [] }), /no longer keeps/],
  ])('is not %s', (name, rows, expected) => {
    expect(why(rows, name === 'data' ? 2 : 1)).toMatch(expected)
  })

  it('is not what Vitess may remove before its REVERT ends: the copy of an ALTER goes also while that writes to it', () => {
    const hours = (age: number, left: number) => ({ age: age * 3_600_000, left: left * 3_600_000 })
    expect(why(onBoth(hours(20, 4)))).toMatch(
      /^Statement 1 of 1 .*: Vitess keeps what `users` was on shard -80 for 4 hours more, in which a `REVERT` must end, and it may take 5 hours 10 minutes$/,
    )
    expect(why(onBoth(hours(18, 6)))).toBe('possible')
    expect(why(onBoth({ action: 'drop', ...hours(23.5, 0.5) }))).toBe('possible')
    expect(why(onBoth({ action: 'drop', left: 59_000 }))).toMatch(/it may take 1 minute$/)
    expect([mayEnd('a', onBoth({ left: 301_000 })), mayEnd('a', [kept({}), kept({ left: 299_000 })])]).toEqual([
      true,
      false,
    ])
    // It is under way, and followed to its end.
    const running = onBoth({ uuid: 'r', of: null, reverts: 'a', status: 'running', completed: '' })
    expect(why([...onBoth(hours(20, 4)), ...running])).toBe('possible')
  })

  it('is judged again for the shards that it is given to', () => {
    const own = [kept({}), kept({ shard: '80-', isCleaned: true })]
    expect(refuseRevert('a', own, ['-80'])).toBeNull()
    expect(refuseRevert('a', own, shards)).toMatch(/no longer keeps what `users` was on shard 80-/)
  })

  it('is not what another migration of the table came after, or waits behind', () => {
    const own = onBoth({})
    const later = { uuid: 'z', of: null, completed: '2026-12-01 10:00:00.000002' }
    expect(why([...own, kept({ ...later, shard: '80-' })])).toMatch(/not the last .* z ran after it on shard 80-/)
    expect(why([...own, kept({ ...later, status: 'failed' })])).toBe('possible')
    expect(why([...own, kept({ ...later, table: 'notes' })])).toBe('possible')
    expect(why([...own, kept({ ...later, status: 'queued', completed: '' })])).toMatch(/migration z .* is `queued`/)
    // Vitess would call the duplicate its last one.
    expect(why([...own, kept({ ...later, of: { pass: 3, statement: 0, hash: 'aa' }, isDuplicate: true })])).toMatch(
      /not the last/,
    )
  })

  it('goes on where a rollback was cut off', () => {
    const own = onBoth({})
    const revert = { uuid: 'r', of: null, reverts: 'a', completed: '2026-12-01 11:00:00.000000' }
    // One shard has it, and the other one gets it.
    expect(plan([...own, kept(revert)]).type).toBe('possible')
    // Its row is closed: nothing of it is asked any more.
    const after = onBoth({ uuid: 'y', of: null, completed: '2026-12-01 12:00:00.000000' })
    expect(plan([...own, ...onBoth(revert), ...after], 1, 1).type).toBe('possible')
    expect(plan([...own, kept({ ...revert, status: 'running', completed: '' })]).type).toBe('possible')
  })

  it('is not what an earlier REVERT has begun with and not completed: its copy is another one by then', () => {
    const own = onBoth({})
    const failed = { uuid: 'r', of: null, reverts: 'a', status: 'cancelled', completed: '2026-12-01 11:00:00.000000' }
    expect(why([...own, kept({ ...failed, shard: '80-' })])).toMatch(
      /a `REVERT` of it \(r\) has begun on shard 80- and is `cancelled`/,
    )
    // Vitess refused it before it touched anything.
    expect(why([...own, kept({ ...failed, hasStarted: false })])).toBe('possible')
    // A RENAME runs as a whole or not at all.
    expect(why([...onBoth({ action: 'drop' }), kept(failed)])).toBe('possible')
  })

  it('is a table that was created or dropped by plain DDL: Vitess renames it all the same', () => {
    for (const action of ['create', 'drop']) expect(why(onBoth({ action, strategy: 'mysql' }))).toBe('possible')
  })

  it('is not what changed some shards alone, as IF NOT EXISTS may', () => {
    const rows = [kept({ action: 'create', artifacts: [] }), kept({ action: 'create', shard: '80-' })]
    expect(why(rows)).toMatch(/it has changed `users` on shard 80- and not on shard -80/)
  })

  it('is not called data where a definition is not known to Vitess any more', () => {
    const found = plan([], 1, 0, true)
    expect(found.type === 'refused' && found.why).toMatch(/Vitess shows no migration that this journal has given it/)
  })

  it('says what single shards have taken back', () => {
    const revert = { uuid: 'r', of: null, reverts: 'a' }
    const rows = [...onBoth({}), kept(revert), kept({ ...revert, shard: '80-', status: 'failed' })]
    expect(listTakenBack(3, rows)).toEqual(['`users` on shard -80'])
    expect(listTakenBack(2, rows)).toEqual([])
  })

  it('does not need a table that was not made: IF NOT EXISTS', () => {
    const found = plan(onBoth({ action: 'create', artifacts: [] }))
    expect(found.type === 'possible' && found.parts[0]?.artifact).toBeNull()
  })
})
