import { expect } from 'vitest'
import type { KillPoint, Weapon } from './strike.ts'
import { newScore, type Ordeal, type Reference, survive } from './survival.ts'

export interface Trial {
  /** What is printed beside the numbers. */
  readonly what: string
  readonly ordeal: Ordeal
  readonly reference: Reference
  readonly points: readonly KillPoint[]
  readonly weapon: Weapon
}

/** Tries the points two at a time, each in a schema of its own; one at a time where the server dies. Prints how many were survived. */
export async function surviveAll({ what, ordeal, reference, points, weapon }: Trial): Promise<void> {
  const score = newScore()
  const left = [...points]
  const work = async (): Promise<void> => {
    for (let point = left.shift(); point !== undefined; point = left.shift())
      await survive(ordeal, reference, point, weapon, score)
  }
  await Promise.all(weapon === 'server' ? [work()] : [work(), work()])
  const { tried, survived, missed, failures } = score
  console.error(
    `MySQL ${ordeal.arena.server.version}, ${what}, ${weapon}: kill points tried ${tried}, survived ${survived}` +
      (missed > 0 ? ` (${missed} not reached)` : ''),
  )
  expect(failures).toEqual([])
  expect(tried).toBeGreaterThan(points.length / 2)
}
