import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyStatement } from '../../../src/ddl/apply-statement.ts'
import { absent } from '../../../src/ddl/schema.ts'
import { makeStep } from '../../../src/migrations/plan/decide-steps.ts'
import { foreseeFailures } from '../../../src/migrations/plan/foresee-failures.ts'
import { serverWith, stateOf } from '../../helpers/ddl/known-tables.ts'
import { migrationOf } from '../../helpers/migrations/engine.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

type Change = readonly [verb: 'create' | 'drop' | 'rename' | 'alter' | 'insert' | 'view', from: string, to: string]

function textOf([verb, from, to]: Change, at: number): string {
  switch (verb) {
    case 'create':
      return `CREATE TABLE ${from} (id INT PRIMARY KEY)`
    case 'view':
      return `CREATE VIEW ${from} AS SELECT 1 AS one`
    case 'drop':
      return `DROP TABLE ${from}`
    case 'rename':
      return at % 2 === 0 ? `RENAME TABLE ${from} TO ${to}` : `ALTER TABLE ${from} RENAME TO ${to}`
    case 'alter':
      return `ALTER TABLE ${from} ADD COLUMN c${at} INT`
    case 'insert':
      return `INSERT INTO ${from} (id) SELECT 7`
  }
}

/** A schema as a set of names: what the server would refuse, and what is there afterwards. */
function isRefused([verb, from, to]: Change, names: Set<string>): boolean {
  const makes = verb === 'create' || verb === 'view' ? from : verb === 'rename' ? to : null
  const needs = verb === 'create' || verb === 'view' ? null : from
  if ((needs !== null && !names.has(needs)) || (makes !== null && names.has(makes))) return true
  if (verb === 'drop' || verb === 'rename') names.delete(from)
  if (makes !== null) names.add(makes)
  return false
}

const server = serverWith({
  a: stateOf('CREATE TABLE a (id INT PRIMARY KEY)'),
  b: stateOf('CREATE TABLE b (id INT PRIMARY KEY)'),
  c: absent,
  d: absent,
})

function foresee(texts: readonly string[]): readonly (number | undefined)[] {
  const statements = texts.map((text, at) => statementOf(text, at))
  const step = makeStep(migrationOf('app/1', { up: { type: 'statements', statements } }), 'apply', 0)
  let tables = server
  const planned = statements.map((statement) => {
    const one = { step, statement, tables, isOpen: false }
    tables = applyStatement(tables, statement)
    return one
  })
  const { failures } = foreseeFailures(planned, new Map(), {
    isTouchedByOthers: false,
    serverVersion: '8.0.30',
    retired: { records: [], migrations: [] },
  })
  return failures.map(({ where }) => where?.line)
}

const names = fc.constantFrom('a', 'b', 'c', 'd')
const changes: fc.Arbitrary<Change> = fc
  .tuple(fc.constantFrom('create', 'drop', 'rename', 'alter', 'insert' as const), names, names)
  .filter(([verb, from, to]) => verb !== 'rename' || from !== to)

describe('the first statement that the server refuses for a name', () => {
  test('is foreseen, and no statement that it accepts', () => {
    fc.assert(
      fc.property(fc.array(changes, { minLength: 1, maxLength: 8 }), (plan) => {
        const present = new Set(['a', 'b'])
        const refused = plan.findIndex((change) => isRefused(change, present))
        const [first] = foresee(plan.map(textOf))
        expect(first, plan.map(textOf).join('; ')).toBe(refused < 0 ? undefined : refused + 1)
      }),
      { numRuns: 500 },
    )
  })

  test('is not claimed of another schema, whose names another database may change', () => {
    fc.assert(
      fc.property(fc.array(changes, { minLength: 1, maxLength: 4 }), (plan) => {
        const texts = plan.map(textOf).map((text) => text.replaceAll(/\b([abcd])\b/g, 'other.$1'))
        expect(foresee(texts)).toEqual([])
      }),
    )
  })
})
