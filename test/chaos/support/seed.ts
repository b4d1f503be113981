import { env } from 'node:process'
import { isSoak, longest, randomFrom } from '../../helpers/tool/seed.ts'

export { isSoak, longest, randomFrom }

/** What every choice of this run follows from: SOAK_SEED to repeat a run, else the time. */
export const seed = Number(env['SOAK_SEED'] ?? Date.now() % 1_000_000)

/** `SOAK_SHARE=2/3`: this run is the second of three that have the points of a soak between them. */
const [share = 1, shares = 1] = (env['SOAK_SHARE'] ?? '1/1').split('/').map(Number)

/** `count` of them, chosen by the seed, in their order; in a soak all of them, or this run's share. */
export function sample<T>(all: readonly T[], count: number, random: () => number): readonly T[] {
  if (isSoak) return all.filter((_, index) => index % shares === share - 1)
  if (all.length <= count) return all
  const left = all.map((_, index) => index)
  const chosen = Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)[0] ?? 0)
  return chosen.toSorted((one, other) => one - other).flatMap((index) => all.slice(index, index + 1))
}
