import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RunEvent } from '../../../src/command/event.ts'
import { withFailures } from '../../../src/migrations/plan.ts'
import { scriptedEnd, scriptedResult, scriptedRun } from '../../helpers/terminal/scripted-run.ts'
import { openReporter } from './harness.ts'
import { dropColumn, holder, plan, target } from './samples.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const none = Number.POSITIVE_INFINITY
const log = { columns: { out: none, err: none }, now: () => Date.now() }

const at = { target: target('user_db'), version: '20260101000100', name: 'create_users', direction: 'up' } as const
const atStatement = { ...at, statement: 1, total: 5, summary: 'ALTER TABLE users' } as const

describe('a run without a terminal', () => {
  test('is a log: a line for what matters, and a heartbeat for what takes long', async () => {
    const { reporter, err, out } = await openReporter(log)
    for (const { after, event } of scriptedRun) {
      vi.advanceTimersByTime(after)
      reporter.event(event)
    }
    vi.advanceTimersByTime(65_000)
    for (const { after, event } of scriptedEnd) {
      vi.advanceTimersByTime(after)
      reporter.event(event)
    }
    await reporter.result(scriptedResult, 0)
    expect(err()).toMatchInlineSnapshot(`
      "migrate: user_db, contact_db, message_db
        contact_db waits for the lock, held by connection 4711 (migrator@ci-runner-17.internal, altering table, 1 min 13 s, orphaned: its run has ended, but the server is still executing its statement): ALTER TABLE \`contacts\` ADD COLUMN \`备注\` VARCHAR(255) COMMENT '通讯录备注', ALGORITHM=COPY
        user_db 2 migrations to apply (4 statements)
        message_db 1 migration to apply (2 statements)
        message_db 20260101000100_create_message_tasks waits for user_db/20260102000000
      ! user_db 20260101000100_create_users statement 1 of 1: 1681: Integer display width is deprecated and will be removed in a future release.
      ✓ user_db 20260101000100_create_users (1 statement, 23 ms)
        user_db 20260102000000_给用户表添加一个非常长的中文说明字段 continues at statement 2 of 2
        user_db 20260102000000_给用户表添加一个非常长的中文说明字段 statement 2 of 2 (ALTER TABLE users) is blocked by connection 99 (report@10.20.30.40:51234, Sleep, 5 min 12 s)
        contact_db (31 s so far) waits for the lock, held by connection 4711 (migrator@ci-runner-17.internal, altering table, 1 min 13 s, orphaned: its run has ended, but the server is still executing its statement): ALTER TABLE \`contacts\` ADD COLUMN \`备注\` VARCHAR(255) COMMENT '通讯录备注', ALGORITHM=COPY
        message_db (31 s so far) 20260101000100_create_message_tasks waits for user_db/20260102000000
        user_db (32 s so far) 20260102000000_给用户表添加一个非常长的中文说明字段 statement 2 of 2 (ALTER TABLE users) is blocked by connection 99 (report@10.20.30.40:51234, Sleep, 5 min 12 s)
        contact_db (1 min 01 s so far) waits for the lock, held by connection 4711 (migrator@ci-runner-17.internal, altering table, 1 min 13 s, orphaned: its run has ended, but the server is still executing its statement): ALTER TABLE \`contacts\` ADD COLUMN \`备注\` VARCHAR(255) COMMENT '通讯录备注', ALGORITHM=COPY
        message_db (1 min 01 s so far) 20260101000100_create_message_tasks waits for user_db/20260102000000
        user_db (1 min 02 s so far) 20260102000000_给用户表添加一个非常长的中文说明字段 statement 2 of 2 (ALTER TABLE users) is blocked by connection 99 (report@10.20.30.40:51234, Sleep, 5 min 12 s)
      ✓ user_db 20260102000000_给用户表添加一个非常长的中文说明字段 (1 statement, 2.7 s)
      ✓ message_db 20260101000100_create_message_tasks (2 statements, 40 ms)
        contact_db has the lock after 2.8 s

      "
    `)
    expect(out()).toMatchInlineSnapshot(`
      "✓ user_db     2 migrations applied (2 statements, 2.7 s)
      · contact_db  nothing to do
      ✓ message_db  1 migration applied (2 statements, 40 ms)
      3 databases: 2 done, 1 with nothing to do; 2.8 s.
      "
    `)
    expect(err() + out()).not.toContain('\u001b')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('the log names a wait again when its reason changes, not when the same event is repeated', async () => {
    const { reporter, err } = await openReporter(log)
    const wait = { type: 'lock-waiting', target: at.target, milliseconds: 0 } as const
    reporter.event({ ...wait, holder })
    reporter.event({ ...wait, holder: { ...holder, seconds: 41 } })
    reporter.event({ ...wait, holder: { ...holder, seconds: 42, orphaned: true } })
    reporter.event({ ...wait, holder: { ...holder, connectionId: 43, statement: null } })
    expect(err().trimEnd().split('\n')).toEqual([
      '  user_db waits for the lock, held by connection 42 (app@10.0.0.3, altering table, 40 s): ALTER TABLE users ADD COLUMN nick VARCHAR(64)',
      '  user_db waits for the lock, held by connection 42 (app@10.0.0.3, altering table, 42 s, orphaned: its run has ended, but the server is still executing its statement): ALTER TABLE users ADD COLUMN nick VARCHAR(64)',
      '  user_db waits for the lock, held by connection 43 (app@10.0.0.3, altering table, 40 s)',
    ])
    reporter.close()
  })

  test('beats for slow work outside the databases', async () => {
    const { reporter, err } = await openReporter(log)
    reporter.event({ type: 'progress', message: 'Fetching MySQL 9.7.0.' })
    vi.advanceTimersByTime(61_000)
    expect(err()).toBe(
      'Fetching MySQL 9.7.0.\n  Fetching MySQL 9.7.0. (30 s so far)\n  Fetching MySQL 9.7.0. (1 min 00 s so far)\n',
    )
    reporter.close()
  })
})

describe('what an event leaves for good', () => {
  const cases: readonly (readonly [string, RunEvent, string])[] = [
    [
      'a settled statement',
      { type: 'statement-settled', ...atStatement, ran: true, why: 'the table has the new column.' },
      '! user_db 20260101000100_create_users: statement 2 of 5 (ALTER TABLE users) of an earlier run had run: the table has the new column.\n',
    ],
    [
      'a resumed step',
      { type: 'step-started', ...at, from: 2, total: 5 },
      '  user_db 20260101000100_create_users continues at statement 3 of 5\n',
    ],
    ['a step that starts at its beginning', { type: 'step-started', ...at, from: 0, total: 5 }, ''],
    [
      'old rows of the record',
      {
        type: 'record-removed',
        target: at.target,
        runs: 3,
        shardEvents: 0,
        summary: 'The record of 3 runs was removed.',
      },
      '  user_db The record of 3 runs was removed.\n',
    ],
    ['a warning', { type: 'warning', message: 'One.\nTwo.', target: at.target }, '! user_db One.\n  Two.\n'],
    ['a warning of no database', { type: 'warning', message: 'One.', target: null }, '! One.\n'],
    [
      'the first Ctrl-C',
      { type: 'stopping', how: 'after-statement' },
      'Stopping after the current statement; press Ctrl-C again to kill it.\n',
    ],
    ['the second Ctrl-C', { type: 'stopping', how: 'kill' }, 'Killing the current statement.\n'],
    ['a lock without a wait', { type: 'lock-acquired', target: at.target, milliseconds: 3 }, ''],
    [
      'a reverted step',
      { type: 'step-finished', ...at, direction: 'down', statements: 0, milliseconds: 5 },
      '✓ user_db 20260101000100_create_users reverted (0 statements, 5 ms)\n',
    ],
  ]

  test.each(cases)('%s', async (_name, event, text) => {
    const { reporter, err } = await openReporter(log)
    reporter.event(event)
    expect(err()).toBe(text)
    reporter.close()
  })

  test('the plan of a run: how much it is, its hazards and notes', async () => {
    const { reporter, err } = await openReporter(log)
    reporter.event({ type: 'plan-ready', plan })
    expect(err()).toBe(
      [
        '  user_db 3 migrations to apply (4 statements)',
        `    ! destructive DROP_COLUMN  ${dropColumn.file}:13`,
        '      The column and everything in it are gone for good.',
        `      Instead: ${dropColumn.instead}`,
        '! user_db `20260101500000_late` sorts before an applied migration and is allowed.',
        '',
      ].join('\n'),
    )
  })

  test('the plan of a run that ends before its first statement: what the error says is not said as a note, too', async () => {
    const { reporter, err } = await openReporter({ ...log, redact: (text) => text.replaceAll('secret', '***') })
    const [target] = plan.targets
    if (target === undefined) throw new Error('the plan has no target')
    const failing = withFailures(target, [{ what: 'It would fail.' }], ['INSERT secret will fail.'])
    reporter.event({ type: 'plan-ready', plan: { ...plan, targets: [failing] } })
    expect(err()).not.toContain('will fail')
    expect(err()).toContain('sorts before an applied migration')
  })

  const finished: RunEvent = {
    type: 'statement-finished',
    ...atStatement,
    milliseconds: 5,
    rows: 3,
    warnings: ['1287: deprecated'],
  }

  test('a statement its warnings, and itself with --verbose', async () => {
    const usual = await openReporter(log)
    usual.reporter.event(finished)
    expect(usual.err()).toBe('! user_db 20260101000100_create_users statement 2 of 5: 1287: deprecated\n')
    const verbose = await openReporter({ ...log, verbose: true })
    verbose.reporter.event(finished)
    expect(verbose.err()).toBe(
      '  user_db 20260101000100_create_users statement 2 of 5: ALTER TABLE users (3 rows, 5 ms)\n' +
        '! user_db 20260101000100_create_users statement 2 of 5: 1287: deprecated\n',
    )
  })

  test('only warnings with --quiet', async () => {
    const { reporter, err } = await openReporter({ ...log, quiet: true })
    for (const { event } of [...scriptedRun, ...scriptedEnd]) reporter.event(event)
    reporter.event({ type: 'warning', message: 'Mind this.', target: null })
    vi.advanceTimersByTime(120_000)
    expect(err()).toBe('! Mind this.\n')
  })
})

test('no event throws, with any content', async () => {
  const { reporter, err } = await openReporter({
    ...log,
    redact: () => {
      throw new Error('broken')
    },
  })
  expect(() => reporter.event({ type: 'warning', message: 'x', target: null })).not.toThrow()
  expect(err()).toBe('wwdb cannot show an event of type warning: wwdb has a defect: Error: broken.\n')
})
