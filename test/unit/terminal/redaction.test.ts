import { describe, expect, test } from 'vitest'
import type { Result } from '../../../src/command/result.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { Plan } from '../../../src/migrations/plan.ts'
import { mapTexts } from '../../../src/terminal/redaction.ts'
import type { ReporterOptions } from '../../../src/terminal/reporter.ts'
import { openReporter } from './harness.ts'
import { everyResult, holder, mixedRun, plan, step, target } from './samples.ts'

const secret = 'hunter2'
const redact = (text: string): string => text.replaceAll(secret, '***')
const formats: readonly ReporterOptions['format'][] = ['human', 'json', 'github']

/** The value with the secret at the end of every text that is not a word of ours. */
function taint<Value>(value: Value): Value {
  return mapTexts(value, (text, key) => (key === 'state' ? text : `${text} ${secret}`))
}

describe.each(formats)('%s output', (format) => {
  test.each(everyResult.map((result) => [result.kind, taint(result)] as const))(
    'keeps the secret in every text of a %s',
    async (_kind, result: Result) => {
      const { reporter, out, err } = await openReporter({ format, redact, verbose: true })
      await reporter.result(result, 0)
      // A program has said itself what there was to say.
      if (result.kind !== 'program' || format === 'json') expect(out()).toContain('***')
      // Cut to the width of a column, the beginning of a secret would still be one.
      expect(out() + err()).not.toContain('hunt')
    },
  )

  test('keeps the secret in events', async () => {
    const { reporter, out, err } = await openReporter({ format, redact })
    reporter.event({ type: 'run-started', command: 'migrate', targets: [target('user_db')] })
    reporter.event({ type: 'plan-ready', plan: taint(plan) })
    reporter.event({ type: 'warning', message: `The password ${secret} is weak.`, target: null })
    reporter.event(taint({ type: 'lock-waiting', target: target('user_db'), holder, milliseconds: 0 }))
    reporter.close()
    expect(out() + err()).toContain('The password *** is weak.')
    expect(out() + err()).not.toContain(secret)
  })

  test('keeps the secret in errors, causes and stacks', async () => {
    const cause = new Error(`cause ${secret}`)
    const fault = { what: `what ${secret}`, why: `why ${secret}`, where: { statement: secret }, next: `next ${secret}` }
    for (const error of [
      new ToolError('UNREACHABLE', fault, { cause }),
      new Error(secret, { cause }),
      { password: secret },
    ]) {
      const { reporter, out, err } = await openReporter({ format, redact, debug: true })
      reporter.error(error)
      expect(out() + err()).toContain('***')
      expect(out() + err()).not.toContain(secret)
    }
  })
})

test('a dry run shows its plan without the secret, and a run does not look at the scripts of its own', async () => {
  const { reporter, out, err } = await openReporter({ redact })
  reporter.event({ type: 'plan-ready', plan: taint(plan) })
  await reporter.result(mixedRun.kind === 'run' ? { ...mixedRun, dryRun: true } : mixedRun, 0)
  expect(out()).toContain('ALTER TABLE')
  expect(out() + err()).toContain('***')
  expect(out() + err()).not.toContain(secret)

  const looked: string[] = []
  const up = new Proxy({ type: 'statements', statements: [] } as const, {
    ownKeys: (script) => {
      looked.push('script')
      return Reflect.ownKeys(script)
    },
  })
  const steps = [step({ migration: { ...step().migration, up } })]
  const long: Plan = { direction: 'up', targets: plan.targets.map((one) => ({ ...one, steps })) }
  const other = await openReporter({ redact })
  other.reporter.event({ type: 'plan-ready', plan: long })
  expect(other.err()).toContain('1 migration to apply')
  expect(looked).toEqual([])
})

test('a password that is a word of ours does not spoil the answer', async () => {
  const password = (text: string): string => text.replaceAll(/applied|up|result|pending/gu, '***')
  const { reporter, out } = await openReporter({ format: 'json', redact: password })
  const [status] = everyResult.filter(({ kind }) => kind === 'status')
  if (status === undefined) throw new Error('no sample')
  await reporter.result(status, 0)
  expect(JSON.parse(out())).toMatchObject({
    type: 'result',
    targets: [{ migrations: [{ state: 'applied' }, {}, {}, {}, {}, {}] }, {}],
  })
})

test('what holds no text that changes is given back itself, beside what does', () => {
  const value = { quiet: { list: ['a', 1, null] }, loud: { text: 'secret' } }
  const mapped = mapTexts(value, (text) => text.replace('secret', '***'))
  expect(mapped).toEqual({ quiet: { list: ['a', 1, null] }, loud: { text: '***' } })
  expect(mapped.quiet).toBe(value.quiet)
  expect(value.loud.text).toBe('secret')
})

test('maps reach into maps, lists and objects, and leave the rest', () => {
  const when = new Date(0)
  const open = () => 1
  const value = { a: ['x', new Map([[1, 'x']])], b: { c: 'x', kind: 'x' }, when, open, n: 1, none: null }
  expect(mapTexts(value, (text, key) => `${key}:${text}`)).toEqual({
    a: ['a:x', new Map([[1, 'a:x']])],
    b: { c: 'c:x', kind: 'x' },
    when,
    open,
    n: 1,
    none: null,
  })
})
