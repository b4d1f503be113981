// Asks what wwdb asks for the snapshot of a schema with mysql2, and does nothing with it: `node raw-snapshot.mjs REQUEST`, a JSON file.
import { readFile } from 'node:fs/promises'
import mysql from 'mysql2/promise'

const { uri, first, texts } = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'))
/** As many in one packet as wwdb sends. */
const together = 500

const connection = await mysql.createConnection({ uri, multipleStatements: true })
await connection.query({ sql: first.join(';'), rowsAsArray: true })
for (let at = 0; at < texts.length; at += together)
  await connection.query({ sql: texts.slice(at, at + together).join(';'), rowsAsArray: true })
await connection.end()
