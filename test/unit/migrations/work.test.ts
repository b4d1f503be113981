import { describe, expect, test } from 'vitest'
import { SessionTrack } from '../../../src/migrations/execute/session-track.ts'
import { type StepRun, type Work, WorkQueue } from '../../../src/migrations/execute/work.ts'
import type { Migration } from '../../../src/migrations/migration.ts'
import { makeStep } from '../../../src/migrations/plan/decide-steps.ts'
import type { Session } from '../../../src/migrations/ports.ts'
import { migrationOf, passOf, scriptOf } from '../../helpers/migrations/engine.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

const three = migrationOf('app/1', { up: scriptOf(['CREATE t', 'ALTER t 1', 'ALTER t 2']) })
const runOf = (migration: Migration, type: 'apply' | 'revert' = 'apply'): StepRun => ({
  step: makeStep(migration, type, 0),
  pass: 1,
  resumption: null,
})

function describeWork(work: Work | undefined): string {
  if (work === undefined) return 'nothing'
  return work.type === 'statement' || work.type === 'replay' ? `${work.type} ${work.statement.text}` : work.type
}

async function drain(queue: WorkQueue): Promise<readonly string[]> {
  const found: string[] = []
  for (let work = await queue.shift(); work !== undefined; work = await queue.shift()) found.push(describeWork(work))
  return found
}

describe('the work of a target', () => {
  test('is begun, done statement by statement, and ended, step after step', async () => {
    const empty = migrationOf('app/2', { up: scriptOf([]) })
    const run = async () => {}
    const data = migrationOf('app/3', { kind: 'data', up: { type: 'module', path: 'x.ts', run } })
    expect(await drain(new WorkQueue([runOf(three), runOf(empty), runOf(data)]))).toEqual([
      ...['begin', 'statement CREATE t', 'statement ALTER t 1', 'statement ALTER t 2', 'end'],
      ...['begin', 'record', 'end'],
      ...['begin', 'module', 'end'],
    ])
    expect(await drain(new WorkQueue([]))).toEqual([])
  })

  test('downwards is the down part, or a record where there is none', async () => {
    expect(await drain(new WorkQueue([runOf(three, 'revert')]))).toEqual(['begin', 'statement DROP t1', 'end'])
    expect(await drain(new WorkQueue([runOf({ ...three, down: null }, 'revert')]))).toEqual(['begin', 'record', 'end'])
  })

  test('that was stopped replays the closed statements whose rows are known', async () => {
    const { step } = runOf(three)
    const row = {
      pass: 1,
      statement: 1,
      state: 'closed',
      hash: '',
      summary: '',
      class: 'session',
      connectionId: 1,
    } as const
    const rest = {
      fingerprint: null,
      objects: [],
      identity: false,
      memory: null,
      error: null,
      runner: '',
      openedAt: '',
    }
    const resumption = { pass: passOf(three, 1), batch: null, rows: new Map([[1, { ...row, ...rest }]]) }
    expect(await drain(new WorkQueue([{ step: { ...step, from: 2 }, pass: 1, resumption }]))).toEqual([
      ...['begin', 'replay ALTER t 1', 'statement ALTER t 2', 'end'],
    ])
  })

  test('can be looked at ahead without being taken', async () => {
    const queue = new WorkQueue([runOf(three)])
    expect(describeWork(await queue.peek(2))).toBe('statement ALTER t 1')
    expect(describeWork(await queue.peek(99))).toBe('nothing')
    expect(describeWork(await queue.shift())).toBe('begin')
    expect(queue.position).toBe(1)
    expect(describeWork(await queue.peek(1))).toBe('statement CREATE t')
    expect(await drain(queue)).toEqual(['statement CREATE t', 'statement ALTER t 1', 'statement ALTER t 2', 'end'])
  })
})

describe('what a migration does to its session', () => {
  async function track(...texts: readonly string[]): Promise<SessionTrack> {
    const session: Partial<Session> = {
      evaluate: async (literal) => literal.replaceAll("'", ''),
      readText: async (variable) => `value of ${variable}`,
      readVariables: async (names) => Object.fromEntries(names.map((name) => [name, '1'])),
    }
    const made = new SessionTrack(session as Session)
    for (const text of texts) await made.observe(statementOf(text), text)
    return made
  }

  test('is nothing for most', async () => {
    expect((await track('CREATE TABLE t (id INT)', 'INSERT INTO t VALUES (1)')).leftovers()).toBeNull()
  })

  test('is kept until its end', async () => {
    const left = (
      await track('SET sql_mode = 1, @A = 1', 'CREATE TEMPORARY TABLE Stage (id INT)', "PREPARE P FROM 'DO 1'")
    ).leftovers()
    expect(left).toEqual({
      sessionVariables: ['sql_mode'],
      userVariables: ['a'],
      prepared: ['p'],
      temporaryTables: ['stage'],
    })
  })

  test('resolves EXECUTE, by any spelling of its name, until it is deallocated', async () => {
    const made = await track("PREPARE Change FROM 'DO 1'", 'PREPARE other FROM @text', 'PREPARE `third` FROM @`te xt`')
    const texts = ['CHANGE', 'other', 'third', 'fourth'].map((name) => made.preparedText(name))
    expect(texts).toEqual(['DO 1', 'value of text', 'value of te xt', null])
    await made.observe(statementOf('DEALLOCATE PREPARE change'), 'DEALLOCATE PREPARE change')
    expect(made.preparedText('change')).toBeNull()
  })

  test('forgets a temporary table that was dropped', async () => {
    const made = await track('CREATE TEMPORARY TABLE stage (id INT)', 'DROP TABLE stage')
    expect(made.temporary.size).toBe(0)
  })

  test('is remembered where later statements may build on it', async () => {
    const made = await track()
    const outcome = { rows: 1, warnings: [], lastInsertId: null }
    expect(await made.remember(statementOf('DO 1'), outcome)).toBeNull()
    expect(await made.remember(statementOf('SET @a = 1'), outcome)).toEqual({
      lastInsertId: null,
      variables: { a: '1' },
    })
    expect(await made.remember(statementOf('DO 1'), { ...outcome, lastInsertId: '7' })).toMatchObject({
      lastInsertId: '7',
    })
  })
})
