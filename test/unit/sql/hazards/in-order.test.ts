import { describe, expect, test } from 'vitest'
import type { ServerAnswer } from '../../../../src/domain/algorithm-question.ts'
import type { KnownTables, TableState } from '../../../../src/domain/table-state.ts'
import { explainHazards } from '../../../../src/sql/hazards/explain-hazards.ts'
import { findHazards, findHazardsInOrder } from '../../../../src/sql/hazards/find-hazards.ts'
import { statementOf } from '../../../helpers/statements.ts'

const large: TableState = { type: 'present', rows: 1_000_000, bytes: 2 ** 28, columns: [] }
const absent: TableState = { type: 'absent' }

function serverWith(states: Readonly<Record<string, TableState>>): KnownTables {
  return { schema: 'app', states: new Map(Object.entries(states).map(([name, state]) => [`app\u0000${name}`, state])) }
}

function codes(texts: readonly string[], tables?: KnownTables): readonly string[] {
  const planned = texts.map((text, index) => ({ statement: statementOf(text, index), accepted: [] }))
  const lists = findHazardsInOrder(planned, tables === undefined ? {} : { tables })
  return lists.map((hazards) => hazards.map((hazard) => hazard.code).join(' '))
}

describe('a statement is judged by the tables as the ones before it leave them', () => {
  test('what the plan makes holds nothing to lose', () => {
    expect(codes(['CREATE TABLE a (id INT)', 'UPDATE a SET id = 1', 'TRUNCATE a', 'DROP TABLE a'])).toEqual([
      '',
      '',
      '',
      '',
    ])
  })

  test('CREATE TABLE IF NOT EXISTS makes nothing where a table may be', () => {
    const texts = ['CREATE TABLE IF NOT EXISTS a (id INT)', 'DROP TABLE a']
    expect(codes(texts)).toEqual(['', 'DROP_TABLE'])
    expect(codes(texts, serverWith({ a: large }))).toEqual(['', 'DROP_TABLE'])
    expect(codes(texts, serverWith({ a: absent }))).toEqual(['', ''])
  })

  test('data goes with the table that is renamed, not with its name', () => {
    const swap = [
      'CREATE TABLE new (id INT)',
      'RENAME TABLE users TO old, new TO users',
      'DROP TABLE users',
      'DROP TABLE old',
    ]
    expect(codes(swap, serverWith({ users: large, old: absent, new: absent }))).toEqual(['', '', '', 'DROP_TABLE'])
    const alter = ['ALTER TABLE users RENAME TO old', 'TRUNCATE old']
    expect(codes(alter, serverWith({ users: large, old: absent }))).toEqual(['', 'TRUNCATE_TABLE'])
  })

  test('a table that is dropped and made again is empty', () => {
    const texts = ['DROP TABLE a', 'CREATE TABLE a (id INT)', 'ALTER TABLE a ORDER BY id', 'DELETE FROM app.a']
    expect(codes(texts, serverWith({ a: large }))).toEqual(['DROP_TABLE', '', '', ''])
  })

  test('a temporary table only hides the one of the same name', () => {
    expect(codes(['CREATE TEMPORARY TABLE users (id INT)', 'DROP TABLE users'], serverWith({ users: large }))).toEqual([
      '',
      'DROP_TABLE',
    ])
  })

  test.each(['CALL rename_them()', 'EXECUTE p'])('%s may have renamed a table to a free name', (text) => {
    expect(codes([text, 'DROP TABLE old'], serverWith({ old: absent }))[1]).toBe('DROP_TABLE')
  })
})

const answers: readonly (readonly [ServerAnswer, string])[] = [
  [{ algorithm: 'INSTANT', lock: 'NONE', rebuilds: false }, ''],
  [{ algorithm: 'INPLACE', lock: 'NONE', rebuilds: false }, ''],
  [{ algorithm: 'INPLACE', lock: 'NONE', rebuilds: true }, 'REBUILDING_TABLE'],
  [{ algorithm: 'INPLACE', lock: 'SHARED', rebuilds: true }, 'BLOCKING_LOCK'],
  [{ algorithm: 'INPLACE', lock: 'EXCLUSIVE', rebuilds: false }, 'BLOCKING_LOCK'],
  [{ algorithm: 'COPY', lock: 'SHARED', rebuilds: true }, 'BLOCKING_COPY'],
]

describe("the server's answer", () => {
  test.each(answers)('%o means "%s"', (answer, expected) => {
    expect(
      explainHazards(answer, large)
        .map(({ rule }) => rule.code)
        .join(' '),
    ).toBe(expected)
  })

  test('counts from 10,000 rows or 16 MB on', () => {
    const copy: ServerAnswer = { algorithm: 'COPY', lock: 'SHARED', rebuilds: true }
    const count = (rows: number, bytes: number) =>
      explainHazards(copy, { type: 'present', rows, bytes, columns: [] }).length
    expect([count(9_999, 16 * 2 ** 20 - 1), count(10_000, 0), count(0, 16 * 2 ** 20)]).toEqual([0, 1, 1])
    expect(explainHazards(copy, { type: 'new' })).toEqual([])
    expect(explainHazards(copy, { type: 'unknown' })).toHaveLength(1)
  })

  test('decides in place of the guess, in both directions, and leaves what destroys alone', () => {
    const judge = (text: string, answer: ServerAnswer) =>
      findHazards(statementOf(text), { accepted: [], answer }).map((hazard) => hazard.code)
    expect(
      judge('ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES x (id)', {
        algorithm: 'INPLACE',
        lock: 'NONE',
        rebuilds: false,
      }),
    ).toEqual([])
    expect(judge('ALTER TABLE t ADD a INT', { algorithm: 'COPY', lock: 'SHARED', rebuilds: true })).toEqual([
      'BLOCKING_COPY',
    ])
    expect(judge('ALTER TABLE t DROP a', { algorithm: 'INSTANT', lock: 'NONE', rebuilds: false })).toEqual([
      'DROP_COLUMN',
    ])
  })
})
