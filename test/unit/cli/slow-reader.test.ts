import { EventEmitter } from 'node:events'
import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { readGlobals } from '../../../src/cli/globals.ts'
import { openReporter } from '../../../src/cli/reporting.ts'
import type { Result } from '../../../src/command/result.ts'
import type { View } from '../../../src/terminal/view.ts'
import { hostHere } from '../../helpers/tool/tool-here.ts'

/** Characters of two units stand at every place of a text, odd and even ones. */
const text = `a${'\u{1f600}'.repeat(1000)}b`
const content = text.repeat(500)
const query: Result = {
  kind: 'lint',
  findings: Array.from({ length: 5000 }, (_, line) => ({
    code: 'NO_DOWN',
    severity: 'hint',
    file: 'migrations/a.sql',
    line,
    column: 1,
    statement: null,
    message: `finding ${line}, ${'x'.repeat(200)}`,
    fix: null,
    scope: 'statement',
  })),
} as unknown as Result
const view: View<Result> = {
  render: (result) => (result.kind === 'lint' ? result.findings.map(({ message }) => [message]) : []),
}

/** A stream whose reader takes one write at a time, when it is told to. */
function slowStream(): { readonly stream: Writable; readonly take: () => boolean; readonly read: () => string } {
  let read = ''
  let waiting: (() => void) | null = null
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _, done) {
      read += chunk
      waiting = done
    },
  })
  const take = (): boolean => {
    const next = waiting
    waiting = null
    next?.()
    return next !== null
  }
  return { stream, take, read: () => read }
}

async function openOn(format: 'human' | 'json', out: Writable): Promise<Awaited<ReturnType<typeof openReporter>>> {
  const err = new Writable({ write: (_chunk, _encoding, done) => done() })
  const host = hostHere([], {}, { out, err, signals: new EventEmitter() })
  return openReporter(host, readGlobals({ format }, {}), { secrets: [] }, 'run')
}

const document = (format: 'json' | 'text'): Result => ({ kind: 'document', format, content })

describe.each([
  ['an answer in JSON', 'json', query],
  ['a document', 'human', document('text')],
  ['a document of JSON', 'json', document('json')],
  ['an answer for people', 'human', query],
] as const)('%s', (_, format, answer) => {
  const shown = answer.kind === 'document' || format === 'json' ? null : view

  test('waits for its reader: no more than three writes of 64 KiB are held', async () => {
    const { stream, take, read } = slowStream()
    const reporter = await openOn(format, stream)
    let isDone = false
    const done = reporter.result(answer, 0, shown).then(() => (isDone = true))
    let most = 0
    let writes = 0
    while (!isDone || stream.writableLength > 0) {
      most = Math.max(most, stream.writableLength)
      if (take()) writes += 1
      await new Promise((resolve) => setImmediate(resolve))
    }
    await done
    expect(most).toBeLessThan(3 * 65_536)
    expect(writes).toBeGreaterThan(10)
    if (answer.kind === 'document') expect(read()).toBe(`${content}\n`)
    else expect(read()).toContain(`finding 4999, ${'x'.repeat(200)}`)
  })

  test('ends when its reader goes away', async () => {
    const { stream, read } = slowStream()
    stream.on('error', () => {})
    const reporter = await openOn(format, stream)
    const done = reporter.result(answer, 0, shown)
    stream.destroy(Object.assign(new Error('EPIPE'), { code: 'EPIPE' }))
    await done
    expect(read().length).toBeLessThan(3 * 65_536)
  })
})
