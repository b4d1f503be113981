// Asks with mysql2 what another program asked, and does nothing with it: `node raw-questions.mjs REQUEST`, a JSON file.
import { readFile } from 'node:fs/promises'
import mysql from 'mysql2/promise'

const { uri, questions } = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'))
/** As many in one packet as wwdb sends. */
const together = 500

const connection = await mysql.createConnection({ uri, multipleStatements: true })
/** @type {string[]} */
let texts = []

async function ask() {
  // What was written once cannot always be written again, and takes its time nonetheless.
  if (texts.length > 0) await connection.query({ sql: texts.join(';'), rowsAsArray: true }).catch(() => undefined)
  texts = []
}

for (const question of questions) {
  const isText = question.startsWith('SHOW CREATE ')
  if (!isText || texts.length === together) await ask()
  texts.push(question.replace(/;\s*$/, ''))
  if (!isText) await ask()
}
await ask()
await connection.end()
