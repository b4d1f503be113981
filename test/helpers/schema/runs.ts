import { env } from 'node:process'
import { isSoak } from '../tool/seed.ts'

/** What every choice of these tests follows from: SOAK_SEED to repeat a run, else the time. */
const seed = Number(env['SOAK_SEED'] ?? Date.now() % 1_000_000)
console.error(`Schemas: seed ${seed}; SOAK_SEED=${seed} repeats the choices`)

/** The numbers of a soak, or a sample; WWDB_SCHEMA_RUNS gives another one. */
export function schemaRuns(sample: number, soak: number): { readonly numRuns: number; readonly seed: number } {
  const given = env['WWDB_SCHEMA_RUNS']
  return { numRuns: given === undefined ? (isSoak ? soak : sample) : Number(given), seed }
}

/** Milliseconds for a property of schemas: a soak takes its time. */
export const schemaTimeout = isSoak ? 7_200_000 : 600_000
