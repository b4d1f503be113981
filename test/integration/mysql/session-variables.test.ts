import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { listMeaningVariables } from '../../../src/config/session-variables.ts'
import { pinSession } from '../../../src/mysql/pinned-session.ts'
import { type ServerVersion, testServerOf } from '../../helpers/servers/servers.ts'

/** What `SET NAMES` sets. */
const byNames = ['character_set_client', 'character_set_connection', 'character_set_results', 'collation_connection']

/** The variables that a session is pinned to: in the SET, or set where the server's value is another. */
function listPinned(): ReadonlySet<string> {
  const written = [...pinSession(5000).matchAll(/(?<![\w'])([a-z][a-z0-9_]*)=/g)].map(([, name]) => name ?? '')
  return new Set([...written, ...byNames, ...listMeaningVariables(new Map()).map(([name]) => name)])
}

/** The variables of the table in guarantees.md. */
function listLeft(): readonly string[] {
  const page = readFileSync(resolve(import.meta.dirname, '../../../docs/operations/guarantees.md'), 'utf8')
  const section = page.slice(page.indexOf('## A session is hermetic'), page.indexOf('## Bad input gets a sentence'))
  const table = section.slice(section.indexOf('| --- | --- |'))
  return [...table.matchAll(/^\| ([a-z0-9_, ]+) \|/gm)].flatMap(([, names]) => (names ?? '').split(', '))
}

/** Those that have a value of their own in each session. */
async function readSessionVariables(version: ServerVersion): Promise<readonly string[]> {
  const connection = await createConnection({ uri: (await testServerOf(version)).url })
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT VARIABLE_NAME name FROM performance_schema.session_variables',
  )
  const names: string[] = []
  for (const { name } of rows) {
    const isSession = await connection.query(`SELECT @@SESSION.${String(name)}`).then(
      () => true,
      () => false,
    )
    if (isSession) names.push(String(name))
  }
  await connection.end()
  return names
}

describe.each<ServerVersion>(['9.7', '8.0'])('the session variables of MySQL %s', (version) => {
  test('each has a value, or is in the table of those that are left', async () => {
    const known = new Set([...listPinned(), ...listLeft()])
    const names = await readSessionVariables(version)
    expect(names.length).toBeGreaterThan(100)
    expect(names.filter((name) => !known.has(name))).toEqual([])
  })
})

test('the table names no variable twice, none that has a value, and none that no version has', async () => {
  const left = listLeft()
  const pinned = listPinned()
  const all = new Set([...(await readSessionVariables('9.7')), ...(await readSessionVariables('8.0'))])
  expect(left.filter((name, index) => left.indexOf(name) !== index)).toEqual([])
  expect(left.filter((name) => pinned.has(name))).toEqual([])
  expect(left.filter((name) => !all.has(name))).toEqual([])
  expect([...pinned].filter((name) => !all.has(name))).toEqual([])
})
