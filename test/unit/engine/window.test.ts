import { expect, test } from 'vitest'
import type { Migration } from '../../../src/domain/migration.ts'
import { readyStatement } from '../../../src/engine/execute/ready-statement.ts'
import { collectWindow } from '../../../src/engine/execute/window.ts'
import { type StepRun, WorkQueue } from '../../../src/engine/execute/work.ts'
import { Gates } from '../../../src/engine/gates.ts'
import { makeStep } from '../../../src/engine/plan-up.ts'
import { migrationOf } from '../../helpers/engine.ts'
import { statementOf } from '../../helpers/statements.ts'

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

/** The texts whose rows are opened together when the first statement of the first file is reached. */
async function windowOf(
  files: readonly (readonly string[])[],
  circumstances: Circumstances = {},
): Promise<readonly string[]> {
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
  const session = { temporary: new Set(temporary), isChanged }
  const members = await collectWindow({ run: first.run, ready }, queue, { gates, schemas }, session)
  return members.map((member) => member.ready.text)
}

const [a, b, c] = ['a', 'b', 'c'].map((name) => `CREATE TABLE ${name} (id INT)`) as [string, string, string]
const insert = (number: number) => `INSERT INTO a VALUES (${number})`

test('creations go together, across files, up to the first statement that is none', async () => {
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

test('writes to a temporary table of the file stay out; another file knows no such table', async () => {
  const temporary = ['stage']
  const staged = 'INSERT INTO stage VALUES (1)'
  expect(await windowOf([[insert(1), staged]], { temporary })).toEqual([insert(1)])
  expect(await windowOf([[insert(1)], [staged]], { temporary })).toEqual([insert(1), staged])
})

test('a file that changed its session ends its window with itself', async () => {
  expect(await windowOf([[a, b], [c]], { isChanged: true })).toEqual([a, b])
})
