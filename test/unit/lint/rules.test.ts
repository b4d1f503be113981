import { describe, expect, test } from 'vitest'
import { findHazards } from '../../../src/lint/find-hazards.ts'
import { hazardCodes } from '../../../src/lint/hazard-codes.generated.ts'
import { newTable, serverWith, stateOf } from '../../helpers/ddl/known-tables.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'
import { cases } from './rule-cases.ts'

const definition = `CREATE TABLE t (
  n INT,
  g INT AS (n + 1) STORED,
  u INT UNSIGNED,
  b BIGINT NOT NULL,
  name VARCHAR(50),
  latin VARCHAR(50) CHARSET latin1,
  e ENUM('a','b'),
  price DECIMAL(10,2),
  at DATETIME(6),
  body TEXT,
  \`index\` INT
) CHARSET = utf8mb4`

/** Its keys are not known. */
const large = { rows: 5_000_000, bytes: 2 ** 30, partial: true as const }

/** `t` is large, `small` is not, `fresh` is made by the plan, `gone` is not there; of all others nothing is known. */
const tables = serverWith({
  t: stateOf(definition, large),
  small: stateOf(definition, { rows: 12, partial: true }),
  parent: stateOf('CREATE TABLE parent (id INT PRIMARY KEY, n INT)', {
    rows: 12,
    cascades: [{ table: { schema: 'app', name: 'child' }, columns: ['p'], referenced: ['id'], rule: 'CASCADE' }],
    updates: [
      { table: { schema: 'app', name: 'child' }, columns: ['p'], referenced: ['id'], rule: 'CASCADE' },
      { table: { schema: 'app', name: 'other' }, columns: ['p'], referenced: ['id'], rule: 'SET NULL' },
    ],
  }),
  fresh: newTable,
  gone: { type: 'absent' },
})

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

/** What servers have counted decides, and no text: test/unit/lint/apply-allowances.test.ts and test/integration/uses show it. */
const byServers = 'LIVE_STATEMENTS'

test('every rule that texts decide is found by at least one of these statements', () => {
  const found = new Set(cases.flatMap(([, codes]) => codes.split(' ')))
  expect(hazardCodes.filter((code) => !found.has(code) && code !== byServers)).toEqual([])
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
