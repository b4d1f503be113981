import { env } from 'node:process'

/** True for the long run of `npm run soak`: everything instead of a sample. */
export const isSoak = env['WWDB_SOAK'] === '1'

/** For a test that tries as much as there is, in milliseconds: a soak takes its time, and what hangs in a run fails before the run's own limit. */
export const longest = isSoak ? 3 * 3_600_000 : 600_000

/** How many histories a property test tries: all in a soak, else three in twenty, which are others in each run. */
export function runsOf(all: number): number {
  return isSoak ? all : Math.ceil(all * 0.15)
}

/** The seed of a property test: printed, and given back with WWDB_TEST_SEED to see the same histories again. */
export function chooseSeed(what: string): number {
  const seed =
    env['WWDB_TEST_SEED'] === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(env['WWDB_TEST_SEED'])
  console.log(`${what}: seed ${seed} (again with WWDB_TEST_SEED=${seed})`)
  return seed
}

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
export function randomFrom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
