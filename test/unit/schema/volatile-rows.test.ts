import { describe, expect, test } from 'vitest'
import type { SchemaSnapshot, TableSnapshot } from '../../../src/ddl/snapshot.ts'
import { compareRowsOf } from '../../../src/schema/squash/volatile-rows.ts'
import { toStatement } from '../../../src/sql/classify.ts'

const column = (name: string, value: string | null = null): TableSnapshot['columns'][number] => ({
  name,
  type: 'int',
  nullable: true,
  default: value,
  generated: null,
  autoIncrement: false,
  collation: null,
  comment: '',
  text: `\`${name}\` int DEFAULT ${value ?? 'NULL'}`,
})
const table = (name: string, ...columns: TableSnapshot['columns']): TableSnapshot => ({
  type: 'table',
  name,
  columns,
  indexes: [],
  foreignKeys: [],
  checks: [],
  options: {},
  partitioning: null,
})
const snapshot = (objects: SchemaSnapshot['objects']): SchemaSnapshot => ({
  format: 1,
  database: 'app',
  charset: 'utf8mb4',
  collation: 'utf8mb4_0900_ai_ci',
  objects,
})
const objects = [
  table('plain', column('a')),
  table('filled', column('a'), column('at', 'CURRENT_TIMESTAMP')),
  table('text', column('a', "'now()'")),
]

function comparisonOf(name: string, ...texts: readonly string[]) {
  const statements = texts.map((text, index) =>
    toStatement({ type: 'statement', text, source: text, file: 'f', line: 1, column: 1 }, index),
  )
  const later = { up: { type: 'statements', statements } } as never
  return compareRowsOf(texts.length === 0 ? [] : [later], snapshot(objects))(name)
}

describe('the rows of later migrations', () => {
  test.each([
    ['plain', [], 'exact'],
    ['plain', ['INSERT INTO plain VALUES (1)'], 'exact'],
    ['PLAIN', ['INSERT INTO plain VALUES (1)'], 'exact'],
    ['text', ['INSERT INTO text VALUES (1)'], 'exact'],
    ['filled', ['INSERT INTO filled (a) VALUES (1)'], 'but'],
    ['plain', ['INSERT INTO plain SELECT UNIX_TIMESTAMP()'], 'count'],
    ['plain', ['UPDATE plain SET a = @n WHERE a = 1'], 'count'],
    ['plain', ['INSERT INTO filled (a) VALUES (1)', 'INSERT INTO plain SELECT at FROM filled'], 'count'],
    ['plain', ['UPDATE text SET a = RAND()', 'INSERT INTO plain SELECT a FROM text'], 'count'],
    ['plain', ['UPDATE text SET a = RAND()'], 'exact'],
    ['plain', ['CALL anything()'], 'count'],
    ['made', ['CREATE TABLE made AS SELECT 1'], 'count'],
  ])('of `%s` after %j are compared: %s', (name, texts, type) => {
    expect(comparisonOf(name, ...texts).type).toBe(type)
  })

  test('are counted where code of the schema reads the clock', () => {
    const trigger = {
      type: 'trigger',
      name: 't',
      text: 'CREATE TRIGGER t BEFORE INSERT ON plain FOR EACH ROW SET NEW.a = NOW()',
    }
    const later = { up: { type: 'statements', statements: [] } } as never
    expect(compareRowsOf([later], snapshot([...objects, trigger as never]))('plain')).toEqual({ type: 'count' })
  })
})
