import { expect, test } from 'vitest'
import { lintFixture } from '../../helpers/lint/lint-fixture.ts'

function narrowed(sql: string, setup?: string) {
  return lintFixture({ sql, ...(setup !== undefined && { setup }) })
    .filter(({ code }) => code === 'NARROW_COLUMN')
    .map(({ severity, stops }) => ({ severity, stops }))
}

test('a column of which no file says the type may narrow: a hint, which fails no check', () => {
  const sure = { severity: 'error', stops: true }
  const unsure = { severity: 'hint', stops: false }
  const change = 'ALTER TABLE a MODIFY n SMALLINT'
  expect(narrowed(change)).toEqual([unsure])
  expect(narrowed('ALTER TABLE a CONVERT TO CHARACTER SET latin1')).toEqual([unsure])
  expect(narrowed(change, 'CREATE TABLE a (id INT PRIMARY KEY, n INT)')).toEqual([sure])
  expect(narrowed(change, 'CREATE TABLE a (id INT PRIMARY KEY, n TINYINT)')).toEqual([])
})

test('the same of a column that a procedure changes', () => {
  const called = 'DELIMITER //\nCREATE PROCEDURE p() ALTER TABLE a MODIFY n SMALLINT//\nDELIMITER ;\nCALL p()'
  const found = (setup?: string) =>
    lintFixture({ sql: called, ...(setup !== undefined && { setup }) }).filter(({ code }) => code === 'BODY_DELETES')
  expect(found()).toMatchObject([{ severity: 'hint', stops: false }])
  expect(found('CREATE TABLE a (id INT PRIMARY KEY, n INT)')).toMatchObject([{ severity: 'error', stops: true }])
})

test('a table that a file makes with IF NOT EXISTS, and that no file before has, has no rows by the files', () => {
  const made = "CREATE TABLE IF NOT EXISTS a (id INT PRIMARY KEY, n INT, e ENUM('x', 'y'));"
  const changes = ["ALTER TABLE a MODIFY n SMALLINT, MODIFY e ENUM('y', 'x')", 'DROP TABLE a', 'DELETE FROM a']
  const found = (sql: string, setup?: string) =>
    lintFixture({ sql, ...(setup !== undefined && { setup }) })
      .filter(({ severity }) => severity === 'error')
      .map(({ code }) => code)
  for (const change of changes) {
    expect(found(`${made} ${change}`)).toEqual([])
    expect(found(`${made} ${change}`, made)).not.toEqual([])
  }
  expect(found(`INSERT INTO a VALUES (1, 1, 'x'); ${made} DELETE FROM a`)).toContain('DELETE_ALL_ROWS')
})

test('a text that EXECUTE runs leaves in doubt the tables that its strings name, and no others', () => {
  const setup = 'CREATE TABLE users (id INT PRIMARY KEY, n INT); CREATE TABLE other (id INT PRIMARY KEY, n INT)'
  const run = (set: string, change: string) =>
    lintFixture({ setup: `${setup}; ${set}; PREPARE s FROM @s; EXECUTE s; DEALLOCATE PREPARE s`, sql: change })
      .filter(({ code }) => code === 'UNKNOWN_COLUMN')
      .map(({ code }) => code)
  const [ofUsers, ofOther] = ['ALTER TABLE users DROP COLUMN m', 'ALTER TABLE other DROP COLUMN m']
  const guarded =
    "SET @s = (SELECT IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_NAME = 'users') > 0, 'SELECT 1', 'ALTER TABLE users ADD m INT'))"
  expect(run(guarded, ofUsers)).toEqual([])
  expect(run(guarded, ofOther)).toEqual(['UNKNOWN_COLUMN'])
  for (const glued of [
    "SET @t = 'users'; SET @s = CONCAT('ALTER TABLE ', @t, ' ADD m INT')",
    "SET @s = CONCAT('ALTER TABLE us', 'ers ADD m INT')",
  ]) {
    expect(run(glued, ofUsers)).toEqual([])
    expect(run(glued, ofOther)).toEqual(['UNKNOWN_COLUMN'])
  }
  for (const unseen of [
    'SET @s = (SELECT text FROM texts)',
    "SET @s = CONCAT('CALL ', 'p()')",
    "SET @s = CONCAT('ALTER TABLE ', (SELECT name FROM names), ' ADD m INT')",
  ])
    expect(run(unseen, ofOther)).toEqual([])
})

test('a table that a judged file made has no rows of before, also behind a DROP DATABASE and a text that names it', () => {
  const found = (between: string) =>
    lintFixture({ sql: `CREATE TABLE a (id INT PRIMARY KEY, n INT); ${between}; DROP TABLE a` }).map(({ code }) => code)
  const text =
    "SET @s = CONCAT('ALTER TABLE a ADD m INT DEFAULT ', 1); PREPARE s FROM @s; EXECUTE s; DEALLOCATE PREPARE s"
  for (const between of ['DROP DATABASE elsewhere', 'CREATE DATABASE elsewhere', text])
    expect(found(between)).not.toContain('DROP_TABLE')
})
