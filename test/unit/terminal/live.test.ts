import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ColorLevel } from '../../../src/terminal/text/paint.ts'
import { type Moment, scriptedEnd, scriptedResult, scriptedRun } from '../../helpers/terminal/scripted-run.ts'
import { stripColors, TerminalScreen } from '../../helpers/terminal/terminal-screen.ts'
import { openReporter, type TestReporter } from './harness.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

interface Show {
  readonly reporter: TestReporter
  readonly screen: TerminalScreen
  readonly size: { columns: number; rows: number }
}

/** A reporter on a terminal to which both streams go. */
async function openOnTerminal(columns: number, color: ColorLevel = 0): Promise<Show> {
  const screen = new TerminalScreen(columns)
  const size = { columns, rows: 24 }
  const { reporter } = await openReporter({
    animated: true,
    color: { out: color, err: color },
    columns: { out: columns, err: columns },
    size: () => size,
    now: () => Date.now(),
    ...{ out: screen, err: screen },
  })
  return { reporter, screen, size }
}

function play(reporter: TestReporter, moments: readonly Moment[]): void {
  for (const { after, event } of moments) {
    vi.advanceTimersByTime(after)
    reporter.event(event)
  }
}

describe('a run on a terminal', () => {
  test('a terminal of 80 columns shows what runs, for how long, and what waits for whom', async () => {
    const { reporter, screen } = await openOnTerminal(80)
    play(reporter, scriptedRun)
    vi.advanceTimersByTime(3000)
    expect(screen.text).toMatchInlineSnapshot(`
      "migrate: user_db, contact_db, message_db
        user_db 2 migrations to apply (4 statements)
        message_db 1 migration to apply (2 statements)
      ! user_db 20260101000100_create_users statement 1 of 1: 1681: Integer display
        width is deprecated and will be removed in a future release.
      ✓ user_db 20260101000100_create_users (1 statement, 23 ms)
        user_db 20260102000000_给用户表添加一个非常长的中文说明字段 continues at
          statement 2 of 2
      ⠋ user_db     1/2   4 s  2/2 ALTER TABLE users blocked by connection 99  20260…
          5 min 12 s, Sleep, report@10.20.30.40:51234
      ⠋ contact_db        4 s  waiting for the lock of connection 4711
          orphaned, 1 min 13 s, altering table, migrator@ci-runner-17.internal: ALTE…
      · message_db  0/1   4 s  waiting for user_db/20260102000000"
    `)
    play(reporter, scriptedEnd)
    await reporter.result(scriptedResult, 0)
    expect(screen.text).toMatchInlineSnapshot(`
      "migrate: user_db, contact_db, message_db
        user_db 2 migrations to apply (4 statements)
        message_db 1 migration to apply (2 statements)
      ! user_db 20260101000100_create_users statement 1 of 1: 1681: Integer display
        width is deprecated and will be removed in a future release.
      ✓ user_db 20260101000100_create_users (1 statement, 23 ms)
        user_db 20260102000000_给用户表添加一个非常长的中文说明字段 continues at
          statement 2 of 2
      ✓ user_db 20260102000000_给用户表添加一个非常长的中文说明字段
        (1 statement, 2.7 s)
      ✓ message_db 20260101000100_create_message_tasks (2 statements, 40 ms)
        contact_db has the lock after 2.8 s

      ✓ user_db     2 migrations applied (2 statements, 2.7 s)
      · contact_db  nothing to do
      ✓ message_db  1 migration applied (2 statements, 40 ms)
      3 databases: 2 done, 1 with nothing to do; 2.8 s."
    `)
    expect(screen.wraps).toBe(0)
  })

  test('a terminal of 200 columns leaves nothing out', async () => {
    const { reporter, screen } = await openOnTerminal(200)
    play(reporter, scriptedRun)
    vi.advanceTimersByTime(3000)
    expect(screen.text).toMatchInlineSnapshot(`
      "migrate: user_db, contact_db, message_db
        user_db 2 migrations to apply (4 statements)
        message_db 1 migration to apply (2 statements)
      ! user_db 20260101000100_create_users statement 1 of 1: 1681: Integer display width is deprecated and will be removed in a future release.
      ✓ user_db 20260101000100_create_users (1 statement, 23 ms)
        user_db 20260102000000_给用户表添加一个非常长的中文说明字段 continues at statement 2 of 2
      ⠋ user_db     1/2   4 s  2/2 ALTER TABLE users blocked by connection 99  20260102000000_给用户表添加一个非常长的中文说明字段
          5 min 12 s, Sleep, report@10.20.30.40:51234
      ⠋ contact_db        4 s  waiting for the lock of connection 4711
          orphaned, 1 min 13 s, altering table, migrator@ci-runner-17.internal: ALTER TABLE \`contacts\` ADD COLUMN \`备注\` VARCHAR(255) COMMENT '通讯录备注', ALGORITHM=COPY
      · message_db  0/1   4 s  waiting for user_db/20260102000000"
    `)
    expect(screen.wraps).toBe(0)
    reporter.close()
  })

  test.each([1, 3, 10, 20, 33, 79, 80, 81, 200])(
    'a terminal of %i columns wraps no line and never leaves the screen',
    async (columns) => {
      const { reporter, screen } = await openOnTerminal(columns, 1)
      play(reporter, scriptedRun)
      vi.advanceTimersByTime(3000)
      play(reporter, scriptedEnd)
      await reporter.result(scriptedResult, 0)
      expect(screen.wraps).toBe(0)
      reporter.close()
    },
  )

  test('shows the same with and without color', async () => {
    const plain = await openOnTerminal(80, 0)
    const colorful = await openOnTerminal(80, 1)
    const texts = [plain, colorful].map(({ reporter, screen }) => {
      play(reporter, scriptedRun)
      vi.advanceTimersByTime(100)
      reporter.pause()
      return screen.text
    })
    expect(texts[0]).toBe(texts[1])
    expect(stripColors(colorful.screen.raw)).not.toBe(colorful.screen.raw)
    expect(stripColors(plain.screen.raw)).toBe(plain.screen.raw)
    plain.reporter.close()
    colorful.reporter.close()
  })

  test('ticks every second while a statement runs', async () => {
    const { reporter, screen } = await openOnTerminal(80)
    play(reporter, scriptedRun.slice(0, -2))
    vi.advanceTimersByTime(100)
    const ages: string[] = []
    for (let second = 0; second < 3; second += 1) {
      vi.advanceTimersByTime(1000)
      ages.push(/ (\d+ s) {2}2\/2 ALTER TABLE users/u.exec(screen.text)?.[1] ?? '')
    }
    expect(ages).toEqual(['1 s', '2 s', '3 s'])
    reporter.close()
  })
})

describe('what moves', () => {
  test('is gone after pause, and back after resume', async () => {
    const { reporter, screen } = await openOnTerminal(80)
    play(reporter, scriptedRun)
    vi.advanceTimersByTime(1000)
    expect(screen.text).toContain('waiting for the lock')
    reporter.pause()
    const paused = screen.raw
    expect(screen.text).not.toContain('waiting for the lock')
    vi.advanceTimersByTime(5000)
    expect(screen.raw).toBe(paused)
    reporter.resume()
    vi.advanceTimersByTime(100)
    expect(screen.text).toContain('waiting for the lock')
    reporter.close()
  })

  test('ends with close, and leaves no timer', async () => {
    const { reporter, screen } = await openOnTerminal(80)
    play(reporter, scriptedRun)
    vi.advanceTimersByTime(1000)
    reporter.close()
    reporter.close()
    expect(vi.getTimerCount()).toBe(0)
    expect(screen.text).not.toContain('waiting for the lock')
  })

  test('never takes more lines than the terminal has', async () => {
    const { reporter, screen, size } = await openOnTerminal(80)
    size.rows = 6
    const targets = Array.from({ length: 30 }, (_, index) => {
      return { database: `db_${index}`, schema: `db_${index}`, server: 'localhost:3306' }
    })
    reporter.event({ type: 'run-started', command: 'migrate', targets: targets.slice(0, 1) })
    for (const target of targets) reporter.event({ type: 'lock-acquired', target, milliseconds: 1 })
    vi.advanceTimersByTime(1000)
    expect(screen.text.split('\n')).toHaveLength(1 + 4)
    expect(screen.text).toContain('and 27 more')
    reporter.close()
  })

  test('is painted over where it is after the terminal became narrower', async () => {
    const size = { columns: 80, rows: 24 }
    const { reporter, err } = await openReporter({ animated: true, size: () => size, now: () => Date.now() })
    const targets = ['user_db', 'contact_db'].map((name) => ({
      database: name,
      schema: name,
      server: 'localhost:3306',
    }))
    reporter.event({ type: 'run-started', command: 'migrate', targets })
    vi.advanceTimersByTime(1000)
    const before = err().length
    size.columns = 20
    vi.advanceTimersByTime(100)
    // Two lines of 31 columns, each of which the terminal has broken into two.
    expect(err().slice(before).startsWith('\u001b[4A\r')).toBe(true)
    reporter.close()
  })

  test('the live block shows slow work outside the databases', async () => {
    const { reporter, screen } = await openOnTerminal(80)
    reporter.event({ type: 'progress', message: 'Fetching MySQL 9.7.0' })
    vi.advanceTimersByTime(100)
    await vi.dynamicImportSettled()
    vi.advanceTimersByTime(11_900)
    expect(screen.text).toMatch(/^Fetching MySQL 9\.7\.0\n[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] Fetching MySQL 9\.7\.0 {2}12 s$/u)
    reporter.close()
    expect(screen.text).toBe('Fetching MySQL 9.7.0')
  })

  test('shows the only database while it is connecting, and leaves signals, stdin and the cursor alone', async () => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit'] as const
    const listeners = () => signals.map((signal) => process.listenerCount(signal))
    const before = listeners()
    const { reporter, screen } = await openOnTerminal(80, 2)
    const targets = [{ database: 'user_db', schema: 'user_db', server: 'h:1' }]
    reporter.event({ type: 'run-started', command: 'migrate', targets })
    vi.advanceTimersByTime(100)
    await vi.dynamicImportSettled()
    vi.advanceTimersByTime(2000)
    expect(screen.text).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] user_db connecting {2}2 s$/u)
    expect(listeners()).toEqual(before)
    expect(process.stdin.listenerCount('data')).toBe(0)
    expect(screen.raw).not.toMatch(/\?25[lh]|\?2026/u)
    reporter.pause()
    expect(screen.text).toBe('migrate: user_db')
    reporter.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
