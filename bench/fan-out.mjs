import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inSeconds, interleave, measureIfMain, runProgram, runWwdb } from './harness.mjs'
import { connections, makeShardsProject, renderShards } from './shards-project.mjs'

const shards = Number(process.env['WWDB_BENCH_INSTANCES'] ?? 1000)
const worker = fileURLToPath(new URL('raw-tables.mjs', import.meta.url))
/** At least so much of the raw rate. */
const limit = 0.9

/** A migration that adds a column instantly to every shard, beside mysql2 alone over as many connections. @type {import('./harness.mjs').Measure} */
export async function fanOut({ server, rounds }) {
  const { config, reset } = await makeShardsProject(server)
  await reset(shards)
  await runWwdb(['rotate', 'run', '--family', 'contacts', '--config', config])
  const raw = await makeRawTables(server, config)
  const wwdb = ['migrate', '-t', 'contact_db', '--config', config]
  const seconds = await interleave(Math.min(rounds, 5), [
    { name: 'raw', prepare: raw.prepare, run: () => runProgram(process.execPath, [worker, raw.request]) },
    { name: 'wwdb', prepare: columnsOf(dirname(config)), run: () => runWwdb(wwdb) },
  ])
  const behind = await server.query(
    `SELECT COUNT(*) FROM contact_db.wwdb_shards WHERE template_version <> (SELECT MAX(version) FROM contact_db.wwdb_shard_families)`,
  )
  if (Number(behind) !== 0) throw new Error(`${behind} shards were left behind`)
  const rate = seconds('raw') / seconds('wwdb')
  return [
    {
      name: `INSTANT fan-out over ${shards.toLocaleString('en')} shards`,
      wwdb: inSeconds(seconds('wwdb')),
      reference: `mysql2 ${inSeconds(seconds('raw'))}`,
      value: `${rate.toFixed(2)} of its rate`,
      limit: `${limit}`,
      passed: rate >= limit,
    },
  ]
}

/**
 * The same tables in a schema of their own, and every time another column for them.
 * @param {import('./server.mjs').Server} server
 * @param {string} config
 */
async function makeRawTables(server, config) {
  const key = '424242'
  const request = join(server.directory, 'raw-alters.json')
  /** @param {readonly string[]} texts */
  const ask = (texts) =>
    writeFile(request, JSON.stringify({ uri: `${server.url}/raw_db`, connections, instances: shards, texts, key }))
  const [contacts = ''] = await renderShards(config, key)
  await server.query('DROP SCHEMA IF EXISTS raw_db; CREATE SCHEMA raw_db')
  await ask([contacts])
  await runProgram(process.execPath, [worker, request])
  let columns = 0
  const prepare = () => {
    columns += 1
    return ask([`ALTER TABLE \`contacts_${key}\` ADD COLUMN bench_${columns} INT NULL`])
  }
  return { request, prepare }
}

/**
 * Gives the template another column and writes the migration for it.
 * @param {string} root
 */
function columnsOf(root) {
  const template = join(root, 'shard-templates/contact_db/contacts.sql')
  let columns = 0
  return async () => {
    columns += 1
    const column = `bench_${columns} INT NULL`
    const text = await readFile(template, 'utf8')
    const at = text.search(/,\s*\n\s*(?:PRIMARY|UNIQUE|KEY|INDEX)\b/)
    await writeFile(template, `${text.slice(0, at)},\n  ${column}${text.slice(at)}`)
    const file = join(root, `migrations/contact_db/${20260101000000 + columns}_bench.sql`)
    await writeFile(file, `-- wwdb:shards contacts\n-- migrate:up\nALTER TABLE {{table}} ADD COLUMN ${column};\n`)
  }
}

await measureIfMain(import.meta.url, fanOut)
