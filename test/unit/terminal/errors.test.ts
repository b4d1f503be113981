import { describe, expect, test } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { displayWidth } from '../../../src/terminal/text/span.ts'
import { openReporter } from './harness.ts'
import { failure } from './samples.ts'

async function show(error: unknown, options: { readonly debug?: boolean; readonly columns?: number } = {}) {
  const { columns = 80, debug = false } = options
  const { reporter, out, err } = await openReporter({ debug, columns: { out: columns, err: columns } })
  reporter.error(error)
  expect(out()).toBe('')
  return err()
}

describe('an error', () => {
  test('says what, where, why and what to do, and shows the line', async () => {
    const fault = failure.fault ?? { what: '' }
    expect(await show(new ToolError('STATEMENT_FAILED', fault))).toMatchInlineSnapshot(`
      "✗ Statement 2 of 3 failed: Unknown column 'nme' in 'message_tasks'.
        at migrations/message_db/20260102000000_add_email.sql:5:36, database
           message_db, server 127.0.0.1:3306
        5 | ALTER TABLE message_tasks ADD INDEX (nme);
          |                                      ^
        Why:  MySQL error 1072 (42000).
        Next: Correct the statement and run \`wwdb migrate\` again: it continues there.
        Code: STATEMENT_FAILED
      "
    `)
  })

  test('lists all its faults', async () => {
    const faults = [
      { what: 'There is no key `databses`.', where: { file: 'wwdb.config.json' }, next: 'Did you mean `databases`?' },
      { what: 'timeouts.lock has no unit.', where: { file: 'wwdb.config.json' }, why: 'It is\nthe number 5.' },
    ]
    expect(await show(new ToolError('CONFIG_INVALID', faults))).toMatchInlineSnapshot(`
      "✗ There is no key \`databses\`.
        at wwdb.config.json
        Next: Did you mean \`databases\`?
      ✗ timeouts.lock has no unit.
        at wwdb.config.json
        Why:  It is
              the number 5.
      2 faults. Code: CONFIG_INVALID
      "
    `)
  })

  test('shows the statement where there is no line of a file', async () => {
    const statement = `SELECT ${'x'.repeat(100)}`
    const text = await show(
      new ToolError('STATEMENT_FAILED', { what: 'It failed.', where: { server: 'a:1', statement } }),
    )
    expect(text.split('\n').slice(1, 3)).toEqual(['  at server a:1', `  in SELECT ${'x'.repeat(67)}…`])
  })

  test.each([20, 40, 120])('fits %i columns', async (columns) => {
    const text = await show(new ToolError('STATEMENT_FAILED', failure.fault ?? []), { columns })
    for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(columns)
  })

  test('cannot drive the terminal', async () => {
    const text = await show(
      new ToolError('STATEMENT_FAILED', {
        what: 'bad \u001b[2J text',
        excerpt: { text: '\u001b[2J', line: 1, column: 1 },
      }),
    )
    expect(text).not.toContain('\u001b')
  })
})

describe('a defect', () => {
  test('a defect is named as one, without a stack', async () => {
    expect(await show(new TypeError('x is not a function'))).toBe(
      [
        '✗ wwdb has a defect: TypeError: x is not a function.',
        '  Next: Run the same command again with `--debug` and report it with that',
        '        output.',
        '  Code: DEFECT',
        '',
      ].join('\n'),
    )
  })

  test('shows its stack and those of its causes with --debug', async () => {
    const error = new TypeError('outer', { cause: new RangeError('inner') })
    const text = await show(error, { debug: true })
    expect(text).toContain('\nTypeError: outer\n    at ')
    expect(text).toContain('\nCaused by: RangeError: inner\n    at ')
  })

  test.each([[undefined], [null], ['text'], [Object.create(null)], [{ toString: null }]])(
    'can be anything: %j',
    async (thrown) => {
      expect(await show(thrown)).toContain('wwdb has a defect: it threw ')
    },
  )

  test('may be its own cause', async () => {
    const error = new Error('circle')
    error.cause = error
    expect(await show(error, { debug: true })).toContain('circle')
  })
})
