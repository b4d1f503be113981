import { expect, test } from 'vitest'
import { Places } from '../../../../src/migrations/many/places.ts'
import { databaseOf } from '../../../helpers/migrations/engine.ts'

const facts = { uuid: 'one', foldsNames: true } as never
const listed = (...schemas: readonly string[]) =>
  schemas.map((schema) => ({
    label: `tenant_db/${schema}`,
    placedLabel: null,
    database: databaseOf('tenant_db', { schema }),
  }))
const never = { openMany: () => Promise.reject(new Error('no server is asked')) }

test('one schema under two addresses of a server, or in two spellings where it folds names, is refused', async () => {
  const places = new Places([
    { listed: listed('acme'), many: { facts } },
    { listed: listed('Acme', 'globex'), many: { facts } },
  ])
  expect(() => places.refuseTwins([])).toThrow('is the same schema as `tenant_db/acme`')
  expect(places.has({ facts }, 'GLOBEX')).toBe(true)
  expect(places.has({ facts }, 'initech')).toBe(false)
})

test('schemas of one name on two servers, and in two spellings where names are not folded, are two', () => {
  const other = { uuid: 'two', foldsNames: false } as never
  const places = new Places([
    { listed: listed('acme'), many: { facts } },
    { listed: listed('acme', 'Acme'), many: { facts: other } },
  ])
  expect(() => places.refuseTwins([])).not.toThrow()
})

test('another database with the schema of a target under another address is refused, and only a database of that name is asked', async () => {
  const places = new Places([{ listed: listed('acme'), many: { facts } }])
  const control = databaseOf('control_db', { schema: 'ACME' })
  const asked: string[] = []
  const openMany = async ({ name }: { readonly name: string }) => {
    asked.push(name)
    return { facts, close: async () => undefined } as never
  }
  const config = { databases: [control, databaseOf('other_db')], timeouts: {} } as never
  expect(() => places.refuseTwins([])).not.toThrow()
  const others = await places.findOthers({ openMany }, config)
  expect(asked).toEqual(['control_db'])
  expect(() => places.refuseTwins(others)).toThrow('is the same schema as `databases.control_db`')
  expect(await places.findOthers(never, { databases: [databaseOf('other_db')], timeouts: {} } as never)).toEqual([])
})
