import { describe, expect, test } from 'vitest'
import type { ColumnAttributes, KnownTables, TableState } from '../../../src/ddl/table-state.ts'
import { findHazards } from '../../../src/lint/find-hazards.ts'
import { hazardCodes } from '../../../src/lint/hazard-codes.generated.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'
import { cases } from './rule-cases.ts'

const column = (name: string, type: string, nullable = true, charset: string | null = null) => ({
  name,
  type,
  nullable,
  charset,
})

const plain: ColumnAttributes = {
  generated: null,
  autoIncrement: false,
  hasDefault: false,
  onUpdate: false,
  hasComment: false,
  primary: false,
}

const large: TableState = {
  type: 'present',
  rows: 5_000_000,
  bytes: 2 ** 30,
  columns: [
    column('n', 'int'),
    { ...column('g', 'int'), attributes: { ...plain, generated: 'STORED' } },
    column('u', 'int(10) unsigned'),
    column('b', 'bigint', false),
    column('name', 'varchar(50)', true, 'utf8mb4'),
    column('latin', 'varchar(50)', true, 'latin1'),
    column('e', "enum('a','b')", true, 'utf8mb4'),
    column('price', 'decimal(10,2)'),
    column('at', 'datetime(6)'),
    column('body', 'text', true, 'utf8mb4'),
    column('index', 'int'),
  ],
}

/** `t` is large, `small` is not, `fresh` is made by the plan, `gone` is not there; of all others nothing is known. */
const tables: KnownTables = {
  schema: 'app',
  states: new Map<string, TableState>([
    ['app\u0000t', large],
    ['app\u0000small', { ...large, rows: 12, bytes: 16_384 }],
    [
      'app\u0000parent',
      {
        ...large,
        rows: 12,
        bytes: 16_384,
        columns: [column('id', 'int', false), column('n', 'int')],
        keys: [{ name: 'PRIMARY', kind: 'PRIMARY', columns: ['id'] }],
        cascades: [{ table: { schema: 'app', name: 'child' }, columns: ['p'], referenced: ['id'], rule: 'CASCADE' }],
      },
    ],
    ['app\u0000fresh', { type: 'new' }],
    ['app\u0000gone', { type: 'absent' }],
  ]),
}

function codesOf(text: string, serverVersion = '9.7.4'): string {
  const hazards = findHazards(statementOf(text), { accepted: [], tables, serverVersion })
  return hazards.map((hazard) => hazard.code).join(' ')
}

describe('a statement has the hazards of its text and its tables', () => {
  test.each(cases.map(([text, codes, version]) => [text, version ?? '9.7.4', codes] as const))(
    '%s (on %s): %s',
    (text, version, codes) => expect(codesOf(text, version)).toBe(codes),
  )
})

test('every rule is found by at least one of these statements', () => {
  const found = new Set(cases.flatMap(([, codes]) => codes.split(' ')))
  expect(hazardCodes.filter((code) => !found.has(code))).toEqual([])
})

test('codes are unique and may be written in a header unchanged', () => {
  expect(new Set(hazardCodes).size).toBe(hazardCodes.length)
  for (const code of hazardCodes) expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/)
})

test('a hazard has its position and the accepting reason', () => {
  const statement = statementOf('DROP TABLE\n  t', 7)
  const accepted = [{ code: 'drop-table', reason: 'empty since May', line: 2 }]
  const [hazard] = findHazards(statement, { accepted, tables })
  expect(hazard).toMatchObject({
    code: 'DROP_TABLE',
    kind: 'destructive',
    file: 'migrations/app/1_test.sql',
    line: 8,
    statement: 'DROP TABLE t',
    accepted: 'empty since May',
  })
  expect(
    findHazards(statement, { accepted: [{ ...accepted[0], code: 'DROP_COLUMN', reason: 'x', line: 1 }], tables })[0]
      ?.accepted,
  ).toBeNull()
})

test('a known column narrows, an unknown one may narrow', () => {
  const why = (text: string) => findHazards(statementOf(text), { accepted: [], tables })[0]?.why
  expect(why("ALTER TABLE t MODIFY e ENUM('a')")).toBe("Column `e` narrows: 'b' can no longer be stored.")
  expect(why('ALTER TABLE unread MODIFY e INT')).toContain('may narrow')
})
