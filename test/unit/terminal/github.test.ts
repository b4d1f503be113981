import { describe, expect, test } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { formatAnnotation } from '../../../src/terminal/github/github-reporter.ts'
import { openReporter } from './harness.ts'
import { failure, mixedRun, outcome, plan, validation } from './samples.ts'

const github = { format: 'github', animated: true } as const

function annotations(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.startsWith('::'))
}

describe('on a pull request', () => {
  test('faults and hazards stand at their lines', async () => {
    const { reporter, out } = await openReporter(github)
    await reporter.result(validation, 1)
    expect(annotations(out())).toEqual([
      "::error file=migrations/user_db/20260104000000_x.sql,line=7,col=12,title=Fault::The quote that opens here is never closed.%0AClose it with '.",
      '::error file=migrations/user_db/20260101000100_create_users.sql,line=13,title=destructive DROP_COLUMN::The column and everything in it are gone for good.%0AStop using the column first and drop it in a later release, or accept with --allow drop-column.',
      '::notice file=migrations/user_db/20260101000100_create_users.sql,line=13,title=destructive drop-table::The column and everything in it are gone for good.%0AAccepted: The table was never used.',
    ])
  })

  test('so do the hazards of a plan, and what failed in a run', async () => {
    const planned = await openReporter(github)
    await planned.reporter.result({ kind: 'plan', plan, file: null }, 0)
    expect(annotations(planned.out())).toHaveLength(1)
    const ran = await openReporter(github)
    await ran.reporter.result(mixedRun, 2)
    expect(annotations(ran.out())).toEqual([
      expect.stringMatching(
        /^::error file=migrations\/message_db\/20260102000000_add_email.sql,line=5,col=36,title=STATEMENT_FAILED::/u,
      ),
    ])
    expect(ran.err()).toContain('✗ Statement 2 of 3 failed')
    expect(ran.out()).toContain('1 failed')
  })

  test('nothing in an annotation drives a terminal or turns a line around', async () => {
    const { reporter, out } = await openReporter(github)
    reporter.error(
      new ToolError('MIGRATIONS_INVALID', [{ what: 'a\u009bb\u202ec\nd', where: { file: 'x\u2066.sql' } }]),
    )
    expect(annotations(out())).toEqual([
      '::error file=x\\u{2066}.sql,title=MIGRATIONS_INVALID::a\\u{9b}b\\u{202e}c%0Ad',
    ])
  })

  test('errors and warnings need no line', async () => {
    const { reporter, out, err } = await openReporter(github)
    reporter.event({ type: 'warning', message: '100% odd\nreally', target: null })
    reporter.error(new ToolError('STATEMENT_FAILED', [{ what: 'one' }, failure.fault ?? { what: '' }]))
    expect(annotations(out())).toEqual([
      '::warning::100%25 odd%0Areally',
      '::error title=STATEMENT_FAILED::one',
      expect.stringMatching(/^::error file=/u),
    ])
    expect(err()).toContain('! 100% odd')
  })

  test('nothing moves', async () => {
    const { reporter, err } = await openReporter(github)
    reporter.event({ type: 'run-started', command: 'migrate', targets: [outcome('user_db', 'done').target] })
    reporter.close()
    expect(err()).toBe('migrate: user_db\n')
  })
})

test('what would end an annotation early is escaped', () => {
  expect(formatAnnotation({ level: 'notice', file: 'a,b:c%.sql', line: 1, message: 'x::y\r\n%' })).toBe(
    '::notice file=a%2Cb%3Ac%25.sql,line=1::x::y%0D%0A%25',
  )
})
