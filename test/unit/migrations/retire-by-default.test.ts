import { expect, test } from 'vitest'
import type { Migration } from '../../../src/migrations/migration.ts'
import { makeStep } from '../../../src/migrations/plan/decide-steps.ts'
import { retireByDefault } from '../../../src/migrations/plan/retire-by-default.ts'
import { toStatement } from '../../../src/sql/classify.ts'
import { migrationOf } from '../../helpers/migrations/engine.ts'

const day = 86_400_000

function retired(texts: readonly string[], changes: Partial<Migration> = {}, isDefault = true) {
  const statements = texts.map((text, index) =>
    toStatement({ type: 'statement', text, source: text, file: 'a.sql', line: index + 1, column: 1 }, index),
  )
  const migration = migrationOf('app/1', { up: { type: 'statements', statements }, ...changes })
  const [step] = retireByDefault([makeStep(migration, 'apply', 0)], { grace: 3 * day, isDefault })
  const up = step?.migration.up
  return up?.type === 'statements'
    ? up.statements.filter((one) => one.retire !== undefined).map(({ text }) => text)
    : []
}

test.each([
  'DROP TABLE a',
  'ALTER TABLE a DROP COLUMN b',
  'ALTER TABLE a DROP b',
  'DROP INDEX k ON a',
  'ALTER TABLE a DROP KEY k',
])('%s is retired', (text) => {
  expect(retired([text])).toEqual([text])
  expect(retired([text], {}, false)).toEqual([])
  expect(retired([text], { kind: 'drift' })).toEqual([])
  expect(retired([text], { shards: 'a' })).toEqual([])
})

test.each([
  [['ALTER TABLE a DROP COLUMN b, DROP COLUMN c']],
  [['DROP TABLE other.a']],
  [['CREATE TABLE a (b INT)', 'DROP TABLE a']],
  [['CREATE TABLE a (b INT, c INT)', 'ALTER TABLE a DROP COLUMN b']],
  [['ALTER TABLE a ADD COLUMN (b INT, c INT)', 'ALTER TABLE a DROP COLUMN b']],
  [['ALTER TABLE a DROP COLUMN b', 'ALTER TABLE a ADD COLUMN b INT']],
  [['ALTER TABLE a DROP COLUMN b', 'ALTER TABLE a RENAME COLUMN c TO B']],
  [['DROP INDEX k ON a', 'CREATE UNIQUE INDEX k ON a (b)']],
  [['CREATE INDEX k ON a (b)', 'DROP INDEX k ON a']],
  [['CREATE TABLE c (b INT)', 'RENAME TABLE c TO a', 'ALTER TABLE a DROP COLUMN b', 'DROP TABLE a']],
  [['CREATE TABLE c (b INT)', 'ALTER TABLE c RENAME TO a', 'DROP TABLE a']],
  [['DROP TABLE a', 'CREATE TABLE a (b INT, CONSTRAINT of_b FOREIGN KEY (b) REFERENCES z (id))']],
  [['DROP TABLE a', 'CREATE TABLE a (b INT)', 'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.b = 1']],
])('of %j nothing is retired', (texts) => {
  expect(retired(texts)).toEqual([])
})

test.each([
  [['UPDATE a SET c = b', 'ALTER TABLE a DROP COLUMN b']],
  [['ALTER TABLE a ADD COLUMN c INT', 'ALTER TABLE a DROP COLUMN b', 'ALTER TABLE z ADD COLUMN b INT']],
  [['DROP TABLE a', 'CREATE TABLE a (b INT)']],
  [['DROP TABLE a', 'CREATE TABLE a (b INT, CONSTRAINT CHECK (b > 0))']],
  [['CREATE TABLE c (b INT)', 'RENAME TABLE a TO d, c TO a', 'DROP TABLE d']],
])('of %j what is dropped is retired', (texts) => {
  expect(retired(texts)).toEqual(texts.filter((text) => text.includes('DROP')))
})

test('a file that accepts the loss means it', () => {
  const accepted = [{ code: 'DROP_COLUMN', reason: 'why', line: 1 }]
  expect(retired(['ALTER TABLE a DROP COLUMN b'], { accepted })).toEqual([])
  expect(retired(['DROP TABLE a'], { accepted })).toEqual(['DROP TABLE a'])
})
