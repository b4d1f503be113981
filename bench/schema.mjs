import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { askedQuestions } from './asked-questions.mjs'
import { makeFiveDatabases } from './five-databases.mjs'
import { inSeconds, interleave, measureIfMain, ratioFigure, runProgram, runWwdb } from './harness.mjs'
import { makeProject, resetSchemas } from './project.mjs'

const most = Number(process.env['WWDB_BENCH_TABLES'] ?? 10_000)
const rawSnapshot = fileURLToPath(new URL('./raw-snapshot.mjs', import.meta.url))
/** Times what the same questions take mysql2 alone, in a Node of its own. */
const snapshotLimit = 1.3
/** Milliseconds beyond `status`. */
const driftLimit = 40

/** The snapshot of a schema of 1,000 and of 10,000 tables, and `drift` with nothing to say. @type {import('./harness.mjs').Measure} */
export async function schema({ server, rounds }) {
  const figures = []
  for (const tables of [...new Set([Math.ceil(most / 10), most])]) figures.push(await snapshot(server, rounds, tables))
  return [...figures, await drift(server, rounds)]
}

/** The text of a table. */
const isText = `argument LIKE 'SHOW CREATE TABLE%'`
/** Anything else that the same connection asks. */
const isOther = `NOT ${isText} AND thread_id=(SELECT MAX(thread_id) FROM mysql.general_log WHERE ${isText})`

/**
 * Both ask the same: what `schema dump` asks at its start, by the server's log, and for the text of each table.
 * @param {import('./server.mjs').Server} server
 * @param {number} rounds
 * @param {number} tables
 * @returns {Promise<import('./harness.mjs').Figure>}
 */
async function snapshot(server, rounds, tables) {
  const database = `bench_snapshot_${tables}`
  const project = await makeProject(server, database, { [database]: [] })
  const names = Array.from({ length: tables }, (_, index) => `table_${index}`)
  await resetSchemas(server, [database])
  const made = join(server.directory, `${database}-made.sql`)
  await writeFile(made, [`USE \`${database}\`;`, ...names.map(createTable)].join('\n'))
  await runProgram(server.client, server.login, { input: made })
  const asked = join(server.directory, `${database}-asked.json`)
  const dump = () => runWwdb(['schema', 'dump', '--config', project.config])
  const first = await askedQuestions(server, dump, isOther)
  const texts = names.map((name) => `SHOW CREATE TABLE \`${database}\`.\`${name}\``)
  await writeFile(asked, JSON.stringify({ uri: `${server.url}/${database}`, first, texts }))
  const seconds = await interleave(tables > 2000 ? Math.min(3, rounds) : rounds, [
    { name: 'mysql2', run: () => runProgram(process.execPath, [rawSnapshot, asked]) },
    { name: 'wwdb', run: dump },
  ])
  await server.query(`DROP SCHEMA \`${database}\``)
  const name = `snapshot of ${tables.toLocaleString('en')} tables`
  const figure = ratioFigure(name, seconds('wwdb'), seconds('mysql2'), snapshotLimit)
  return { ...figure, reference: `mysql2 ${inSeconds(seconds('mysql2'))}` }
}

/** @param {string} name */
function createTable(name) {
  return `CREATE TABLE \`${name}\` (\`id\` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, \`name\` VARCHAR(100) NOT NULL COMMENT '名', \`status\` TINYINT(1) NOT NULL DEFAULT 0, \`created_at\` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (\`id\`), KEY \`idx_status\` (\`status\`, \`created_at\`));`
}

/**
 * Over five databases of twenty tables each that only migrations changed.
 * @param {import('./server.mjs').Server} server
 * @param {number} rounds
 * @returns {Promise<import('./harness.mjs').Figure>}
 */
async function drift(server, rounds) {
  const { project, prepare } = await makeFiveDatabases(server)
  await prepare()
  await runWwdb(['migrate', '--config', project.config])
  const seconds = await interleave(rounds, [
    { name: 'status', run: () => runWwdb(['status', '--config', project.config]) },
    { name: 'drift', run: () => runWwdb(['drift', '--config', project.config]) },
  ])
  const milliseconds = (seconds('drift') - seconds('status')) * 1000
  return {
    name: 'drift, nothing to say, five databases',
    wwdb: inSeconds(seconds('drift')),
    reference: `wwdb status ${inSeconds(seconds('status'))}`,
    value: `+${milliseconds.toFixed(0)} ms`,
    limit: `+${driftLimit} ms`,
    passed: milliseconds <= driftLimit,
  }
}

await measureIfMain(import.meta.url, schema)
