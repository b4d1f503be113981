import { expect } from 'vitest'
import type { Fault, KillPoint } from './inject.ts'
import { newScore, type Reference, type Scenario, survive } from './survival.ts'

export interface Trial {
  /** What is printed beside the numbers. */
  readonly what: string
  readonly scenario: Scenario
  readonly reference: Reference
  readonly points: readonly KillPoint[]
  readonly fault: Fault
}

/** Tries the points two at a time, each in a schema of its own; one at a time where the server dies. Prints how many were survived. */
export async function surviveAll({ what, scenario, reference, points, fault }: Trial): Promise<void> {
  const score = newScore()
  const left = [...points]
  const work = async (): Promise<void> => {
    for (let point = left.shift(); point !== undefined; point = left.shift())
      await survive(scenario, reference, point, fault, score)
  }
  await Promise.all(fault === 'server' ? [work()] : [work(), work()])
  const { tried, survived, missed, failures } = score
  console.error(
    `MySQL ${scenario.fixture.server.version}, ${what}, ${fault}: kill points tried ${tried}, survived ${survived}` +
      (missed > 0 ? ` (${missed} not reached)` : ''),
  )
  expect(failures).toEqual([])
  expect(tried).toBeGreaterThan(points.length / 2)
}
