// Asks one question with mysql2 and nothing else: `node raw-query.mjs REQUEST`, a JSON file.
import { readFile } from 'node:fs/promises'
import mysql from 'mysql2/promise'

const { uri, query } = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'))
const connection = await mysql.createConnection({ uri })
await connection.query({ sql: query, rowsAsArray: true })
await connection.end()
