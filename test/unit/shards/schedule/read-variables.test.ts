import { describe, expect, test } from 'vitest'
import { type NeededVariables, readVariables } from '../../../../src/shards/schedule/read-variables.ts'

type Variables = Readonly<Record<string, string>>

function read(document: object, variables: Variables = {}, environment: string | null = null): NeededVariables {
  const file = { text: JSON.stringify(document), isModule: false, shown: 'wwdb.config.json', environment }
  return readVariables(file, variables, true)
}

function readModule(text: string, variables: Variables = {}): NeededVariables {
  return readVariables({ text, isModule: true, shown: 'wwdb.config.mjs', environment: null }, variables, true)
}

const whatOf = ({ faults }: NeededVariables): readonly string[] => faults.map(({ what }) => what)

describe('a URL that falls back to a default', () => {
  const url = `\${DB_URL:-mysql://root@127.0.0.1:3306}`

  test.each([
    [{ url }, 'url'],
    [{ databases: { app: { url } } }, 'databases.app.url'],
    [{ url: 'mysql://a@b', prefix: `\${PR:-pr_1_}` }, 'prefix'],
    [{ url: 'mysql://a@b', databases: { app: { schema: `\${S:-app}` } } }, 'databases.app.schema'],
  ])('%j is refused by the name of its setting', (document, path) => {
    expect(whatOf(read(document))).toEqual([expect.stringContaining(`\`${path}\` falls back to a default`)])
  })

  test('is refused no more where the variable is set: then it is needed there', () => {
    expect(read({ url }, { DB_URL: 'mysql://a@b' })).toEqual({ required: ['DB_URL'], unset: [], faults: [] })
  })

  test('does not count where the environment has another one', () => {
    const document = {
      url,
      databases: { app: { url: `\${APP_URL:-mysql://c@d}` } },
      environments: { live: { url: `\${LIVE_URL}` }, test: { url: `\${TEST_URL:-mysql://e@f}` } },
    }
    expect(read(document, {}, 'live')).toEqual({ required: ['LIVE_URL'], unset: [], faults: [] })
    expect(whatOf(read(document, {}, 'test'))).toHaveLength(1)
  })

  test.each([{ WWDB_URL: 'mysql://a@b' }, { WWDB_APP_URL: 'mysql://a@b' }])(
    'does not count where %j says it',
    (set) => {
      const document = { databases: { app: { url } } }
      expect(read(document, set)).toEqual({ required: Object.keys(set), unset: [], faults: [] })
    },
  )

  test('is found in a module, where it is a URL as it stands', () => {
    const text =
      "export default { url: process.env.DB_URL ?? 'mysql://root@127.0.0.1', concurrency: process.env['N'] || 4 }"
    expect(whatOf(readModule(text))).toEqual([expect.stringContaining('DB_URL')])
    expect(readModule(text, { DB_URL: 'mysql://a@b' })).toEqual({ required: ['DB_URL'], unset: ['N'], faults: [] })
  })
})

test('a variable without a default is needed there, set here or not; one of a store only where it is set here', () => {
  const document = { url: `\${DB_URL}`, password: `\${DB_PASSWORD}`, stores: { redis: { url: `\${REDIS_URL}` } } }
  expect(read(document)).toEqual({ required: ['DB_PASSWORD', 'DB_URL'], unset: ['REDIS_URL'], faults: [] })
  expect(read(document, { REDIS_URL: 'redis://a' }).required).toContain('REDIS_URL')
})

test('a default that says no place is named, and holds', () => {
  const document = { url: 'mysql://a@b', prefix: `\${PREFIX:-}`, timeouts: { lock: `\${LOCK:-5s}` } }
  expect(read(document)).toEqual({ required: [], unset: ['LOCK', 'PREFIX'], faults: [] })
})

test('without a URL anywhere, WWDB_URL is needed there', () => {
  expect(readVariables(null, {}, false).required).toEqual(['WWDB_URL'])
})

test('text that only looks like a variable is not taken for one', () => {
  expect(read({ url: 'mysql://a@b', password: `$\${NOT}` })).toEqual({ required: [], unset: [], faults: [] })
})
