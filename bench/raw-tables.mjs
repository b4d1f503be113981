// Makes tables with mysql2 and nothing else: `node raw-tables.mjs REQUEST`, a JSON file.
import { readFile } from 'node:fs/promises'
import mysql from 'mysql2/promise'

/** `texts` with the digits `key` in their names, for every instance from 1. */
const { uri, connections, instances, texts, key } = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'))

let next = 1

async function work() {
  const connection = await mysql.createConnection({ uri })
  for (let instance = next++; instance <= instances; instance = next++)
    for (const text of texts) await connection.query(text.replaceAll(`_${key}\``, `_${instance}\``))
  await connection.end()
}

await Promise.all(Array.from({ length: connections }, work))
