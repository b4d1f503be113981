import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { askedQuestions } from './asked-questions.mjs'
import { inSeconds, interleave, measureIfMain, runProgram, runWwdb } from './harness.mjs'
import { startServer } from './server.mjs'

const tenants = Number(process.env['WWDB_BENCH_TENANTS'] ?? 10_000)
/** How many servers they are spread over. */
const servers = Number(process.env['WWDB_BENCH_SERVERS'] ?? 1)
const worker = fileURLToPath(new URL('raw-packets.mjs', import.meta.url))
/** Times what its questions take in mysql2. */
const limit = 1.3
/** As many in one packet as wwdb sends: five about each of fifty schemas. */
const most = 250
/** Migrations that every schema has. */
const migrations = 10

/** What wwdb asks about the journals of all schemas, and about their tables. */
const journals = `(argument LIKE '%wwdb\\_journal%' OR argument LIKE '%\`wwdb\\_schema\`%') AND argument NOT LIKE '%general\\_log%'`

/** `migrate` with nothing to do over 10,000 schemas, each with a journal and nothing else. @type {import('./harness.mjs').Measure} */
export async function tenantsIdle({ server, rounds }) {
  const others = await Promise.all(Array.from({ length: servers - 1 }, () => startServer()))
  try {
    return [await measureIdle([server, ...others], server.directory, rounds)]
  } finally {
    await Promise.all(others.map((one) => one.stop()))
  }
}

/** @param {readonly import('./server.mjs').Server[]} all @param {string} directory @param {number} rounds @returns {Promise<import('./harness.mjs').Figure>} */
async function measureIdle(all, directory, rounds) {
  const root = join(directory, 'tenants')
  const folder = join(root, 'migrations', 'tenant_db')
  await mkdir(folder, { recursive: true })
  for (let number = 1; number <= migrations; number += 1)
    await writeFile(
      join(folder, `${String(number).padStart(4, '0')}_t${number}.sql`),
      `-- migrate:up\nCREATE TABLE t${number} (id INT PRIMARY KEY);\n-- migrate:down\nDROP TABLE t${number};\n`,
    )
  const config = join(root, 'wwdb.config.json')
  const list = Array.from({ length: tenants }, (_, index) => ({
    schema: `tenant_${index}`,
    server: `s${index % all.length}`,
  }))
  const places = Object.fromEntries(all.map(({ url }, index) => [`s${index}`, { url }]))
  const targets = { list, servers: places }
  await writeFile(config, JSON.stringify({ url: all[0]?.url, databases: { tenant_db: { targets } } }))
  const migrate = () => runWwdb(['migrate', '--config', config])
  for (const [index, server] of all.entries()) {
    const own = list.flatMap((one) => (one.server === `s${index}` ? [one.schema] : []))
    await makeTenants(server, config, `s${index}`, own)
  }
  await migrate()
  const asked = await askAll(all, migrate)
  const request = join(directory, 'raw-packets.json')
  await writeFile(
    request,
    JSON.stringify({ most, servers: all.map(({ url }, index) => ({ uri: url, questions: asked[index] })) }),
  )
  const seconds = await interleave(rounds, [
    { name: 'wwdb', run: migrate },
    { name: 'raw', run: () => runProgram(process.execPath, [worker, request]) },
  ])
  const [wwdb, raw] = [seconds('wwdb'), seconds('raw')]
  const on = all.length === 1 ? '' : ` on ${all.length} servers`
  return {
    name: `migrate, nothing to do, ${tenants.toLocaleString('en')} schemas of ${migrations} migrations${on}`,
    wwdb: inSeconds(wwdb),
    reference: `its questions in mysql2 ${inSeconds(raw)}`,
    value: `${(wwdb / raw).toFixed(2)} x`,
    limit: `${limit} x`,
    passed: wwdb / raw <= limit,
  }
}

/** What one run asks of each server. @param {readonly import('./server.mjs').Server[]} all @param {() => Promise<void>} migrate @returns {Promise<readonly (readonly string[])[]>} */
async function askAll(all, migrate) {
  /** @type {(readonly string[])[]} */
  const asked = []
  for (const server of all) asked.push(await askedQuestions(server, migrate, journals))
  return asked
}

/** The first one is migrated; the others get copies of its journal. In one tablespace: a file for each table would take gigabytes. @param {import('./server.mjs').Server} server @param {string} config @param {string} name the server's in the configuration @param {readonly string[]} list */
async function makeTenants(server, config, name, list) {
  const [first] = list
  await server.query(`SET GLOBAL innodb_file_per_table=OFF; CREATE SCHEMA \`${first}\``)
  await runWwdb(['migrate', '--config', config, '--target', `tenant_db/${name}/${first}`])
  for (let at = 1; at < list.length; at += 250)
    await server.query(
      list
        .slice(at, at + 250)
        .map((name) => {
          const tables = ['wwdb_journal', 'wwdb_schema'].map(
            (table) =>
              `CREATE TABLE \`${name}\`.${table} LIKE \`${first}\`.${table};INSERT INTO \`${name}\`.${table} SELECT * FROM \`${first}\`.${table};`,
          )
          return `CREATE SCHEMA \`${name}\`;${tables.join('')}`
        })
        .join(''),
    )
}

await measureIfMain(import.meta.url, tenantsIdle)
