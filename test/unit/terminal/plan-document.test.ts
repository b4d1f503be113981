import { describe, expect, test } from 'vitest'
import { toPlanDocument } from '../../../src/migrations/plan-document.ts'
import { summarizeStatement } from '../../../src/sql/statement.ts'
import { plan, statement, step } from './samples.ts'

describe('the document of a plan', () => {
  const document = toPlanDocument(plan)

  test('counts what will run: done statements of a stopped run do not', () => {
    expect(document.counts).toEqual({ targets: 1, steps: 3, statements: 4, hazards: 1 })
  })

  test('a plan shows which statements a step runs, and how the server would', () => {
    const [first, second, third] = document.targets[0]?.steps ?? []
    expect(first?.statements.map(({ summary, algorithm }) => [summary, algorithm])).toEqual([
      ['CREATE TABLE users', null],
      ['ALTER TABLE users', 'INPLACE'],
    ])
    expect([second?.script, second?.statements]).toEqual(['module', []])
    expect([third?.from, third?.total]).toEqual([1, 2])
  })

  test('is the same for the same plan, and another for another', () => {
    expect(toPlanDocument(structuredCloneOfPlan())).toEqual(document)
    const reverted = { ...plan, targets: [{ ...plan.targets[0], steps: [step({ type: 'revert', total: 1 })] }] }
    const [target] = toPlanDocument({ direction: 'down', targets: reverted.targets as typeof plan.targets }).targets
    expect(target?.steps[0]?.statements.map(({ summary }) => summary)).toEqual(['DROP TABLE users'])
  })
})

function structuredCloneOfPlan(): typeof plan {
  return { ...plan, targets: plan.targets.map((target) => ({ ...target, steps: [...target.steps] })) }
}

describe('what a statement is called', () => {
  const names = (...list: readonly string[]) => list.map((name) => ({ type: 'table', schema: null, name }) as const)

  test.each([
    ['RENAME TABLE', names('a', 'b'), 'RENAME TABLE a, b'],
    ['DROP TABLE', names('a', 'b', 'c', 'd', 'e'), 'DROP TABLE a, b, c and 2 more'],
    ['SET', [], 'SET'],
    ['INSERT', [{ type: 'table', schema: 'other', name: 't' } as const], 'INSERT other.t'],
  ])('%s', (verb, objects, summary) => {
    expect(summarizeStatement(statement(0, verb, 'x', { objects }))).toBe(summary)
  })

  test('SET by its variables, PREPARE and EXECUTE by the name', () => {
    const set = { verb: 'SET', userVariables: ['a'], sessionVariables: ['sql_mode', 'time_zone', 'autocommit'] }
    expect(summarizeStatement({ ...set, objects: [] })).toBe('SET @a, sql_mode, time_zone and 1 more')
    expect(summarizeStatement({ verb: 'EXECUTE', objects: [], prepared: 'change' })).toBe('EXECUTE change')
  })
})
