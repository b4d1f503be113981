import { describe, expect, it } from 'vitest'
import { describeUneven, mergeShards, type ShardReading } from '../../../src/ddl/merge-shards.ts'
import { decideRecord, touchedBy } from '../../../src/ddl/recorded-schema.ts'
import { compareShards, withoutProof } from '../../../src/ddl/shards-of-run.ts'
import { showTable } from '../../../src/ddl/shown-table.ts'
import type { CodeSnapshot, ObjectSnapshot, SnapshotReading } from '../../../src/ddl/snapshot.ts'
import { unlikeSnapshot } from '../../../src/ddl/unlike-record.ts'

const view = (name: string, text: string): CodeSnapshot => ({
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

  it('names the definers and the collations of schemas that differ', () => {
    const owned = mergeShards([on('-80', one), on('80-', { ...one, definer: 'ann@%' })])
    expect(owned.uneven?.map(describeUneven)).toEqual([
      'view `a`: one definition of root@% on shard -80, another one of ann@% on shard 80-',
    ])
    expect(unlikeSnapshot(owned, reading(one).snapshot).snapshot.objects).toEqual([one])
    const { snapshot, ...rest } = reading(one)
    const collated = { ...rest, snapshot: { ...snapshot, collation: 'utf8mb4_general_ci' } }
    const merged = mergeShards([on('-80', one), { shard: '80-', reading: collated }])
    expect(merged.uneven?.map(describeUneven)).toEqual([
      'collation of the schema: utf8mb4_bin on shard -80, utf8mb4_general_ci on shard 80-',
    ])
    expect(unlikeSnapshot(merged, snapshot).snapshot.collation).toBe('utf8mb4_general_ci')
  })

  it('does not parse a table whose text is the same on all shards', () => {
    const broken = () =>
      showTable('t', 'CREATE TABLE `t` of no parser', { collations: new Map(), databases: new Map() })
    const merged = mergeShards([on('-80', broken()), on('80-', broken())])
    expect([merged.uneven, merged.snapshot.objects.length]).toEqual([undefined, 1])
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

  const isOfRun = touchedBy({ objects: [{ type: 'view', schema: null, name: 'a' }] }, 'app')
  const isElsewhere = touchedBy({ objects: [{ type: 'view', schema: null, name: 'b' }] }, 'app')

  it('is no drift where its statements made them alike', () => {
    expect(compareShards([drift], uneven, even, isOfRun)).toEqual({ left: [], unfinished: new Set() })
    expect(compareShards([drift], uneven, uneven, isOfRun).left).toEqual([drift])
    expect(compareShards([drift], even, even, isOfRun).left).toEqual([drift])
  })

  it('stays drift where a person made them alike while statements changed other objects', () => {
    expect(compareShards([drift], uneven, even, isElsewhere).left).toEqual([drift])
    const byHand = { ...drift, wanted: null, change: 'extra' as const }
    const lacking = mergeShards([on('-80'), on('80-', other)])
    expect(compareShards([byHand], lacking, reading(other), isElsewhere).left).toEqual([byHand])
  })

  it('is not recorded where some of them alone have it', () => {
    expect(compareShards([], even, uneven, isOfRun).unfinished).toEqual(new Set(['view a']))
  })

  it('is recorded as unknown where nothing was recorded before', () => {
    const change = withoutProof(decideRecord(null, [], uneven.snapshot, uneven), uneven)
    expect([change.put.map(({ type }) => type), change.unproven]).toEqual([['schema'], [{ type: 'view', name: 'a' }]])
    const alike = decideRecord(null, [], even.snapshot, even)
    expect(withoutProof(alike, even)).toBe(alike)
  })
})
