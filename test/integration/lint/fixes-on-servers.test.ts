import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyTextEdits } from '../../../src/lint/review/apply-fixes.ts'
import { scan } from '../../../src/sql/scanner.ts'
import { allRules, lintFixture, migrationText } from '../../helpers/lint/lint-fixture.ts'
import { randomName } from '../../helpers/servers/schema.ts'
import { type ServerVersion, testServerOf } from '../../helpers/servers/servers.ts'

/** Every fixture that a safe fix changes, with its text before and after. */
const fixed = allRules.flatMap((rule) =>
  rule.fixtures.found.flatMap((fixture) => {
    const findings = lintFixture(fixture, [rule]).filter(({ edits }) => edits.length > 0)
    if (findings.length === 0) return []
    const before = migrationText(fixture)
    return [{ code: rule.code, setup: fixture.setup ?? '', before, after: applyTextEdits(before, findings) }]
  }),
)

/** The statements of the up part. */
function upOf(text: string): readonly string[] {
  const up = text.split('-- migrate:down')[0] ?? ''
  return [...scan(up, { file: 'fixture.sql' })].flatMap((piece) => (piece.type === 'statement' ? [piece.text] : []))
}

test('there are rules with a safe fix', () => {
  expect(new Set(fixed.map(({ code }) => code))).toEqual(new Set(['AND_SYMBOL', 'DISPLAY_WIDTH']))
  for (const { before, after } of fixed) expect(after).not.toBe(before)
})

describe.each<ServerVersion>(['8.0', '9.7'])('a safe fix makes the same tables and rows on %s', (version) => {
  const schema = randomName('fixes')
  let connection: Connection | undefined

  beforeAll(async () => {
    const server = await testServerOf(version)
    connection = await createConnection({ uri: `${server.url}/information_schema`, charset: 'utf8mb4', timezone: 'Z' })
  })
  afterAll(async () => {
    await connection?.query(`DROP DATABASE IF EXISTS \`${schema}\``)
    await connection?.end()
  })

  /** What the statements make, by the server's own words. A display width is a word of old servers alone, and no part of a type. */
  async function snapshot(statements: readonly string[]): Promise<readonly unknown[]> {
    if (connection === undefined) throw new Error('there is no connection')
    await connection.query(`DROP DATABASE IF EXISTS \`${schema}\``)
    await connection.query(`CREATE DATABASE \`${schema}\` CHARACTER SET utf8mb4`)
    await connection.query(`USE \`${schema}\``)
    for (const text of statements) await connection.query(text)
    const [tables] = await connection.query<RowDataPacket[]>('SHOW TABLES')
    const made: unknown[] = []
    for (const name of tables.map((row) => String(Object.values(row)[0]))) {
      const [[definition]] = await connection.query<RowDataPacket[]>(`SHOW CREATE TABLE \`${name}\``)
      const [rows] = await connection.query<RowDataPacket[]>(`SELECT * FROM \`${name}\` ORDER BY 1`)
      made.push(String(definition?.['Create Table']).replaceAll(/\b(\w*int)\(\d+\)/g, '$1'), rows)
    }
    return made
  }

  test.each(fixed)('$code: $before', async ({ setup, before, after }) => {
    const made = await snapshot([...upOf(setup), ...upOf(before)])
    expect(made.length).toBeGreaterThan(0)
    expect(await snapshot([...upOf(setup), ...upOf(after)])).toEqual(made)
  })
})
