// Asks with mysql2, in packets, what another program asked of each server, of all of them at once, and does nothing with it: `node raw-packets.mjs REQUEST`, a JSON file.
import { readFile } from 'node:fs/promises'
import mysql from 'mysql2/promise'

/** @type {{most: number, servers: readonly {uri: string, questions: readonly string[]}[]}} */
const { most, servers } = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'))

await Promise.all(
  servers.map(async ({ uri, questions }) => {
    const connection = await mysql.createConnection({ uri, multipleStatements: true })
    for (let at = 0; at < questions.length; at += most)
      await connection.query({ sql: questions.slice(at, at + most).join(';'), rowsAsArray: true })
    await connection.end()
  }),
)
