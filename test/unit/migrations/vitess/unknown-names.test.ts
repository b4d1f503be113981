import { expect, it } from 'vitest'
import type { Plan, Step } from '../../../../src/migrations/plan.ts'
import { findUnknownNames, listMade } from '../../../../src/migrations/vitess/unknown-names.ts'
import { migrationOf } from '../../../helpers/migrations/engine.ts'
import { statementOf } from '../../../helpers/migrations/statements.ts'

function stepOf(database: string, texts: readonly string[], from = 0): Step {
  const statements = texts.map((text, index) => statementOf(text, index))
  const migration = migrationOf(`${database}/1`, { up: { type: 'statements', statements } })
  return { type: 'apply', migration, from, total: texts.length, hazards: [], algorithms: new Map(), after: [] }
}

const planOf = (steps: Readonly<Record<string, Step>>): Plan => ({
  direction: 'up',
  targets: Object.entries(steps).map(([database, step]) => ({
    ...{ target: { database, schema: database, server: 'vtgate' }, inputsDigest: '', steps: [step], notes: [] },
  })),
})

/** A keyspace that has the tables `old` and the sequence `user_db.ids`. */
const session = {
  readDefinitions: async (objects: readonly { readonly name: string }[]) =>
    objects.map(({ name }) => (name === 'old' ? 'CREATE TABLE' : null)),
  findSequences: async (name: string) => (name === 'ids' ? ['user_db'] : []),
}

async function find(texts: readonly string[], others: Readonly<Record<string, Step>> = {}, from = 0) {
  const step = stepOf('message_db', texts, from)
  const made = listMade(planOf({ message_db: step, ...others }))
  const own = { keyspace: 'message_db', resolve: (text: string) => text.replaceAll('{{schema:user_db}}', 'user_db') }
  return (await findUnknownNames([step], own, made, session)).map(({ what }) => what)
}

it.each([
  ['ALTER VSCHEMA ON odl ADD VINDEX v (id) USING xxhash', 'names the table `odl`, which does not exist'],
  ['ALTER VSCHEMA CREATE VINDEX v USING lookup WITH owner=odl, table=c', 'names the table `odl`, which does not exist'],
  ['ALTER VSCHEMA ADD TABLE odl', 'names the table `odl`, which does not exist'],
  [
    'ALTER VSCHEMA ON old ADD AUTO_INCREMENT id USING user_db.idz',
    'the sequence `user_db`.`idz`, which does not exist',
  ],
  ['ALTER VSCHEMA ON old ADD AUTO_INCREMENT id USING other_db.ids', 'the sequence `other_db`.`ids`, which does not'],
  ['ALTER VSCHEMA ON old ADD AUTO_INCREMENT id USING idz', 'the sequence `idz`, which does not exist'],
])('%s names what neither exists nor is made', async (text, said) => {
  expect(await find([text])).toEqual([expect.stringContaining(said)])
})

it.each([
  ['ALTER VSCHEMA ON old ADD VINDEX v (id) USING xxhash'],
  ['ALTER VSCHEMA ON old ADD AUTO_INCREMENT id USING {{schema:user_db}}.ids'],
  ['ALTER VSCHEMA ON old ADD AUTO_INCREMENT id USING ids'],
  ['ALTER VSCHEMA ON odl DROP VINDEX v'],
  ['ALTER VSCHEMA CREATE VINDEX v USING xxhash'],
  ['ALTER VSCHEMA CREATE VINDEX v USING lookup WITH table=user_db.codes, `owner`=old'],
])('%s names what exists, or no table', async (text) => {
  expect(await find([text])).toEqual([])
})

it('what the plan makes exists, in whichever order, and what has run is not looked at', async () => {
  const vindex = 'ALTER VSCHEMA ON fresh ADD VINDEX v (id) USING xxhash'
  expect(await find([vindex, 'CREATE TABLE fresh (id INT)'])).toEqual([])
  const numbered = ['ALTER VSCHEMA ON old ADD AUTO_INCREMENT id USING user_db.more']
  expect(await find(numbered)).toHaveLength(1)
  expect(await find(numbered, { user_db: stepOf('user_db', ['ALTER VSCHEMA ADD SEQUENCE more']) })).toEqual([])
  expect(await find(numbered, { other_db: stepOf('other_db', ['ALTER VSCHEMA ADD SEQUENCE more']) })).toHaveLength(1)
  expect(await find([vindex], {}, 1)).toEqual([])
})
