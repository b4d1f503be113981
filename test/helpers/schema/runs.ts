import { env } from 'node:process'
import { isSoak } from '../seed.ts'

/** The numbers of a soak, or a sample. `SOAK_SEED` repeats the choices of a run that printed its seed. */
export function schemaRuns(sample: number, soak: number): { readonly numRuns: number; readonly seed?: number } {
  const given = env['WWDB_SCHEMA_RUNS']
  const numRuns = given === undefined ? (isSoak ? soak : sample) : Number(given)
  return env['SOAK_SEED'] === undefined ? { numRuns } : { numRuns, seed: Number(env['SOAK_SEED']) }
}

/** Milliseconds for a property of schemas: a soak takes its time. */
export const schemaTimeout = isSoak ? 7_200_000 : 600_000
