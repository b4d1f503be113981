import { describe, expect, it } from 'vitest'
import { describeUneven, mergeShards, type ShardReading } from '../../../src/ddl/merge-shards.ts'
import { compareShards } from '../../../src/ddl/shards-of-run.ts'
import type { ObjectSnapshot, SnapshotReading } from '../../../src/ddl/snapshot.ts'
import { unlikeSnapshot } from '../../../src/ddl/unlike-record.ts'

const view = (name: string, text: string): ObjectSnapshot => ({
  ...{ type: 'view', name, text, definer: 'root@%', sqlMode: null, timeZone: null, table: null, order: 0 },
})

function reading(...objects: readonly ObjectSnapshot[]): SnapshotReading {
  const snapshot = { format: 1 as const, database: 'app', charset: 'utf8mb4', collation: 'utf8mb4_bin', objects }
  return { snapshot, hidden: [], leftOut: [], shards: [] }
}

const on = (shard: string, ...objects: readonly ObjectSnapshot[]): ShardReading => ({
  shard,
  reading: reading(...objects),
})

const [one, other] = [view('a', 'SELECT 1'), view('a', 'SELECT 2')]

describe('the schema of a keyspace', () => {
  it('is that of each shard where they are alike', () => {
    expect(mergeShards([on('-80', one), on('80-', one)])).toEqual(reading(one))
  })

  it('has every object, and says which shards have which definition', () => {
    const merged = mergeShards([on('-40', one), on('40-80', other), on('80-', one, view('b', 'SELECT 3'))])
    expect(merged.snapshot.objects.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(merged.uneven?.map(describeUneven)).toEqual([
      'view `a`: one definition on shards -40, 80-, another one on shard 40-80',
      'view `b`: none on shards -40, 40-80, one definition on shard 80-',
    ])
  })

  it('shows what is not wanted, on whichever shard it is', () => {
    const merged = mergeShards([on('-80', one), on('80-', other)])
    for (const [wanted, shown] of [
      [one, other],
      [other, one],
    ] as const)
      expect(unlikeSnapshot(merged, reading(wanted).snapshot).snapshot.objects).toEqual([shown])
    const lacking = mergeShards([on('-80', one), on('80-')])
    expect(unlikeSnapshot(lacking, reading(one).snapshot).snapshot.objects).toEqual([])
  })
})

describe('what a run did to shards', () => {
  const drift = {
    key: 'view a',
    type: 'view',
    name: 'a',
    change: 'differs',
    wanted: one,
    found: other,
    parts: [],
  } as const
  const [even, uneven] = [reading(one), mergeShards([on('-80', one), on('80-', other)])]

  it('is no drift where it made them alike', () => {
    expect(compareShards([drift], uneven, even)).toEqual({ left: [], unfinished: new Set() })
    expect(compareShards([drift], uneven, uneven).left).toEqual([drift])
    expect(compareShards([drift], even, even).left).toEqual([drift])
  })

  it('is not recorded where some of them alone have it', () => {
    expect(compareShards([], even, uneven).unfinished).toEqual(new Set(['view a']))
  })
})
