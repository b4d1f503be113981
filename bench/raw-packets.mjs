// Asks with mysql2, in packets, what another program asked, and does nothing with it: `node raw-packets.mjs REQUEST`, a JSON file.
import { readFile } from 'node:fs/promises'
import mysql from 'mysql2/promise'

/** @type {{uri: string, most: number, questions: readonly string[]}} */
const { uri, most, questions } = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'))

const connection = await mysql.createConnection({ uri, multipleStatements: true })
for (let at = 0; at < questions.length; at += most)
  await connection.query({ sql: questions.slice(at, at + most).join(';'), rowsAsArray: true })
await connection.end()
