import { describe, expect, test } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { scriptedEnd, scriptedResult, scriptedRun } from '../../helpers/terminal/scripted-run.ts'
import { openReporter } from './harness.ts'
import { failure, status, target } from './samples.ts'

const json = { format: 'json' } as const
/** When everything is written here. */
const run = '20260101T101500-3f9a2c1b'
const time = '2026-11-25T08:00:00.000Z'

function parseLines(text: string): readonly Record<string, unknown>[] {
  expect(text.endsWith('\n')).toBe(true)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('a query', () => {
  test('is one document, with its warnings inside', async () => {
    const { reporter, out, err } = await openReporter(json)
    reporter.event({ type: 'warning', message: 'Old server.', target: target('user_db') })
    reporter.event({ type: 'lock-acquired', target: target('user_db'), milliseconds: 1 })
    await reporter.result(status, 1)
    const [document, ...others] = parseLines(out())
    expect(others).toEqual([])
    expect(document).toEqual({
      type: 'result',
      schema: '1.0',
      run,
      time,
      exitCode: 1,
      warnings: [{ message: 'Old server.', target: target('user_db') }],
      ...status,
    })
    expect(err()).toBe('')
  })

  test('whose answer is a JSON document is that document', async () => {
    const { reporter, out } = await openReporter(json)
    await reporter.result({ kind: 'document', format: 'json', content: '{ "$schema": "x" }' }, 0)
    expect(out()).toBe('{ "$schema": "x" }\n')
  })

  test('whose answer is a text has it in a field', async () => {
    const { reporter, out } = await openReporter(json)
    await reporter.result({ kind: 'document', format: 'text', content: 'a\nb' }, 0)
    expect(parseLines(out())[0]).toMatchObject({ kind: 'document', format: 'text', content: 'a\nb' })
  })
})

test.each(['json', 'human', 'github'] as const)('an event after the answer is dropped: %s', async (format) => {
  for (const answer of ['result', 'error'] as const) {
    const { reporter, out, err } = await openReporter({ format, verbose: true })
    for (const { event } of scriptedRun) reporter.event(event)
    if (answer === 'result') await reporter.result(scriptedResult, 0)
    else reporter.error(new ToolError('STOPPED', { what: 'Stopped.' }))
    reporter.close()
    const written = [out(), err()]
    for (const { event } of scriptedRun) reporter.event(event)
    reporter.close()
    expect([out(), err()]).toEqual(written)
  }
})

describe('what would drive a terminal', () => {
  const hostile = 'a\u009b2Jb\u202ec\u2066d\u200fe\u007f\u2028f\u001b[31m中'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
  const unsafe = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/

  test('is escaped in answers, events, warnings and errors, and reads back the same', async () => {
    const answer = await openReporter(json)
    answer.reporter.event({ type: 'warning', message: hostile, target: null })
    await answer.reporter.result({ kind: 'document', format: 'text', content: hostile }, 0)
    const run = await openReporter(json)
    run.reporter.event({ ...(scriptedRun[0]?.event ?? { type: 'warning', message: '', target: null }) })
    run.reporter.event({ type: 'warning', message: hostile, target: null })
    run.reporter.error(new ToolError('MIGRATIONS_INVALID', [{ what: hostile, where: { file: hostile } }]))
    for (const text of [answer.out(), run.out(), run.err()]) expect(text).not.toMatch(unsafe)
    expect(parseLines(answer.out())[0]).toMatchObject({ content: hostile, warnings: [{ message: hostile }] })
    expect(parseLines(run.out()).at(-1)).toMatchObject({ faults: [{ what: hostile, where: { file: hostile } }] })
  })

  test.each(['json', 'human', 'github'] as const)('is escaped in a JSON document (%s)', async (format) => {
    const { reporter, out } = await openReporter({ format })
    const content = `${JSON.stringify({ [hostile]: hostile }, null, 2)}\n`
    await reporter.result({ kind: 'document', format: 'json', content }, 0)
    expect(out()).not.toMatch(unsafe)
    expect(JSON.parse(out())).toEqual({ [hostile]: hostile })
  })

  test('is shown in a text on a terminal, and left alone in a pipe, where another program may read it', async () => {
    const write = async (columns: number): Promise<string> => {
      const { reporter, out } = await openReporter({ columns: { out: columns, err: columns } })
      await reporter.result({ kind: 'document', format: 'text', content: 'a\u202e\nb' }, 0)
      return out()
    }
    expect(await write(80)).toBe('a\\u{202e}\nb\n')
    expect(await write(Number.POSITIVE_INFINITY)).toBe('a\u202e\nb\n')
  })
})

describe('a run', () => {
  test('is a version, its events with their times, and its answer', async () => {
    let now = 1000
    const { reporter, out } = await openReporter({ ...json, now: () => now })
    for (const { after, event } of [...scriptedRun, ...scriptedEnd]) {
      now += after
      reporter.event(event)
    }
    await reporter.result(scriptedResult, 0)
    const lines = parseLines(out())
    expect(lines[0]).toEqual({ type: 'version', tool: 'wwdb', version: '0.1.0', schema: '1.0', run, time })
    expect(lines.slice(1, -1).map(({ type }) => type)).toEqual(
      [...scriptedRun, ...scriptedEnd].map(({ event }) => event.type),
    )
    expect(lines.at(-1)).toEqual({
      type: 'result',
      schema: '1.0',
      run,
      time,
      exitCode: 0,
      warnings: [],
      ...scriptedResult,
    })
    expect(lines[1]).toMatchObject({ type: 'run-started', elapsed: 0, time })
    expect(lines.at(-2)).toMatchObject({ type: 'plan-ready', elapsed: 2783, plan: { schema: '1.0', targets: [{}] } })
  })

  test('has no more than three decimals of a millisecond', async () => {
    const { reporter, out } = await openReporter(json)
    reporter.event({ type: 'run-started', command: 'migrate', targets: [] })
    reporter.event({ type: 'lock-acquired', target: target('user_db'), milliseconds: 24.817505000000097 })
    await reporter.result({ kind: 'run', command: 'migrate', outcomes: [], milliseconds: 0.1 + 0.2, dryRun: false }, 0)
    expect(parseLines(out()).map((line) => line['milliseconds'])).toEqual([undefined, undefined, 24.818, 0.3])
  })

  test('begins with what happened before it was known to be one', async () => {
    const { reporter, out } = await openReporter(json)
    reporter.event({ type: 'warning', message: 'First.', target: null })
    reporter.event({ type: 'run-started', command: 'migrate', targets: [] })
    expect(parseLines(out()).map(({ type }) => type)).toEqual(['version', 'warning', 'run-started'])
  })

  test('without an event is a version and its answer', async () => {
    const { reporter, out } = await openReporter(json)
    await reporter.result(scriptedResult, 0)
    expect(parseLines(out()).map(({ type }) => type)).toEqual(['version', 'result'])
  })

  test('that breaks off ends with the error', async () => {
    const { reporter, out, err } = await openReporter(json)
    reporter.event({ type: 'run-started', command: 'migrate', targets: [] })
    reporter.error(new ToolError('LOCK_HELD', [{ what: 'user_db is locked.' }, { what: 'b' }], { exitCode: 75 }))
    const lines = parseLines(out())
    expect(lines.map(({ type }) => type)).toEqual(['version', 'run-started', 'error'])
    expect(lines.at(-1)).toEqual({
      type: 'error',
      schema: '1.0',
      run,
      time,
      kind: 'error',
      code: 'LOCK_HELD',
      exitCode: 75,
      faults: [{ what: 'user_db is locked.' }, { what: 'b' }],
      stack: null,
      warnings: [],
    })
    expect(err()).toBe('wwdb: user_db is locked. (and 1 more)\n')
  })
})

describe('an error', () => {
  test('is a document with all that is known of the fault', async () => {
    const { reporter, out, err } = await openReporter(json)
    const fault = failure.fault ?? { what: '' }
    reporter.error(new ToolError('STATEMENT_FAILED', fault))
    expect(parseLines(out())).toEqual([
      expect.objectContaining({ code: 'STATEMENT_FAILED', exitCode: 2, faults: [fault] }),
    ])
    expect(err()).toBe(`wwdb: ${fault.what}\n`)
  })

  test('that is a defect says so, and has its stack with --debug only', async () => {
    const quiet = await openReporter(json)
    quiet.reporter.error(new TypeError('no'))
    expect(parseLines(quiet.out())[0]).toMatchObject({ code: 'DEFECT', exitCode: 2, stack: null })
    const debug = await openReporter({ ...json, debug: true })
    debug.reporter.error(new TypeError('no'))
    expect(parseLines(debug.out())[0]).toMatchObject({
      code: 'DEFECT',
      stack: expect.stringContaining('TypeError: no\n'),
    })
  })
})
