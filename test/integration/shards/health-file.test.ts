import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { ScheduleState } from '../../../src/shards/schedule/run-schedule.ts'
import { openHealthFile } from '../../../src/shards/schedule/run-schedule.ts'

const running: ScheduleState = {
  phase: 'running',
  due: null,
  last: null,
  lastSuccessAt: null,
  runs: 0,
  failures: 0,
}

let folder = ''
let clock = 0

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wwdb-health-'))
  clock = Date.parse('2026-11-24T20:00:00Z')
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})

afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})

const path = (): string => join(folder, 'health.json')
const read = () => JSON.parse(readFileSync(path(), 'utf8')) as { readonly at: string; readonly state: string }

function pass(seconds: number): void {
  clock += seconds * 1000
  vi.advanceTimersByTime(seconds * 1000)
}

test('a process that is busy for long gives marks of life', async () => {
  const file = openHealthFile(path(), () => clock, expect.unreachable as never)
  await file.write(running)
  expect(read()).toMatchObject({ at: '2026-11-24T20:00:00.000Z', state: 'running' })
  pass(15)
  await expect.poll(() => read().at).toBe('2026-11-24T20:00:15.000Z')
  expect(read().state).toBe('running')
  file.close()
})

test('one that is closed gives none', async () => {
  const file = openHealthFile(path(), () => clock, expect.unreachable as never)
  await file.write(running)
  file.close()
  pass(60)
  await file.write({ ...running, phase: 'stopped' })
  expect(read()).toMatchObject({ at: '2026-11-24T20:01:00.000Z', state: 'stopped' })
})

test('news are not overtaken by a mark of life', async () => {
  const file = openHealthFile(path(), () => clock, expect.unreachable as never)
  const first = file.write(running)
  pass(15)
  await Promise.all([first, file.write({ ...running, phase: 'stopped' })])
  expect(read().state).toBe('stopped')
  file.close()
})

test('a health file that cannot be written is reported, and does not end the process', async () => {
  const told: unknown[] = []
  const file = openHealthFile(
    path(),
    () => clock,
    (error) => told.push(error),
  )
  await file.write(running)
  rmSync(folder, { recursive: true })
  pass(15)
  await expect.poll(() => told).toEqual([expect.any(ToolError)])
  file.close()
})
