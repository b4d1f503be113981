import { expect, test } from 'vitest'
import { applyStatement } from '../../../src/ddl/apply-statement.ts'
import { findObject, nothingKnown, type Schema, stateOfTable } from '../../../src/ddl/schema.ts'
import type { Table } from '../../../src/ddl/table.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

/** What files make that ran before a plan. */
const history: Schema = { ...nothingKnown, database: 'app', isPlanned: () => false }

const follow = (schema: Schema, ...texts: readonly string[]): Schema =>
  texts.reduce((before, text, index) => applyStatement(before, statementOf(text, index)), schema)
const nameOf = (index: number): string => `t${index}`
const named = (name: string) => ({ schema: null, name })

function tableOf(schema: Schema, name: string): Table {
  const found = findObject(schema, named(name))
  if (found.type !== 'table') throw new Error(`${name} is ${found.type}`)
  return found.table
}

const columnsOf = (schema: Schema, name: string): readonly string[] =>
  tableOf(schema, name).columns.map((column) => column.name)

test('a table that thousands of others have been read since is the same as before, and is not held meanwhile', () => {
  const made = Array.from(
    { length: 3000 },
    (_, index) => `CREATE TABLE ${nameOf(index)} (id INT PRIMARY KEY, n${index} INT)`,
  )
  const now = follow(history, ...made, 'CREATE TABLE like0 LIKE t0', 'ALTER TABLE t0 ADD COLUMN later INT')
  const first = tableOf(now, 't1')
  const [altered, copy] = [tableOf(now, 't0'), tableOf(now, 'like0')]
  expect(tableOf(now, 't1')).toBe(first)
  for (let index = 2; index < 3000; index += 1) tableOf(now, nameOf(index))
  expect(tableOf(now, 't1')).not.toBe(first)
  expect(tableOf(now, 't1')).toEqual(first)
  expect(tableOf(now, 't0')).toBe(altered)
  expect(tableOf(now, 'like0')).toBe(copy)
  expect(columnsOf(now, 't0')).toEqual(['id', 'n0', 'later'])
})

test('every moment of a schema can be looked at, also after another went on from it', () => {
  const first = follow(history, 'CREATE TABLE t (id INT PRIMARY KEY)')
  const second = follow(first, 'ALTER TABLE t ADD COLUMN a INT', 'CREATE TABLE u (id INT)')
  const other = follow(first, 'ALTER TABLE t ADD COLUMN b INT', 'DROP TABLE t')
  expect(columnsOf(first, 't')).toEqual(['id'])
  expect(columnsOf(second, 't')).toEqual(['id', 'a'])
  expect(findObject(other, named('t')).type).toBe('absent')
  expect(findObject(other, named('u')).type).toBe('unknown')
})

test('the columns of a table that the plan made are known through ALTER TABLE, LIKE and a rename', () => {
  const now = follow(
    nothingKnown,
    'CREATE TABLE t (id INT PRIMARY KEY, a INT)',
    'ALTER TABLE t DROP COLUMN a, ADD COLUMN b INT',
    'CREATE TABLE u LIKE t',
    'RENAME TABLE t TO v',
    'CREATE TABLE w SELECT * FROM u',
  )
  const stateOf = (name: string) => stateOfTable(now, named(name))
  expect(stateOf('v')).toMatchObject({ type: 'new', table: { name: 'v', columns: [{ name: 'id' }, { name: 'b' }] } })
  expect(stateOf('u')).toMatchObject({ type: 'new', table: { columns: [{ name: 'id' }, { name: 'b' }] } })
  expect(stateOf('w')).toMatchObject({ type: 'new', table: { partial: true } })
  expect(stateOf('t').type).toBe('absent')
})

test('after code that cannot be read, what was made before it may contain rows and more columns', () => {
  const texts = ['CREATE TABLE t (id INT)', 'CALL unknown_code()', 'ALTER TABLE t ADD COLUMN a INT']
  const later = follow(nothingKnown, ...texts, 'CREATE TABLE u (id INT)')
  expect(stateOfTable(later, named('t')).type).toBe('unknown')
  expect(tableOf(follow(history, ...texts), 't')).toMatchObject({
    partial: true,
    columns: [{ name: 'id' }, { name: 'a' }],
  })
  expect(stateOfTable(later, named('u'))).toMatchObject({
    type: 'new',
    table: expect.not.objectContaining({ partial: true }),
  })
})

test('a statement under a condition leaves nothing certain', () => {
  const made = follow(history, 'CREATE TABLE t (id INT)')
  const unsure = (text: string): Schema => applyStatement(made, statementOf(text), false)
  expect(findObject(unsure('DROP TABLE t'), named('t')).type).toBe('unknown')
  expect(tableOf(unsure('ALTER TABLE t ADD a INT'), 't').partial).toBe(true)
  expect(tableOf(unsure('CREATE TABLE u (id INT)'), 'u').partial).toBe(true)
  expect(tableOf(unsure('RENAME TABLE t TO u'), 'u').partial).toBe(true)
})

test('without a server, a table that the plan made is not the one whose name has another case', () => {
  const now = follow(nothingKnown, 'CREATE TABLE T (id INT)')
  expect(stateOfTable(now, named('T')).type).toBe('new')
  expect(stateOfTable(now, named('t')).type).toBe('unknown')
  expect(stateOfTable({ ...now, foldsNames: true }, named('t')).type).toBe('new')
})

// As MySQL 8.0.12 and 9.7 answered. Where a character is longer than the stored value, nothing is left to keep.
test.each([
  ["SET('x','y') CHARACTER SET latin1", 'LONGTEXT', 1],
  ["SET('x','y') CHARACTER SET latin1", 'TINYBLOB', 1],
  ["SET('x','y') CHARACTER SET latin1", 'VARCHAR(9)', 1],
  ["SET('a','b','c','d','e','f','g','h','i') CHARACTER SET latin1", 'TEXT', 2],
  ["SET('a','b','c','d','e','f','g','h','i') CHARACTER SET latin1", 'CHAR(1)', null],
  ["SET('x','y') CHARACTER SET utf8mb4", 'VARBINARY(9)', null],
  ["ENUM('x','y') CHARACTER SET latin1", 'VARCHAR(9)', null],
])('an index on %s keeps the bytes of a value as its prefix when the column becomes %s', (from, to, length) => {
  const now = follow(history, `CREATE TABLE t (id INT, k ${from}, KEY i (k))`, `ALTER TABLE t MODIFY k ${to}`)
  expect(tableOf(now, 't').indexes[0]?.read?.parts).toMatchObject([{ column: 'k', length }])
})

test('a table is partitioned by the clause that says so, whatever else the statement does, until it is removed', () => {
  const made = follow(history, 'CREATE TABLE t (id INT PRIMARY KEY)', 'ALTER TABLE t ADD COLUMN a INT')
  expect(tableOf(made, 't').partitioning).toBeNull()
  const parted = follow(made, 'ALTER TABLE t ADD COLUMN b INT PARTITION BY HASH (id) PARTITIONS 2')
  expect(tableOf(parted, 't').partitioning).not.toBeNull()
  expect(tableOf(follow(parted, 'ALTER TABLE t ADD COLUMN c INT'), 't').partitioning).toEqual(
    tableOf(parted, 't').partitioning,
  )
  expect(tableOf(follow(parted, 'ALTER TABLE t REMOVE PARTITIONING'), 't').partitioning).toBeNull()
})
