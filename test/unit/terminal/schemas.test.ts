import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../../src/command/event.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import { toPlanDocument } from '../../../src/migrations/plan-document.ts'
import { eventTypes, exactSchema, readPublishedSchema, typesOf } from '../../helpers/documents/schema-document.ts'
import { scriptedEnd, scriptedRun } from '../../helpers/terminal/scripted-run.ts'
import { openReporter } from './harness.ts'
import { everyResult, failure, plan, target } from './samples.ts'

const folder = path.join(import.meta.dirname, '../../../schemas')
const json = { format: 'json' } as const

function lastLine(text: string): unknown {
  return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '')
}

const at = { target: target('user_db'), version: '1', name: 'a', direction: 'up' } as const

/** What the scripted run does not show. */
const shard = { ...at, family: 'messages', shard: '2026-12', table: 'messages_202612' }

const rotated = { target: target('message_db'), family: 'messages', table: 'messages_202511', step: 'seal' } as const

const behind = { measure: 'lag', of: 'b', value: 9000, bound: 5000, why: null } as const

const session = {
  connectionId: 42,
  user: 'app',
  host: 'h',
  seconds: 61,
  rows: 2,
  statement: 'SELECT 1',
  holds: [],
} as const

const otherEvents: readonly RunEvent[] = [
  { type: 'fan-out-started', ...at, family: 'messages', done: 0, total: 2, canary: 'messages_202612' },
  { type: 'shard-started', ...shard },
  { type: 'shard-finished', ...shard, statements: 1, milliseconds: 3, done: 1, total: 2, left: 3000 },
  {
    type: 'statement-progress',
    ...at,
    statement: 0,
    total: 1,
    summary: 'ALTER TABLE a',
    stage: 'insert',
    percent: 4,
    left: null,
  },
  { type: 'rotation-step-progress', ...rotated, done: 40, total: 120, left: 9000 },
  { type: 'rotation-making-started', target: target('message_db'), total: 3000 },
  { type: 'rotation-step-started', ...rotated, why: 'its period ended' },
  { type: 'rotation-step-finished', ...rotated, rows: 120, milliseconds: 3 },
  { type: 'store-change-started', store: 'redis', server: 'h:1', summary: 'meet h:2' },
  { type: 'store-change-finished', store: 'redis', server: 'h:1', summary: 'meet h:2', milliseconds: 3 },
  { type: 'shard-failed', ...shard, code: 'STATEMENT_FAILED', fault: { what: 'no' } },
  { type: 'statement-settled', ...at, statement: 0, total: 1, summary: 'ALTER TABLE a', ran: false, why: 'unchanged' },
  { type: 'record-removed', target: target('message_db'), runs: 3, shardEvents: 0, summary: 'x' },
  { type: 'throttle-paused', target: target('message_db'), because: [behind], milliseconds: 0 },
  { type: 'throttle-ended', target: target('message_db'), how: 'went-on', because: behind, milliseconds: 840_000 },
  { type: 'others-waited', target: target('message_db'), stall: { table: 'a', milliseconds: 30, why: null } },
  { type: 'blocker-killed', target: target('message_db'), session, isGone: true },
  { type: 'blocker-spared', target: target('message_db'), session, why: 'it is a run of wwdb' },
  { type: 'online-changed', target: target('message_db'), table: 'a', how: 'by a copy', notes: ['x'] },
  { type: 'object-retired', target: target('message_db'), name: 'a.b', how: 'hidden', notes: ['x'] },
  {
    type: 'batch-undone',
    target: target('message_db'),
    migration: '1',
    statement: 1,
    table: 'a',
    how: 'put back',
    rows: 3,
    left: null,
  },
  {
    ...{ type: 'split-progress', target: target('message_db'), table: 'a', stage: 'copy' },
    ...{ done: 1, total: 2, milliseconds: 30 },
  },
  {
    ...{ type: 'move-progress', target: target('contact_db'), family: 'a', stage: 'vdiff' },
    ...{ done: 1, total: 2, milliseconds: 30 },
  },
  { type: 'warning', message: 'x', target: null },
  { type: 'progress', message: 'x' },
  { type: 'stopping', how: 'kill' },
  { type: 'plan-ready', plan },
]

describe('published schemas', () => {
  test('are there for every kind of answer', async () => {
    const files = await readdir(folder)
    for (const { kind } of everyResult) expect(files).toContain(`${kind}-result.schema.json`)
    expect(new Set(everyResult.map(({ kind }) => kind))).toEqual(
      new Set(typesOf('answer.schema.json', 'kind', 'result')),
    )
  })
})

describe('what is printed', () => {
  test.each(everyResult.map((result) => [result.kind, result] as const))(
    'as a %s is what its schema says, and nothing more',
    async (kind, result) => {
      const { reporter, out } = await openReporter(json)
      reporter.event({ type: 'warning', message: 'x', target: target('user_db') })
      await reporter.result(result, 0)
      const document = lastLine(out())
      expect(exactSchema(`${kind}-result.schema.json`).safeParse(document).error).toBeUndefined()
      for (const file of [`${kind}-result.schema.json`, 'answer.schema.json', 'run-line.schema.json']) {
        expect(readPublishedSchema(file).safeParse(document).error, file).toBeUndefined()
      }
    },
  )

  test('as an error is what its schema says', async () => {
    const { reporter, out } = await openReporter({ ...json, debug: true })
    reporter.error(new ToolError('STATEMENT_FAILED', failure.fault ?? { what: '' }))
    const document = lastLine(out())
    expect(exactSchema('error.schema.json').safeParse(document).error).toBeUndefined()
    for (const file of ['error.schema.json', 'answer.schema.json', 'run-line.schema.json']) {
      expect(readPublishedSchema(file).safeParse(document).error, file).toBeUndefined()
    }
  })

  test('as a line of a run is what its schema says, for every type of event', async () => {
    const { reporter, out } = await openReporter(json)
    for (const { event } of [...scriptedRun, ...scriptedEnd]) reporter.event(event)
    for (const event of otherEvents) reporter.event(event)
    const schema = readPublishedSchema('run-line.schema.json')
    const exact = exactSchema('run-line.schema.json')
    const types = new Set<string>()
    for (const text of out().trimEnd().split('\n')) {
      const line = JSON.parse(text)
      expect(schema.safeParse(line).error, text).toBeUndefined()
      if (line.type !== 'version') {
        expect(exact.safeParse(line).error, text).toBeUndefined()
        types.add(line.type)
      }
    }
    expect([...types].sort()).toEqual(eventTypes())
  })

  test('as a plan is what its schema says, without functions and maps', () => {
    const document = toPlanDocument(plan)
    const file = { kind: 'wwdb-plan', options: { direction: 'up', to: null, steps: null, targets: [] }, plan: document }
    expect(exactSchema('plan.schema.json').safeParse(file).error).toBeUndefined()
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  })

  test('is refused when a field is missing or of another type', async () => {
    const schema = readPublishedSchema('answer.schema.json')
    const { reporter, out } = await openReporter(json)
    await reporter.result({ kind: 'version', version: '1', node: 'v20', platform: 'linux' }, 0)
    const document = JSON.parse(out())
    expect(schema.safeParse(document).success).toBe(true)
    expect(schema.safeParse({ ...document, later: 'a field of the next minor version' }).success).toBe(true)
    expect(schema.safeParse({ ...document, exitCode: 3 }).success).toBe(false)
    expect(schema.safeParse({ ...document, node: undefined }).success).toBe(false)
  })
})
