import { expect, it } from 'vitest'
import type { TaskRun } from '../../../../src/stores/influxdb/ports.ts'
import { type RunWait, waitForRun } from '../../../../src/stores/influxdb/wait-for-run.ts'
import { declare, driverOf, makeServer, noStop } from './backfill-server.ts'

/** Waits for a run that is seen in these states, one after another; the last one stays. */
async function wait(states: readonly TaskRun['state'][], limits: Partial<RunWait> = {}): Promise<TaskRun['state']> {
  let asked = 0
  const driver = {
    ...driverOf(makeServer(), declare()),
    run: async (): Promise<TaskRun> => {
      asked += 1
      return { state: states[asked - 1] ?? states.at(-1) ?? 'running', why: '' }
    },
  }
  const run = { report: () => undefined, holder: 'tester@here', now: Date.now, stop: noStop }
  const { state } = await waitForRun({ driver, run }, { taskId: 't', runId: 'r', longest: 60_000, ...limits })
  return state
}

it('a run that is listed nowhere for a moment is waited for', async () => {
  expect(await wait(['running', 'missing', 'success'])).toBe('success')
  expect(await wait(['missing', 'failed'])).toBe('failed')
})

it('a run that stays missing is not, while one that is listed may take its time', async () => {
  expect(await wait(['running', 'running', 'missing'], { longestAbsence: 1 })).toBe('missing')
  expect(await wait(['running', 'running', 'success'], { longestAbsence: 1 })).toBe('success')
})

it('a run that does not end is not waited for beyond the limit', async () => {
  expect(await wait(['running'], { longest: 300 })).toBe('running')
})
