import { describe, expect, it } from 'vitest'
import { adviseChanging, describeChanging } from '../../../../src/migrations/vitess/changing-shards.ts'

const two = ['-80', '80-']

describe('the shards of a keyspace', () => {
  it('are steady where those that serve are the known ones, in any order, and no other has a tablet', () => {
    expect(describeChanging({ known: two, serving: two.toReversed(), present: two })).toBeNull()
    // The tablets of a shard that serves may be away, or not be watched.
    expect(describeChanging({ known: two, serving: two, present: ['80-'] })).toBeNull()
  })

  it('change where a tablet is of a shard that serves nothing, before and after the traffic is switched', () => {
    const [before, after] = [
      describeChanging({ known: two, serving: two, present: [...two, '-40', '40-80'] }),
      describeChanging({ known: two, serving: ['-40', '40-80', '80-'], present: [...two, '-40', '40-80'] }),
    ]
    expect(before).toContain('the shards -40, 40-80 have tablets and serve nothing')
    expect(before).toContain('reaches the shards -80, 80- alone')
    expect(after).toContain('shard -80 has tablets and serves nothing')
  })

  it('have changed where others serve than at the beginning', () => {
    const serving = ['-40', '40-80', '80-']
    expect(describeChanging({ known: two, serving, present: serving })).toContain('-80, 80- then, -40, 40-80, 80- now')
  })
})

it('what to do tells that Vitess leaves the new shards of what is canceled, and how they go', () => {
  const advice = adviseChanging('ks')
  expect(advice).toContain('Reshard --target-keyspace ks --workflow NAME complete`): that removes the shards')
  expect(advice).toContain('`cancel` in its place leaves the new shards')
  expect(advice).toContain('`vtctldclient DeleteShards --recursive ks/SHARD`')
})
