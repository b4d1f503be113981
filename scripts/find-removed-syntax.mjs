// `node scripts/find-removed-syntax.mjs OLD_URL NEW_URL OLD_PROGRAM [--write]` with the URLs of MySQL 8.0.12 and 9.7 and the path of the old mysqld. Each word in
// that program is called as a function on both servers, and each form in statement-forms.ts is parsed by both. With --write,
// src/lint/upgrade/removed-syntax.generated.ts is written; without, a difference ends with 1. test/integration/lint holds the table against both servers.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv, exit, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'
import { createConnection } from 'mysql2/promise'

const { findRemovedFunctions, findRemovedStatements, findUntriedCounters, readWords, renderTable } = await createJiti(
  import.meta.url,
).import('./removed-syntax.ts')
const generatedFile = join(
  fileURLToPath(new URL('..', import.meta.url)),
  'src/lint/upgrade/removed-syntax.generated.ts',
)

async function main([oldUrl, newUrl, program, ...flags]) {
  const open = async (uri) => {
    const connection = await createConnection({ uri })
    await connection.query('CREATE DATABASE IF NOT EXISTS removed_syntax')
    await connection.query('USE removed_syntax')
    return connection
  }
  const [before, after] = [await open(oldUrl), await open(newUrl)]
  const untried = await findUntriedCounters(before)
  if (untried.length > 0) stdout.write(`no form for ${untried.join(', ')}\n`)
  const functions = await findRemovedFunctions(before, after, readWords(program))
  const { removed, parts } = await findRemovedStatements(before, after)
  for (const connection of [before, after]) {
    await connection.query('DROP DATABASE removed_syntax')
    await connection.end()
  }
  for (const form of parts) stdout.write(`part of a statement that is kept: ${form}\n`)
  const text = renderTable(functions, removed)
  stdout.write(text)
  if (flags.includes('--write')) writeFileSync(generatedFile, text)
  else if (readFileSync(generatedFile, 'utf8') !== text) exit(1)
  if (untried.length > 0) exit(1)
}

await main(argv.slice(2))
