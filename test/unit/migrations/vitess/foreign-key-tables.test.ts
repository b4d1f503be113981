import { expect, it } from 'vitest'
import type { Step } from '../../../../src/migrations/plan.ts'
import { findForeignKeyTables } from '../../../../src/migrations/vitess/foreign-key-tables.ts'
import { migrationOf } from '../../../helpers/migrations/engine.ts'
import { statementOf } from '../../../helpers/migrations/statements.ts'

function stepOf(texts: readonly string[], from = 0): Step {
  const statements = texts.map((text, index) => statementOf(text, index))
  const migration = migrationOf('message_db/1', { up: { type: 'statements', statements } })
  return { type: 'apply', migration, from, total: texts.length, hazards: [], algorithms: new Map(), after: [] }
}

async function find(texts: readonly string[], { isOnline = true, from = 0 } = {}) {
  const asked: string[] = []
  const readRows = async (question: string) => {
    asked.push(question)
    return [['letters', 'fk_sender', 'people']]
  }
  const faults = await findForeignKeyTables([stepOf(texts, from)], isOnline, { readRows })
  return { asked: asked.length, said: faults.map(({ what, why }) => `${what} ${why}`) }
}

it.each([
  'ALTER TABLE letters DROP CONSTRAINT fk_sender',
  'ALTER TABLE letters ADD COLUMN n INT',
  'ALTER TABLE people ADD COLUMN n INT',
  'CREATE INDEX i ON letters (n)',
  'DROP INDEX i ON people',
])('%s changes a table with a foreign key, which Vitess refuses online', async (text) => {
  const { said } = await find([text])
  expect(said).toEqual([
    expect.stringContaining(
      'does not run through vtgate. The foreign key `fk_sender` of `letters` refers to `people`. Online, Vitess changes neither of the two tables, not even to drop the key.',
    ),
  ])
  expect((await find([text], { isOnline: false })).said).toEqual([])
  expect((await find(['SELECT 1', text], { from: 2 })).said).toEqual([])
})

it('a table that the plan has dropped before has no key any more, nor has its parent one from it', async () => {
  const made = ['DROP TABLE letters', 'CREATE TABLE letters (id INT)']
  const added = ['letters', 'people'].map((table) => `ALTER TABLE ${table} ADD COLUMN n INT`)
  expect((await find([...made, ...added])).said).toEqual([])
  expect((await find(['DROP TABLE notes', ...added])).said).toHaveLength(2)
  expect((await find([...added, ...made])).said).toHaveLength(2)
})

it('other tables are changed, and the keyspace is not asked where no table is', async () => {
  expect(await find(['ALTER TABLE notes DROP CONSTRAINT positive'])).toEqual({ asked: 1, said: [] })
  expect(await find(['INSERT INTO letters VALUES (1)', 'DROP TABLE letters'])).toEqual({ asked: 0, said: [] })
})
