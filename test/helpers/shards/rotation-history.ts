import fc from 'fast-check'
import type { Mishap } from '../memory/process.ts'
import { day, hour } from './families.ts'

/** What people, programs and other hands do between two runs. Numbers choose among what there is. */
export type Action =
  | { readonly type: 'write' }
  | { readonly type: 'write-late' }
  /** Into a table that is sealed or held already: no program should, and one will. */
  | { readonly type: 'write-too-late'; readonly choice: number }
  | { readonly type: 'add-instance' }
  | { readonly type: 'mark-deleted' | 'remove-row' | 'undelete'; readonly choice: number }
  | { readonly type: 'keep'; readonly choice: number; readonly months: number | null }
  | { readonly type: 'archive'; readonly choice: number; readonly archive: 'directory' | 'none' }
  | { readonly type: 'cap'; readonly choice: number; readonly cap: number }
  | { readonly type: 'hand-made'; readonly choice: number; readonly back: number; readonly fits: boolean }
  | { readonly type: 'hand-dropped' | 'fan-out'; readonly choice: number }
  | { readonly type: 'protect' | 'unprotect' | 'restore'; readonly choice: number }
  | { readonly type: 'read' | 'end-reads'; readonly choice: number }

/** Some time, what happened in it, and a run at its end. */
export interface Season {
  /** Milliseconds; never so long that what was made ahead is used up. */
  readonly wait: number
  readonly actions: readonly Action[]
  readonly mishaps: readonly (readonly [number, Mishap])[]
  /** Milliseconds that the server's clock is ahead for this run. */
  readonly skew: number
}

const choice = fc.nat(1000)

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Action>({ type: 'write' }) },
  { weight: 4, arbitrary: fc.constant<Action>({ type: 'write-late' }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('write-too-late' as const), choice }) },
  { weight: 3, arbitrary: fc.constant<Action>({ type: 'add-instance' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('mark-deleted' as const, 'remove-row' as const, 'undelete' as const),
      choice,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('keep' as const), choice, months: fc.constantFrom(null, 1, 2, 6) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('archive' as const),
      choice,
      archive: fc.constantFrom('directory' as const, 'none' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('cap' as const), choice, cap: fc.integer({ min: 1, max: 5 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('hand-made' as const),
      choice,
      back: fc.integer({ min: 1, max: 8 }),
      fits: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constantFrom('hand-dropped' as const, 'fan-out' as const), choice }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('protect' as const, 'unprotect' as const, 'restore' as const),
      choice,
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('read' as const, 'end-reads' as const), choice }) },
)

const mishap = fc.tuple(
  fc.integer({ min: 1, max: 60 }),
  fc.constantFrom<Mishap>('die-before', 'die-during', 'die-after', 'lose-before', 'lose-during', 'lose-after'),
)

const season: fc.Arbitrary<Season> = fc.record({
  wait: fc.oneof(
    fc.integer({ min: 1, max: 48 }).map((hours) => hours * hour),
    fc.integer({ min: 1, max: 28 }).map((days) => days * day),
  ),
  actions: fc.array(action, { maxLength: 6 }),
  mishaps: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(mishap, { minLength: 1, maxLength: 2 }) },
  ),
  skew: fc.oneof(
    { weight: 9, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(-40 * day, -90_000, 90_000, 40 * day) },
  ),
})

/** A year or two of a platform. */
export const historiesOf = (seasons: number): fc.Arbitrary<readonly Season[]> =>
  fc.array(season, { minLength: Math.ceil(seasons / 2), maxLength: seasons, size: 'max' })
