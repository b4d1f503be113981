import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { exitCodeOf, rejectOnStop, type SignalWatch, watchSignals, withSignalCode } from '../../../src/cli/signals.ts'
import type { Result, TargetOutcome } from '../../../src/command/result.ts'
import { ToolError } from '../../../src/core/tool-error.ts'

function watchAfter(...signals: readonly ('SIGINT' | 'SIGTERM' | 'SIGHUP')[]): SignalWatch {
  const source = new EventEmitter()
  const watch = watchSignals({ source, emit: () => {}, exit: () => {} })
  for (const signal of signals) source.emit(signal, signal)
  return watch
}

function runOf(...states: readonly TargetOutcome['state'][]): Result {
  const target = { database: 'app', schema: 'app', server: 'localhost:3306' }
  const outcomes = states.map(
    (state): TargetOutcome => ({
      target,
      state,
      done: [],
      notDone: [],
      statements: 0,
      milliseconds: 0,
      fault: null,
      code: null,
    }),
  )
  return { kind: 'run', command: 'migrate', outcomes, milliseconds: 0, dryRun: false }
}

describe('the exit code of a command that answered', () => {
  test('is its own without a signal', () => {
    expect(exitCodeOf(runOf('failed'), 2, watchAfter())).toBe(2)
    expect(exitCodeOf(runOf('stopped'), 0, watchAfter())).toBe(0)
  })

  test.each([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is %s’s when that stopped the run: %i', (signal, code) => {
    expect(exitCodeOf(runOf('done', 'stopped'), 2, watchAfter(signal))).toBe(code)
  })

  test('is the signal’s for a rotation, too', () => {
    const target = { database: 'app', schema: 'app', server: 'localhost:3306' }
    const family = { family: 'messages', target, created: [], adopted: [], restored: [], sealed: [], held: [] }
    const rest = {
      archived: [],
      dropped: [],
      lost: [],
      notes: [],
      aheadUntil: null,
      milliseconds: 0,
      fault: null,
      code: null,
    }
    const families = (state: 'done' | 'stopped') => [{ ...family, ...rest, state } as const]
    const rotation = (state: 'done' | 'stopped'): Result => ({
      kind: 'rotation',
      command: 'rotate run',
      now: '2026-11-25T00:00:00.000Z',
      families: families(state),
      milliseconds: 0,
    })
    expect(exitCodeOf(rotation('stopped'), 0, watchAfter('SIGINT'))).toBe(130)
    expect(exitCodeOf(rotation('done'), 0, watchAfter('SIGTERM'))).toBe(0)
  })

  test('is the signal’s where it stopped the set-up of stores, or a backfill', () => {
    const store = {
      store: 'redis',
      server: 'localhost:6379',
      version: null,
      done: [],
      notDone: ['more'],
      unchanged: 0,
    } as const
    const rest = { notes: [], findings: [], milliseconds: 0, fault: null, code: null }
    const stores = [{ ...store, ...rest, state: 'stopped' as const }]
    expect(
      exitCodeOf({ kind: 'store-run', command: 'setup apply', stores, milliseconds: 0 }, 0, watchAfter('SIGINT')),
    ).toBe(130)
    const range = {
      task: 'hourly',
      from: '',
      to: '',
      writesFrom: '',
      runs: 2,
      doneBefore: 0,
      done: 1,
      continuedAt: null,
    }
    const backfill = (state: 'done' | 'stopped'): Result => ({ kind: 'store-backfill', outcome: { ...range, state } })
    expect(exitCodeOf(backfill('stopped'), 130, watchAfter('SIGTERM'))).toBe(143)
    expect(exitCodeOf(backfill('done'), 0, watchAfter('SIGTERM'))).toBe(0)
  })

  test('is the signal’s where it stopped a step of the platform', () => {
    const step = { step: 'migrate', summary: '', milliseconds: 0, exitCode: 0, faults: [], findings: [] } as const
    const platform = (state: 'done' | 'stopped' | 'failed'): Result => ({
      kind: 'platform',
      steps: [{ ...step, state }],
      places: [],
      milliseconds: 0,
    })
    expect(exitCodeOf(platform('stopped'), 0, watchAfter('SIGTERM'))).toBe(143)
    expect(exitCodeOf(platform('failed'), 2, watchAfter('SIGTERM'))).toBe(2)
    expect(exitCodeOf(platform('done'), 0, watchAfter('SIGTERM'))).toBe(0)
  })

  test('is the signal’s when it came before anything was started', () => {
    expect(exitCodeOf(runOf('not-started', 'not-started'), 0, watchAfter('SIGINT'))).toBe(130)
  })

  test('is its own when the run was through before the signal could stop it', () => {
    expect(exitCodeOf(runOf('done', 'nothing-to-do'), 0, watchAfter('SIGINT'))).toBe(0)
  })

  test('is the signal’s when the second one killed the statement', () => {
    const killed = runOf('failed', 'not-started')
    const cancelled =
      killed.kind === 'run' ? killed.outcomes.map((outcome) => ({ ...outcome, code: 'CANCELED' as const })) : []
    const result: Result = { kind: 'run', command: 'migrate', outcomes: cancelled, milliseconds: 0, dryRun: false }
    expect(exitCodeOf(result, 2, watchAfter('SIGINT', 'SIGINT'))).toBe(130)
    expect(exitCodeOf(result, 2, watchAfter('SIGINT'))).toBe(2)
  })

  test('is its own when something failed besides', () => {
    expect(exitCodeOf(runOf('failed', 'stopped'), 2, watchAfter('SIGINT'))).toBe(2)
  })

  test('is its own for what is no run', () => {
    expect(
      exitCodeOf({ kind: 'status', targets: [], unreached: [], pending: 1, running: 0 }, 1, watchAfter('SIGINT')),
    ).toBe(1)
  })
})

describe('an error after a signal', () => {
  test('STOPPED takes the signal’s exit code and keeps its words', () => {
    const error = withSignalCode(
      new ToolError('STOPPED', { what: 'Stopped before anything ran.' }),
      watchAfter('SIGTERM'),
    )
    expect(error).toMatchObject({ code: 'STOPPED', exitCode: 143, faults: [{ what: 'Stopped before anything ran.' }] })
  })

  test('any other keeps its own', () => {
    const error = new ToolError('LOCK_HELD', { what: 'Held.' }, { exitCode: 75 })
    expect(withSignalCode(error, watchAfter('SIGTERM'))).toBe(error)
    const defect = new Error('ours')
    expect(withSignalCode(defect, watchAfter('SIGTERM'))).toBe(defect)
  })
})

test('what only looks ends at once, with the signal’s exit code', async () => {
  await expect(rejectOnStop(watchAfter('SIGHUP'))).rejects.toMatchObject({ code: 'STOPPED', exitCode: 129 })
})
