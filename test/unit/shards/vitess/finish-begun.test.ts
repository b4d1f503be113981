import { describe, expect, it } from 'vitest'
import type { SpreadTable } from '../../../../src/shards/mysql/vitess/at-shards.ts'
import { sumCounts } from '../../../../src/shards/mysql/vitess/at-shards.ts'
import { finishBegun } from '../../../../src/shards/mysql/vitess/finish-begun.ts'
import type { ShardRecord, ShardState } from '../../../../src/shards/shard.ts'

const record = (state: ShardState): ShardRecord => ({
  family: 'letters',
  key: '2026-01',
  table: 'own',
  from: 0,
  to: 1,
  state,
  templateVersion: 1,
  fingerprint: null,
  goneAt: null,
  seal: null,
  hold: { table: 'held', at: 0, until: 0 },
  archive: null,
  protection: null,
})

/** The tables of two shards: `-` where none has it, `first` where the first one has it alone. */
function spread(own: 'both' | 'first' | 'second' | 'none', held: typeof own): readonly SpreadTable[] {
  const lacking = { both: [], first: ['80-'], second: ['-80'] }
  return (
    [
      ['own', own],
      ['held', held],
    ] as const
  ).flatMap(([name, where]) => (where === 'none' ? [] : [{ name, type: 'table', lacking: lacking[where] } as const]))
}

async function finished(state: ShardState, tables: readonly SpreadTable[]): Promise<readonly string[]> {
  const done: string[] = []
  const note =
    (what: string) =>
    async (...names: readonly string[]): Promise<void> =>
      void done.push([what, ...names].join(' '))
  const changes = { rename: note('rename'), drop: note('drop'), removeFromVschema: note('forget') }
  await finishBegun([record(state)], changes, tables)
  return done
}

describe('what a killed run began on some shards of a keyspace', () => {
  it.each([
    ['holding', spread('second', 'first'), ['rename own held']],
    ['restoring', spread('first', 'second'), ['rename held own']],
    ['dropping', spread('none', 'second'), ['drop held own']],
    ['dropping', spread('none', 'none'), ['forget own']],
  ] as const)('%s is ended', async (state, tables, expected) => {
    expect(await finished(state, tables)).toEqual(expected)
  })

  it.each([
    ['holding', spread('both', 'none')],
    ['holding', spread('none', 'both')],
    ['restoring', spread('none', 'both')],
    ['restoring', spread('both', 'none')],
    ['dropping', spread('none', 'both')],
    ['held', spread('none', 'first')],
    ['live', spread('first', 'none')],
  ] as const)('%s is left to what looks at the tables, where no shard has begun or all have ended', async (...of) => {
    expect(await finished(of[0], of[1])).toEqual([])
  })
})

describe('the counts of shards', () => {
  it('add up, whichever comes first', () => {
    const [one, other] = [
      { rows: 2, checksum: '0000000f00000000ffffffff' },
      { rows: 3, checksum: '000000f0ffffffffffffffff' },
    ]
    expect(sumCounts([one, other])).toEqual({ rows: 5, checksum: '000000ff00000000fffffffe' })
    expect(sumCounts([other, one])).toEqual(sumCounts([one, other]))
    expect(sumCounts([one])).toEqual(one)
  })
})
