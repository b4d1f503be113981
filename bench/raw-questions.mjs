// Asks with mysql2 what another program asked, and does nothing with it: `node raw-questions.mjs REQUEST`, a JSON file.
import { readFile } from 'node:fs/promises'
import mysql from 'mysql2/promise'

/** @type {{uri: string, questions: readonly (readonly [schema: string, text: string])[]}} */
const { uri, questions } = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'))

/** As many in one packet as wwdb sends: texts that are read, tables of a scratch schema that are created, each with its warnings. */
const together = /** @type {const} */ ([
  [/^SHOW CREATE /, 500],
  [/^(?:CREATE TABLE |SHOW WARNINGS)/, 32],
])

const connection = await mysql.createConnection({ uri, multipleStatements: true })
/** @type {string[]} */
let texts = []
let entered = ''

async function ask() {
  // What was written once cannot always be written again, and takes its time nonetheless.
  if (texts.length > 0) await connection.query({ sql: texts.join(';'), rowsAsArray: true }).catch(() => undefined)
  texts = []
}

/**
 * The kind of a packet, by its place in `together`; -1 for a question that is sent alone.
 * @param {string} schema
 * @param {string} text
 */
function kindOf(schema, text) {
  const kind = together.findIndex(([pattern]) => pattern.test(text))
  return kind === 1 && !schema.startsWith('wwdb_scratch_') ? -1 : kind
}

let before = -1
for (const [schema, text] of questions) {
  const kind = kindOf(schema, text)
  const isOther = schema !== '' && schema !== entered
  if (isOther || kind !== before || kind === -1 || texts.length === together[kind]?.[1]) await ask()
  if (isOther) await connection.query(`USE \`${schema}\``).catch(() => undefined)
  if (schema !== '') entered = schema
  texts.push(text.replace(/;\s*$/, ''))
  before = kind
}
await ask()
await connection.end()
