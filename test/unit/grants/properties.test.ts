import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAccountName } from '../../../src/grants/account.ts'
import { compareGrants, readGrants } from '../../../src/grants/compare-grants.ts'
import { computeGrants } from '../../../src/grants/compute-grants.ts'
import type { Grant } from '../../../src/grants/grant.ts'
import type { Migration, Script } from '../../../src/migrations/migration.ts'
import { resolveText } from '../config/resolve-text.ts'

/** Whether a name is like a pattern of GRANT, letter by letter: what the regular expression of `compareGrants` must agree with. */
function isLike(name: string, pattern: string): boolean {
  const [first = '', second = ''] = pattern
  if (pattern === '') return name === ''
  if (first === '%') return isLike(name, pattern.slice(1)) || (name !== '' && isLike(name.slice(1), pattern))
  const length = first === '\\' && second !== '' ? 2 : 1
  const isSame = (first === '_' && name !== '') || (name !== '' && name[0] === (length === 2 ? second : first))
  return isSame && isLike(name.slice(1), pattern.slice(length))
}

const letters = fc.constantFrom('a', 'b', '_', '%', '.', '(')
const names = fc.string({ unit: letters, minLength: 1, maxLength: 4 })
const patterns = fc.string({ unit: fc.oneof(letters, fc.constantFrom('\\_', '\\%')), minLength: 1, maxLength: 5 })

test('a grant on a pattern covers just the schemas whose names are like it', () => {
  fc.assert(
    fc.property(names, patterns, (schema, pattern) => {
      const needed: readonly Grant[] = [{ privileges: ['SELECT'], place: { type: 'schema', schema } }]
      const held = readGrants([`GRANT SELECT ON \`${pattern}\`.* TO \`u\`@\`%\``])
      expect(compareGrants(needed, held).missing.length === 0, `${schema} LIKE ${pattern}`).toBe(
        isLike(schema, pattern),
      )
    }),
    { numRuns: 2000 },
  )
})

test('what an account lacks is what it is given: then it lacks nothing, and nothing is too much', () => {
  const grants = fc.array(
    fc.record({
      privileges: fc.uniqueArray(fc.constantFrom('SELECT', 'INSERT', 'DROP', 'ALTER'), { minLength: 1 }),
      schema: fc.constantFrom('app', 'a_b', 'aXb'),
    }),
    { minLength: 1, maxLength: 4 },
  )
  const textOf = ({ privileges, schema }: { privileges: readonly string[]; schema: string }) =>
    `GRANT ${privileges.join(', ')} ON \`${schema.replaceAll('_', '\\_')}\`.* TO \`u\`@\`%\``
  fc.assert(
    fc.property(grants, (wanted) => {
      const needed = wanted.map(({ privileges, schema }): Grant => ({ privileges, place: { type: 'schema', schema } }))
      const { missing } = compareGrants(needed, [])
      const given = missing.flatMap(({ privileges, place }) =>
        place.type === 'schema' ? [textOf({ privileges, schema: place.schema })] : [],
      )
      expect(compareGrants(needed, readGrants(given))).toEqual({ missing: [], excess: [] })
    }),
  )
})

test('an account is read as it is written, and without a host as one of any host', () => {
  const name = fc.stringMatching(/^[a-z0-9_.-]{1,32}$/)
  const host = fc.stringMatching(/^[a-z0-9.%:/-]{1,20}$/)
  fc.assert(
    fc.property(name, host, (user, from) => {
      expect(readAccountName(`${user}@${from}`)).toBe(`${user}@${from}`)
      expect(readAccountName(user)).toBe(`${user}@%`)
    }),
  )
})

const { config } = resolveText(
  JSON.stringify({
    databases: { app: {}, near: {}, far: { url: 'mysql://root@other/far' } },
    url: 'mysql://root@h',
  }),
)

function grantsOf(up: Script, down: Script | null, requires: readonly string[] = []): readonly Grant[] {
  const migration: Migration = {
    ...{ database: 'app', version: '0001', name: 'a', kind: 'versioned', file: 'a', checksum: '', up, down },
    ...{ conditions: [], accepted: [], requires: requires.map((database) => ({ database, version: '0001' })) },
  } as Migration
  const project = { config, migrations: new Map([['app', [migration]]]), families: [], seeded: [] }
  return computeGrants(
    project,
    'migrate',
    config.databases.filter(({ name }) => name === 'app'),
  )
}

const on = (grants: readonly Grant[], schema: string): readonly string[] =>
  grants.flatMap(({ place, privileges }) => (place.type === 'schema' && place.schema === schema ? privileges : []))

test('a file that requires another database is granted a look at it where both are on one server: no GRANT reaches another', () => {
  const nothing: Script = { type: 'statements', statements: [] }
  fc.assert(
    fc.property(fc.subarray(['near', 'far', 'gone']), (requires) => {
      const grants = grantsOf(nothing, null, requires)
      expect(on(grants, 'near')).toEqual(requires.includes('near') ? ['SELECT'] : [])
      expect(grants.filter(({ place }) => place.type === 'schema').length).toBe(requires.includes('near') ? 2 : 1)
    }),
  )
})

test('what code may change in its own database does not depend on the part that is code', () => {
  const nothing: Script = { type: 'statements', statements: [] }
  const code = { type: 'module' } as unknown as Script
  const rows = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
  for (const [up, down] of [
    [code, null],
    [code, nothing],
    [nothing, code],
    [code, code],
  ] as const)
    expect(on(grantsOf(up, down), 'app')).toEqual(expect.arrayContaining(rows))
})
