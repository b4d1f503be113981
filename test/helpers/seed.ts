import { env } from 'node:process'

/** The seed of a property test: printed, and given back with WWDB_TEST_SEED to see the same histories again. */
export function chooseSeed(what: string): number {
  const seed =
    env['WWDB_TEST_SEED'] === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(env['WWDB_TEST_SEED'])
  console.log(`${what}: seed ${seed} (again with WWDB_TEST_SEED=${seed})`)
  return seed
}
