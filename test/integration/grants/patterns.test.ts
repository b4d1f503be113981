import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareGrants, readGrants } from '../../../src/grants/compare-grants.ts'
import { type Grant, grantText, type NameRules } from '../../../src/grants/grant.ts'
import { asRoot } from '../../helpers/grants/grant-trial.ts'
import { type OwnServer, type ServerVersion, startServer } from '../../helpers/servers/servers.ts'

const schema = 'gr_app'
const needed: readonly Grant[] = [{ privileges: ['SELECT', 'INSERT'], place: { type: 'schema', schema } }]

interface Case {
  readonly what: string
  /** What the account is given, and what is taken from it. */
  readonly statements: readonly string[]
}

/** Rights at patterns that mean the schema, or nearly. The server itself says what each account may do. */
const cases: readonly Case[] = [
  { what: 'its own name', statements: ['GRANT SELECT ON `gr\\_app`.* TO u'] },
  { what: 'a name whose underscore is any character', statements: ['GRANT SELECT ON `gr_app`.* TO u'] },
  { what: 'two characters at the place of one', statements: ['GRANT SELECT ON `gr__app`.* TO u'] },
  { what: 'any characters', statements: ['GRANT SELECT, INSERT ON `gr%`.* TO u'] },
  { what: 'one character for each', statements: ['GRANT INSERT ON `______`.* TO u'] },
  { what: 'another schema', statements: ['GRANT SELECT ON `grXapp`.* TO u'] },
  { what: 'another case', statements: ['GRANT SELECT ON `GR\\_APP`.* TO u'] },
  { what: 'the server and a schema', statements: ['GRANT SELECT ON *.* TO u', 'GRANT INSERT ON `gr\\_app`.* TO u'] },
  {
    what: 'the schema and a pattern that means it too',
    statements: ['GRANT SELECT ON `gr\\_app`.* TO u', 'GRANT INSERT ON `gr%`.* TO u'],
  },
  {
    what: 'two patterns, of which the longer one begins with more text',
    statements: ['GRANT SELECT ON `gr\\_%`.* TO u', 'GRANT INSERT ON `g%`.* TO u'],
  },
  {
    what: 'all of a name in backticks',
    statements: ['GRANT SELECT ON `gr app`.* TO u', 'GRANT INSERT ON `gr``_app`.* TO u'],
  },
]

/** Which of the two counts is the order of the grants, until the server starts again: neither may be relied on. */
const alike = ['GRANT SELECT ON `gr_app`.* TO u', 'GRANT INSERT ON `gr%app`.* TO u']

/** What is taken again from a server that has it, which needs `partial_revokes`; patterns are plain names there. */
const partialCases: readonly Case[] = [
  { what: 'a pattern', statements: ['GRANT SELECT ON `gr%`.* TO u'] },
  { what: 'a backslash', statements: ['GRANT SELECT ON `gr\\_app`.* TO u'] },
  { what: 'the plain name', statements: ['GRANT INSERT ON `gr_app`.* TO u'] },
  {
    what: 'the server but for the schema',
    statements: ['GRANT SELECT, INSERT ON *.* TO u', 'REVOKE INSERT ON `gr_app`.* FROM u'],
  },
  {
    what: 'the server but for another schema',
    statements: ['GRANT SELECT, INSERT ON *.* TO u', 'REVOKE INSERT ON `other`.* FROM u'],
  },
]

interface Server {
  readonly what: string
  readonly version: ServerVersion
  readonly flags: readonly string[]
  readonly own: readonly Case[]
  readonly rules: NameRules
}

const usual = { foldsNames: false, hasPatterns: true }

const servers: readonly Server[] = [
  { what: '9.7', version: '9.7', flags: [], own: cases, rules: usual },
  { what: '8.0', version: '8.0', flags: [], own: cases, rules: usual },
  {
    what: '9.7 with partial_revokes',
    version: '9.7',
    flags: ['--partial-revokes=ON'],
    own: partialCases,
    rules: { foldsNames: false, hasPatterns: false },
  },
]

describe.each(servers)('rights at patterns on MySQL $what', ({ version, flags, own, rules }) => {
  let server: OwnServer
  beforeAll(async () => {
    server = await startServer({ version, flags })
    await asRoot(server.url, `CREATE DATABASE ${schema}`, 'CREATE DATABASE other', `CREATE TABLE ${schema}.t (a INT)`)
  })
  afterAll(() => server.stop())

  test.each(own)(
    '$what: what is missing is what the server refuses, and its GRANT gives it',
    async ({ statements }) => {
      await asRoot(server.url, 'DROP USER IF EXISTS u', 'CREATE USER u', ...statements)
      const compare = async () => compareGrants(needed, readGrants(await showGrants(server.url)), rules).missing
      const missing = await compare()
      const refused = await listRefused(server.url)
      // A GRANT at the schema names all that is needed there, so it may repeat what a pattern gave.
      expect(missing.flatMap((grant) => grant.privileges)).toEqual(expect.arrayContaining([...refused]))
      expect(missing.length > 0).toBe(refused.length > 0)
      await asRoot(server.url, ...missing.map((grant) => grantText(grant, 'u', rules)))
      expect(await listRefused(server.url)).toEqual([])
      expect(await compare()).toEqual([])
    },
  )

  if (rules.hasPatterns) {
    test('two patterns with their wildcards at one place are not relied on', async () => {
      await asRoot(server.url, 'DROP USER IF EXISTS u', 'CREATE USER u', ...alike)
      const { missing } = compareGrants(needed, readGrants(await showGrants(server.url)), rules)
      expect(missing).toEqual(needed)
    })
  }
})

async function showGrants(url: string): Promise<readonly string[]> {
  const connection = await createConnection({ uri: url })
  try {
    const [rows] = await connection.query<RowDataPacket[]>('SHOW GRANTS FOR u')
    return rows.flatMap((row) => Object.values(row).map(String))
  } finally {
    await connection.end()
  }
}

/** Which of both the server refuses to the account. */
async function listRefused(url: string): Promise<readonly string[]> {
  const { port } = new URL(url)
  const connection = await createConnection({ host: '127.0.0.1', port: Number(port), user: 'u' })
  const isRefused = async (text: string): Promise<boolean> =>
    connection.query(text).then(
      () => false,
      (error: { readonly errno?: number }) => {
        if (error.errno === 1044 || error.errno === 1142) return true
        throw error
      },
    )
  try {
    const refused: string[] = []
    if (await isRefused(`SELECT * FROM ${schema}.t`)) refused.push('SELECT')
    if (await isRefused(`INSERT INTO ${schema}.t VALUES (1)`)) refused.push('INSERT')
    return refused
  } finally {
    await connection.end()
  }
}
