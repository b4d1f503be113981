import { describe, expect, test } from 'vitest'
import { readyStatement } from '../../../src/migrations/execute/ready-statement.ts'
import { collectNext, collectWindow, type Window } from '../../../src/migrations/execute/window.ts'
import { Gates, type StepRun, WorkQueue } from '../../../src/migrations/execute/work.ts'
import type { Migration } from '../../../src/migrations/migration.ts'
import { makeStep } from '../../../src/migrations/plan/decide-steps.ts'
import { migrationOf } from '../../helpers/migrations/engine.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

const schemas = new Map<string, string>()

function fileOf(version: number, texts: readonly string[]): Migration {
  return migrationOf(`app/${version}`, {
    up: { type: 'statements', statements: texts.map((text, at) => statementOf(text, at)) },
  })
}

interface Circumstances {
  readonly awaited?: readonly string[]
  readonly after?: readonly string[]
  readonly temporary?: readonly string[]
  readonly isChanged?: boolean
}

/** The texts of the first window, and of those that follow on it directly. */
async function windowsOf(
  files: readonly (readonly string[])[],
  circumstances: Circumstances = {},
): Promise<readonly (readonly string[])[]> {
  const { awaited = [], after = [], temporary = [], isChanged = false } = circumstances
  const runs = files.map((texts, at): StepRun => {
    const step = makeStep(fileOf(at + 1, texts), 'apply', 0)
    return { step: { ...step, after: at === 0 ? [] : after }, pass: at + 1, resumption: null }
  })
  const queue = new WorkQueue(runs)
  await queue.shift()
  const first = await queue.shift()
  if (first?.type !== 'statement') throw new Error('the first file has a statement')
  const ready = readyStatement(first.statement, first.statement, schemas, new Set(temporary))
  const gates = new Gates(awaited)
  const session = { run: first.run, temporary: new Set(temporary), isChanged }
  const limits = { widest: 128, queue, gates, schemas, session, asksFirst: false }
  const windows: Window[] = []
  let window: Window | null = await collectWindow({ run: first.run, ready }, limits)
  for (; window !== null; window = await collectNext(window, limits)) windows.push(window)
  return windows.map(({ members }) => members.map((member) => member.ready.text))
}

/** The texts whose rows are opened together when the first statement of the first file is reached. */
async function windowOf(
  files: readonly (readonly string[])[],
  circumstances: Circumstances = {},
): Promise<readonly string[]> {
  const [first = []] = await windowsOf(files, circumstances)
  return first
}

const [a, b, c] = ['a', 'b', 'c'].map((name) => `CREATE TABLE ${name} (id INT)`) as [string, string, string]
const insert = (number: number) => `INSERT INTO a VALUES (${number})`

test('creations go together, across files, up to the first statement of another kind', async () => {
  expect(
    await windowOf([
      [a, b],
      [c, 'ALTER TABLE c ADD x INT', 'CREATE TABLE d (id INT)'],
    ]),
  ).toEqual([a, b, c])
  expect(await windowOf([['ALTER TABLE c ADD x INT', a]])).toHaveLength(1)
})

test('short writes go together, and with nothing else', async () => {
  expect(
    await windowOf([
      [insert(1), insert(2)],
      [insert(3), a],
    ]),
  ).toEqual([1, 2, 3].map(insert))
})

test('at most 128 at a time', async () => {
  expect(await windowOf([Array.from({ length: 200 }, (_, at) => insert(at))])).toHaveLength(128)
})

test('two that make the same thing do not: what the first made would speak for the second', async () => {
  expect(await windowOf([[a, b, 'CREATE TABLE A (other INT)', c]])).toEqual([a, b])
  expect(await windowOf([[a, 'CREATE VIEW app.a AS SELECT 1']])).toEqual([a])
})

test('a step that others wait for is the last of its window', async () => {
  expect(await windowOf([[a], [b]], { awaited: ['app/1'] })).toEqual([a])
  expect(await windowOf([[a], [b], [c]], { awaited: ['app/2'] })).toEqual([a, b])
})

test('a step that waits for others begins one of its own', async () => {
  expect(await windowOf([[a], [b]], { after: ['other/1'] })).toEqual([a])
})

test('temporary tables of the file are left out of the writes; another file knows no such table', async () => {
  const temporary = ['stage']
  const staged = 'INSERT INTO stage VALUES (1)'
  expect(await windowOf([[insert(1), staged]], { temporary })).toEqual([insert(1)])
  expect(await windowOf([[insert(1)], [staged]], { temporary })).toEqual([insert(1), staged])
})

test('a file that changed its session ends its window with itself', async () => {
  expect(await windowOf([[a, b], [c]], { isChanged: true })).toEqual([a, b])
})

describe('the windows behind a full one', () => {
  const many = (count: number, from = 0) => Array.from({ length: count }, (_, at) => insert(from + at))
  const widths = async (...given: Parameters<typeof windowsOf>) =>
    (await windowsOf(...given)).map((texts) => texts.length)

  test('further windows continue where it ended, across files, to the last statement of its kind', async () => {
    const windows = await windowsOf([many(200), many(100, 200), [a]])
    expect(windows.map((texts) => texts.length)).toEqual([128, 128, 44])
    expect(windows.flat()).toEqual(many(300))
  })

  test('there is no further window after one that was cut short, or after the last statement', async () => {
    expect(await widths([[...many(127), a], many(5)])).toEqual([127])
    expect(await widths([many(128)])).toEqual([128])
    expect(await widths([[...many(128), a], many(5)])).toEqual([128])
  })

  test('end with a step that others wait for, before one that waits, and with a file that changed its session', async () => {
    expect(await widths([many(130), many(5)], { awaited: ['app/1'] })).toEqual([128, 2])
    expect(await widths([many(128), many(5)], { awaited: ['app/1'] })).toEqual([128])
    expect(await widths([many(130), many(5)], { after: ['other/1'] })).toEqual([128, 2])
    expect(await widths([many(130), many(5)], { isChanged: true })).toEqual([128, 2])
  })
})
