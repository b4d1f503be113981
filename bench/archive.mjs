import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inSeconds, interleave, measureIfMain, peakMemoryOf, runProgram } from './harness.mjs'
import { resetSchemas } from './project.mjs'

const rows = Number(process.env['WWDB_BENCH_ROWS'] ?? 5_000_000)
const schema = 'bench_archive'
const table = 'messages_202601'
/** At least so much of the reference's rate. */
const rateLimit = 0.7
const memoryLimit = 200e6
const bundler = fileURLToPath(new URL('archive-bundle.mjs', import.meta.url))
const worker = fileURLToPath(new URL('archive-process.mjs', import.meta.url))

/** A month of messages written to a gzip file and its manifest, beside `mysqldump | gzip`. @type {import('./harness.mjs').Measure} */
export async function archive({ server, rounds }) {
  await fillTable(server)
  const bundle = join(server.directory, 'archive.cjs')
  await runProgram(process.execPath, [bundler, bundle])
  const directory = join(server.directory, 'archives')
  const request = JSON.stringify({ directory, table, database: databaseOn(server) })
  const words = [worker, bundle, request]
  const dump = join(dirname(server.client), 'mysqldump')
  const options = ['--single-transaction', '--set-gtid-purged=OFF', '--no-tablespaces', schema, table]
  const pipe = 'set -o pipefail; file="$1"; shift; "$@" | gzip > "$file"'
  const clear = async () => {
    await rm(directory, { recursive: true, force: true })
    await mkdir(directory)
  }
  const seconds = await interleave(Math.min(rounds, 3), [
    { name: 'wwdb', prepare: clear, run: () => runProgram(process.execPath, words) },
    {
      name: 'mysqldump',
      prepare: clear,
      run: () =>
        runProgram('bash', ['-c', pipe, 'dump', join(directory, 'dump.gz'), dump, ...server.login, ...options]),
    },
  ])
  await clear()
  const peak = await peakMemoryOf(words, server.directory)
  await clear()
  return [rateFigure(seconds('wwdb'), seconds('mysqldump')), memoryFigure(peak)]
}

/** @param {number} wwdb @param {number} reference @returns {import('./harness.mjs').Figure} */
function rateFigure(wwdb, reference) {
  const rate = reference / wwdb
  return {
    name: `archive of ${rows.toLocaleString('en')} rows`,
    wwdb: inSeconds(wwdb),
    reference: `mysqldump | gzip ${inSeconds(reference)}`,
    value: `${rate.toFixed(2)} of its rate`,
    limit: `${rateLimit}`,
    passed: rate >= rateLimit,
  }
}

/** @param {number} peak @returns {import('./harness.mjs').Figure} */
function memoryFigure(peak) {
  const text = `${(peak / 1e6).toFixed(0)} MB`
  return {
    name: 'peak memory of that archive',
    wwdb: text,
    reference: '',
    value: text,
    limit: `${(memoryLimit / 1e6).toFixed(0)} MB`,
    passed: peak < memoryLimit,
  }
}

/** @param {import('./server.mjs').Server} server */
function databaseOn({ port }) {
  const place = {
    host: '127.0.0.1',
    port,
    socket: null,
    user: 'root',
    password: null,
    encryption: 'disabled',
    tls: null,
  }
  return { name: 'message_db', schema, server: { ...place, label: `127.0.0.1:${port}` }, migrations: '' }
}

/** The platform's messages: 20 columns, text and JSON of several lengths, no two rows alike. @param {import('./server.mjs').Server} server */
async function fillTable(server) {
  await resetSchemas(server, [schema])
  const create = `CREATE TABLE \`${table}\` (
    \`id\` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, \`message_uuid\` VARCHAR(36) NOT NULL,
    \`account_id\` BIGINT UNSIGNED NOT NULL, \`chat_type\` TINYINT(1) NOT NULL, \`chat_wxid\` VARCHAR(100) NOT NULL,
    \`message_type\` VARCHAR(20) NOT NULL, \`message_content\` TEXT, \`media_url\` VARCHAR(500), \`media_size\` BIGINT,
    \`file_name\` VARCHAR(255), \`message_metadata\` JSON, \`send_status\` TINYINT(1) NOT NULL DEFAULT 0,
    \`send_time\` DATETIME, \`receive_time\` DATETIME, \`error_code\` VARCHAR(50), \`retry_count\` INT NOT NULL DEFAULT 0,
    \`task_id\` BIGINT UNSIGNED, \`at_members\` JSON, \`created_at\` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    \`updated_at\` DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, KEY (\`account_id\`,\`chat_wxid\`)
  ) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci`
  await server.query(`USE \`${schema}\`; ${create}`)
  const step = 100_000
  for (let from = 0; from < rows; from += step) await server.query(fillStatement(from, Math.min(step, rows - from)))
}

/** @param {number} from @param {number} count */
function fillStatement(from, count) {
  return `USE \`${schema}\`; SET cte_max_recursion_depth=1000000; INSERT INTO \`${table}\`
    (message_uuid,account_id,chat_type,chat_wxid,message_type,message_content,media_url,media_size,message_metadata,send_status,send_time,receive_time,task_id,created_at)
    WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i+1 FROM n WHERE i<${from + count - 1})
    SELECT UUID(),i%5000,i%2,CONCAT('wxid_',LEFT(SHA2(i%80000,224),16)),ELT(1+i%3,'text','image','file'),
      CONCAT('第 ',i,' 条消息: it''s ',SHA2(i,224),REPEAT('\\n你好, how are you? ',i%6)),
      IF(i%3=1,CONCAT('https://media.example.com/',SHA2(i,224),'.jpg'),NULL),IF(i%3=1,i*37%5000000,NULL),
      JSON_OBJECT('client',i%7,'digest',SHA2(i,256)),2,
      '2026-01-01'+INTERVAL i%2678400 SECOND,'2026-01-01'+INTERVAL (i+2)%2678400 SECOND,IF(i%11=0,i,NULL),'2026-01-01'+INTERVAL i%2678400 SECOND
    FROM n`
}

await measureIfMain(import.meta.url, archive)
