import { describe, expect, it } from 'vitest'
import { pinnedByCleanup } from '../../../src/stores/mongodb/compatibility-faults.ts'
import {
  type CompatibilityInput,
  planCompatibility,
  raisesCompatibility,
} from '../../../src/stores/mongodb/plan-compatibility.ts'

type Member = CompatibilityInput['members'][number]

const member = (host: string, version: string): Member => ({
  host,
  version,
  status: { type: 'router' },
})
const gone: Member = {
  host: 'c',
  version: null,
  status: { type: 'unreachable', error: 'gone' } as unknown as Member['status'],
}
const at = (version: string, target: string | null = null, previous: string | null = null) => ({
  version,
  target,
  previous,
})

describe('a feature compatibility version', () => {
  it('is changed only while all members are reached, up and down', () => {
    for (const [declared, current] of [
      ['7.0', '6.0'],
      ['6.0', '7.0'],
    ] as const)
      expect(() =>
        planCompatibility(declared, { observed: at(current), members: [member('a', '7.0.1'), gone] }),
      ).toThrow(/while a member is not reached/)
  })

  it('is not set lower than the newest member runs with, nor higher than the oldest has', () => {
    const members = [member('a', '7.0.1'), member('b', '8.0.4')]
    expect(() => planCompatibility('6.0', { observed: at('7.0'), members })).toThrow(/8\.0\.4 at b does not run with/)
    expect(() => planCompatibility('8.0', { observed: at('7.0'), members })).toThrow(/7\.0\.1 at a does not have/)
    expect(planCompatibility('7.0', { observed: at('7.0'), members })).toEqual([])
  })

  it('asks also for a set that this run makes: its first server may have data', () => {
    const [change] = planCompatibility('5.0', { observed: at('6.0'), members: [member('a', '6.0.5')] })
    expect(change?.change.loss?.code).toBe('changed-compatibility')
    const [before] = planCompatibility('5.0', { observed: null, members: [member('a', '6.0.5')] })
    expect(before?.change.loss?.code).toBe('changed-compatibility')
  })

  it('comes first only where it is raised: a lowering is finished behind what was in its way', () => {
    const members = [member('a', '6.0.5')]
    expect(raisesCompatibility('6.0', { observed: at('5.0'), members })).toBe(true)
    expect(raisesCompatibility('5.0', { observed: at('5.0', '5.0', '6.0'), members })).toBe(false)
    expect(raisesCompatibility('5.0', { observed: at('5.0', '6.0'), members })).toBe(false)
    expect(raisesCompatibility('5.0', { observed: null, members })).toBe(false)
  })

  it('is not turned back while it is lowered, before 7.0', () => {
    const observed = at('5.0', '5.0', '6.0')
    expect(() => planCompatibility('6.0', { observed, members: [member('a', '6.0.5')] })).toThrow(/was being lowered/)
    expect(planCompatibility('5.0', { observed, members: [member('a', '6.0.5')] })).toHaveLength(1)
    expect(
      planCompatibility('7.0', { observed: at('6.0', '6.0', '7.0'), members: [member('a', '7.0.1')] }),
    ).toHaveLength(1)
  })

  it('is pinned by pre-images where it is half lowered, which no `collMod` turns off any more', () => {
    const observed = at('5.0', '5.0', '6.0')
    const members = [member('a', '6.0.5')]
    const input = { observed, members, keeping: ['app.watched'] }
    expect(() => planCompatibility('5.0', input)).toThrow(/only half lowered to 5\.0: app\.watched keeps pre-images/)
    expect(() => planCompatibility('6.0', input)).toThrow(/was being lowered to 5\.0/)
    expect(planCompatibility('5.0', { ...input, observed: at('6.0') })).toHaveLength(1)
    expect(
      planCompatibility('6.0', { ...input, observed: at('6.0', '6.0', '7.0'), members: [member('a', '7.0.1')] }),
    ).toHaveLength(1)
  })

  it('is finished first where the server is past the point of return, from 7.0 on', () => {
    const error = pinnedByCleanup('7.0', 'a', new Error('stopped in the middle'))
    expect(error.faults[0]?.next).toContain('Then declare "7.0".')
  })
})
