import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { noRecordChange } from '../../../src/ddl/recorded-schema.ts'
import { showTable } from '../../../src/ddl/shown-table.ts'
import type { CodeSnapshot } from '../../../src/ddl/snapshot.ts'
import { createRecordTable, renderRecord } from '../../../src/migrations/mysql/record-table.ts'
import { withSchema } from '../../helpers/servers/schema.ts'

const schema = withSchema()

const view: CodeSnapshot = {
  type: 'view',
  name: 'v',
  text: "select 'it''s' AS `a\\b`,\"q\",'账号 😀 \u00ff\u0080' AS `c`,'\\\\\\'' AS `d`\t\n-- \u0001",
  definer: 'root@%',
  sqlMode: null,
  timeZone: null,
  table: null,
  order: 0,
}

/** As a server shows them, quotes and backslashes included. */
const shown = [
  "COMMENT='it''s'",
  "COMMENT='a\\\\b\\n'",
  "COMMENT='账号 😀 \u00ff\u0080 \\\\'",
  "COMMENT='\u0001\\\\'",
].map((comment, at) => `CREATE TABLE \`t${at}\` (\n  \`id\` int NOT NULL DEFAULT '0'\n) ENGINE=InnoDB ${comment}`)

test.each([
  ['', 'utf8mb4'],
  ['NO_BACKSLASH_ESCAPES,ANSI_QUOTES', 'utf8mb4'],
  ['ANSI,PIPES_AS_CONCAT', 'latin1'],
  ['NO_BACKSLASH_ESCAPES', 'sjis'],
  ['', 'gbk'],
  ['TRADITIONAL', 'binary'],
])('a definition is recorded as it is under sql_mode `%s` and the character set %s', async (mode, names) => {
  const connection = await createConnection({ uri: schema().url, rowsAsArray: true })
  try {
    await connection.query(`DROP TABLE IF EXISTS wwdb_schema, wwdb_journal`)
    await connection.query(createRecordTable())
    await connection.query('CREATE TABLE wwdb_journal (pass INT)')
    await connection.query(`SET SESSION sql_mode='${mode}'`)
    await connection.query(`SET NAMES ${names}`)
    const context = { collations: new Map(), databases: new Map() }
    const tables = shown.map((text, at) => showTable(`t${at}`, text, context))
    const [write = ''] = [...renderRecord({ ...noRecordChange, put: [view, ...tables] }, '0.1.0', 1_000_000)]
    expect(write).toMatch(/^REPLACE INTO wwdb_schema/)
    await connection.query(write)
    await connection.query('SET NAMES utf8mb4')
    const [[row]] = await connection.query<RowDataPacket[]>("SELECT definition FROM wwdb_schema WHERE name='v'")
    expect(JSON.parse(String(row?.[0]))).toEqual(view)
    const [rows] = await connection.query<RowDataPacket[]>(
      "SELECT definition,SHA2(definition,256)=fingerprint FROM wwdb_schema WHERE kind='table' ORDER BY name",
    )
    expect(rows).toEqual(shown.map((text) => [text, 1]))
  } finally {
    await connection.end()
  }
})
