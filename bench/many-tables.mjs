import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import mysql from 'mysql2/promise'
import { inSeconds, launcher, measureIfMain, peakMemoryOf, runProgram } from './harness.mjs'
import { makeProject, resetSchemas } from './project.mjs'

const tables = Number(process.env['WWDB_BENCH_TABLES'] ?? 20_000)
const repeater = fileURLToPath(new URL('./raw-questions.mjs', import.meta.url))
const database = 'bench_many'
/** Times what the same questions take mysql2 alone, in a Node of its own. */
const timeLimit = 2
const memoryLimit = 400e6

/** What is measured, in this order: `migrate` has one CREATE TABLE to run. Each with the exit codes that it may end with. */
const commands = [
  ['validate'],
  ['lint', '--all'],
  ['status'],
  ['drift'],
  ['drift', '--replay', '--fresh'],
  ['doctor'],
  ['report', '--out', 'OUTPUT'],
  ['migrate', '--yes'],
]

/** Each command over one schema of 20,000 tables that one baseline file made: its time beside its own questions', and its memory. @type {import('./harness.mjs').Measure} */
export async function manyTables({ server }) {
  const texts = Array.from({ length: tables }, (_, index) => createTable(`table_${index}`))
  const project = await makeProject(server, database, {
    [database]: [{ name: 'baseline', up: texts.join('\n'), down: '' }],
  })
  await resetSchemas(server, [database])
  const login = { uri: `${server.url}/${database}`, rowsAsArray: true }
  const output = join(server.directory, 'report.html')
  await runProgram(process.execPath, [launcher, 'migrate', '--yes', '--config', project.config])
  const folder = join(server.directory, database, 'migrations', database)
  await writeFile(join(folder, '0002_one.sql'), '-- migrate:up\nCREATE TABLE one_more (id INT PRIMARY KEY);\n')
  const figures = []
  for (const command of commands) {
    const words = [...command.map((word) => (word === 'OUTPUT' ? output : word)), '--config', project.config]
    figures.push(...(await measure(server, login, command.join(' '), words)))
  }
  return figures
}

/**
 * One run, whose questions the server keeps, and the same questions by mysql2. One run each: tables of 20,000 are read for seconds.
 * @param {import('./server.mjs').Server} server
 * @param {{uri: string, rowsAsArray: boolean}} login
 * @param {string} name
 * @param {readonly string[]} words
 * @returns {Promise<readonly import('./harness.mjs').Figure[]>}
 */
async function measure(server, login, name, words) {
  await server.query(`TRUNCATE mysql.general_log; SET GLOBAL log_output='TABLE'; SET GLOBAL general_log=ON`)
  const start = process.hrtime.bigint()
  const peak = await peakMemoryOf([launcher, ...words], server.directory, [0, 1])
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  await server.query('SET GLOBAL general_log=OFF')
  const connection = await mysql.createConnection(login)
  const [rows] = await connection.query(
    `SELECT thread_id, command_type, CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE command_type IN ('Connect','Init DB','Query','Execute') AND argument NOT LIKE 'SET GLOBAL general_log%' ORDER BY event_time`,
  )
  await connection.end()
  const asked = join(server.directory, 'asked.json')
  const questions = withSchemas(/** @type {Entry[]} */ (/** @type {unknown} */ (rows)))
  await writeFile(asked, JSON.stringify({ uri: login.uri, questions }))
  const first = process.hrtime.bigint()
  await runProgram(process.execPath, [repeater, asked])
  const reference = Number(process.hrtime.bigint() - first) / 1e9
  const megabytes = `${(peak / 1e6).toFixed(0)} MB`
  const isOffline = questions.length < 5
  process.stderr.write(
    `${name}: ${inSeconds(seconds)}, its ${questions.length} questions ${inSeconds(reference)}, ${megabytes}\n`,
  )
  const memory = {
    name: `${name}, ${tables.toLocaleString('en')} tables: memory`,
    wwdb: megabytes,
    reference: '',
    value: megabytes,
    limit: `${memoryLimit / 1e6} MB`,
    passed: peak <= memoryLimit,
  }
  const ratio = seconds / reference
  const time = {
    name: `${name}, ${tables.toLocaleString('en')} tables`,
    wwdb: inSeconds(seconds),
    reference: `its ${questions.length} questions ${inSeconds(reference)}`,
    value: `${ratio.toFixed(2)} x`,
    limit: `${timeLimit} x`,
    passed: ratio <= timeLimit,
  }
  return isOffline
    ? [{ ...time, reference: 'asks no server', value: inSeconds(seconds), limit: '', passed: true }, memory]
    : [time, memory]
}

/** @typedef {readonly [thread: number, command: string, argument: string | null]} Entry of the server's log */

/**
 * What was asked, and the schema that its connection was in: what a replay creates in its scratch schema is created there again, and not refused because
 * the table exists elsewhere.
 * @param {readonly Entry[]} entries
 * @returns {readonly (readonly [schema: string, text: string])[]}
 */
function withSchemas(entries) {
  /** @type {Map<number, string>} */
  const schemas = new Map()
  return entries.flatMap(([thread, command, argument]) => {
    const text = argument ?? ''
    const [, entered] = (command === 'Connect' ? / on (\S*) using / : /^USE `(.*)`;?$/).exec(text) ?? []
    if (command === 'Init DB' || entered !== undefined) schemas.set(thread, entered ?? text)
    if (command === 'Connect' || command === 'Init DB') return []
    const question = /** @type {const} */ ([schemas.get(thread) ?? '', text])
    return [question]
  })
}

/** @param {string} name */
export function createTable(name) {
  return `CREATE TABLE \`${name}\` (\`id\` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, \`uuid\` VARCHAR(36) NOT NULL COMMENT 'UUID', \`name\` VARCHAR(100) NOT NULL COMMENT '名', \`note\` TEXT, \`status\` TINYINT(1) NOT NULL DEFAULT 0, \`amount\` DECIMAL(10,2) DEFAULT NULL, \`created_at\` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, \`updated_at\` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, PRIMARY KEY (\`id\`), UNIQUE KEY \`uk_uuid\` (\`uuid\`), KEY \`idx_status\` (\`status\`, \`created_at\`));`
}

await measureIfMain(import.meta.url, manyTables)
