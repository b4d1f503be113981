// A stand-in for spirit 0.16: its flags, file, tables, named lock, log lines, exit codes, and the order of its cut-over with the sessions that it ends. It does not read
// the binary log: it brings writes to the copy by reading the table again and again, so that the copy is late as one from the log is, and complete at the cut-over.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { argv, env, exit, stderr, stdout } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { bringWrites, readColumns, readRenames } from './copy-rows.mjs'

const known = new Set([
  ...['host', 'conf', 'database', 'statement', 'threads', 'write-threads', 'lock-wait-timeout', 'defer-cutover'],
  ...['skip-drop-after-cutover', 'tls-mode', 'tls-ca'],
])
const fatal = (text, code = 1) => {
  stderr.write(`spirit: error: ${text}\n`)
  exit(code)
}
if (argv[2] === '--version') {
  stdout.write(`spirit ${env.SPIRIT_STAND_IN_VERSION ?? 'v0.16.0'}\n  commit:  unknown\n`)
  exit(0)
}
if (argv[2] !== 'migrate') fatal(`unexpected argument ${argv[2]}`, 80)
const flags = new Map()
for (const word of argv.slice(3)) {
  const [, name, value = 'true'] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word) ?? []
  if (!known.has(name)) fatal(`unknown flag ${word}`, 80)
  flags.set(name, value)
}
const began = new Date()
const log = (level, text) =>
  stderr.write(`${new Date().toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ')} ${level} ${text}\n`)
process.on('uncaughtException', (error) => fatal(error.message))
process.on('unhandledRejection', (error) => fatal(error.message))

const conf = readFileSync(flags.get('conf'), 'utf8')
const setting = (name) => {
  const value = new RegExp(`^${name} *= *(.*)$`, 'm').exec(conf)?.[1] ?? ''
  return /^`.*`$/.test(value) ? value.slice(1, -1) : value
}
const schema = flags.get('database')
const [, table, alter] = /^ALTER TABLE `((?:[^`]|``)+)` ([\s\S]*)$/.exec(flags.get('statement')) ?? []
if (table === undefined) fatal('could not parse the statement')
const quote = (name) => `\`${name.replaceAll('`', '``')}\``
const own = (suffix) => `_${table.slice(0, 64 - 1 - suffix.length)}${suffix}`
const stamp = began.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_')
const [copy, checkpoint, old, sentinel] = [own('_new'), own('_chkpnt'), own(`_old_${stamp}`), '_spirit_sentinel']

const [, host, port] = /^(.*):(\d+)$/.exec(flags.get('host'))
const seconds = Number(/^(\d+)s$/.exec(flags.get('lock-wait-timeout') ?? '30s')[1])
async function open() {
  const session = await createConnection({
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port),
    user: setting('user'),
    password: setting('password'),
    database: schema,
    rowsAsArray: true,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    ...(flags.get('tls-mode') !== 'DISABLED' &&
      flags.get('tls-mode') !== 'PREFERRED' && { ssl: { rejectUnauthorized: false } }),
  })
  session.on('error', (error) => fatal(error.message))
  await session.query(
    `SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', lock_wait_timeout=${seconds}, transaction_isolation='read-committed'`,
  )
  return session
}
const [main, locks] = [await open(), await open()]
const ask = async (text, values, session = main) => (await session.query(text, values))[0]

log('INFO', 'Starting spirit migration version=v0.16.0')
const cut = (text, length) => text.slice(0, length)
const digest = createHash('sha1')
  .update(`${schema}${cut(table, 56)}`)
  .digest('hex')
  .slice(0, 8)
const lockName = `${cut(schema, 20)}.${cut(table, 32)}-${digest}`
const [[isLocked]] = await ask('SELECT GET_LOCK(?, 0)', [lockName], locks)
if (Number(isLocked) !== 1) fatal(`could not acquire advisory lock for ${lockName}, lock is held by another connection`)

const inPlace = /^(?:(?:RENAME|DROP) (?:INDEX|KEY) [^,]*|COMMENT\s*=?\s*'[^']*'|MODIFY \S+ VARCHAR\(\d+\))$/i.test(
  alter,
)
for (const algorithm of ['INSTANT', ...(inPlace ? ['INPLACE, LOCK=NONE'] : [])]) {
  const isDone = await ask(`ALTER TABLE ${quote(table)} ALGORITHM=${algorithm}, ${alter}`).then(
    () => true,
    () => false,
  )
  if (!isDone) continue
  log('INFO', `apply complete instant-ddl=${algorithm === 'INSTANT'} inplace-ddl=${algorithm !== 'INSTANT'}`)
  exit(0)
}

const [[triggers]] = await ask(
  'SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA=? AND EVENT_OBJECT_TABLE=?',
  [schema, table],
)
if (Number(triggers) > 0) fatal('tables with triggers associated are not supported')
const [[logs, format, image]] = await ask('SELECT @@GLOBAL.log_bin,@@GLOBAL.binlog_format,@@GLOBAL.binlog_row_image')
if (Number(logs) !== 1 || format !== 'ROW' || image !== 'FULL') fatal('binlog_format must be ROW')
const keys = (
  await ask(
    "SELECT COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA=? AND TABLE_NAME=? AND INDEX_NAME='PRIMARY' ORDER BY SEQ_IN_INDEX",
    [schema, table],
  )
).flat()
if (keys.length === 0) fatal('table has no primary key')

await ask(`DROP TABLE IF EXISTS ${quote(copy)}`)
await ask(`CREATE TABLE ${quote(copy)} LIKE ${quote(table)}`)
await ask(`ALTER TABLE ${quote(copy)} ${alter}, ALGORITHM=COPY`)
await ask(`DROP TABLE IF EXISTS ${quote(checkpoint)}`)
await ask(
  `CREATE TABLE ${quote(checkpoint)} (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, copier_watermark TEXT, checksum_watermark TEXT, statement TEXT)`,
)
if (flags.has('defer-cutover')) await ask(`CREATE TABLE IF NOT EXISTS ${quote(sentinel)} (id int NOT NULL PRIMARY KEY)`)

const columns = await readColumns(ask, { schema, table, copy, renames: readRenames(alter) })
const { from, to, key } = columns

const [[total]] = await ask(`SELECT COUNT(*) FROM ${quote(table)}`)
/** Tests have it lose rows. */
const kept = env.SPIRIT_STAND_IN_OMITS === undefined ? '' : ` WHERE NOT (${env.SPIRIT_STAND_IN_OMITS})`
const chunk = 500
for (let at = 0; at < Number(total); at += chunk) {
  await ask(
    `INSERT IGNORE INTO ${quote(copy)} (${to}) SELECT ${from} FROM ${quote(table)} FORCE INDEX (PRIMARY)${kept} ORDER BY ${key} LIMIT ${chunk} OFFSET ${at}`,
  )
  const copied = Math.min(Number(total), at + chunk)
  log(
    'INFO',
    `migration status: state=copyRows total-time=1s\n  copier  ${((100 * copied) / Number(total)).toFixed(2).padStart(6)}%  ${copied}/${total}  chunk-size=${chunk}  eta=TBD  throttled=false\n  ckpt    none`,
  )
  await sleep(5)
}
log('INFO', 'copy rows complete')

const apply = (session) => {
  const tables = { table: quote(table), copy: quote(copy) }
  return bringWrites(ask, { ...columns, ...tables, kept, chunk, reader: session, writer: session })
}

/** Shortly before it would give up, it ends the transactions that hold the table; never a LOCK TABLES. */
async function lockTables(session) {
  const [[id]] = await ask('SELECT CONNECTION_ID()', undefined, session)
  const ending = setTimeout(async () => {
    const holders = await ask(
      "SELECT t.PROCESSLIST_ID,MAX(l.LOCK_TYPE IN ('SHARED_NO_READ_WRITE','SHARED_READ_ONLY')) FROM performance_schema.metadata_locks l JOIN performance_schema.threads t ON t.THREAD_ID=l.OWNER_THREAD_ID WHERE l.OBJECT_TYPE='TABLE' AND l.LOCK_STATUS='GRANTED' AND l.OBJECT_SCHEMA=? AND l.OBJECT_NAME IN (?,?) AND t.PROCESSLIST_ID NOT IN (?,CONNECTION_ID()) GROUP BY 1",
      [schema, table, copy, id],
    )
    if (holders.some(([, isLock]) => Number(isLock) === 1)) return
    for (const [holder] of holders) await ask(`KILL ${holder}`).catch(() => undefined)
  }, 900 * seconds)
  try {
    await ask(`LOCK TABLES ${quote(table)} WRITE, ${quote(copy)} WRITE`, undefined, session)
  } finally {
    clearTimeout(ending)
  }
}

// Tests have somebody drop it while the copy is made.
if (env.SPIRIT_STAND_IN_RELEASED !== undefined) await ask(`DROP TABLE IF EXISTS ${quote(sentinel)}`)

const applier = await open()
const locker = await open()
await apply(applier)
await ask(`ANALYZE TABLE ${quote(schema)}.${quote(copy)}`)
await lockTables(locker)
await apply(locker)
await ask('UNLOCK TABLES', undefined, locker)

const waits = async () =>
  (
    await ask('SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME=?', [
      sentinel,
    ])
  )[0][0]
if (Number(await waits()) > 0)
  log('WARN', `cutover deferred while sentinel table exists; will wait sentinel-table=${sentinel} wait-limit=48h0m0s`)
/** It reads in the log that a table is changed which it works on; here the server counts the statements that name the schema, as its own do not. */
const definitions = async () =>
  Number(
    (
      await ask(
        'SELECT COALESCE(SUM(COUNT_STAR),0) FROM performance_schema.events_statements_summary_by_digest WHERE DIGEST_TEXT LIKE ? OR DIGEST_TEXT LIKE ?',
        [copy, table].map((name) => `ALTER TABLE \`${schema}\` . \`${name}\`%`),
      ).catch(() => [[0]])
    )[0][0],
  )
const before = await definitions()
/** Tests have it bring writes as rarely as spirit does, which is each 30 seconds. */
const flushes = Number(env.SPIRIT_STAND_IN_FLUSHES ?? 0)
let flushed = performance.now()
for (let looked = performance.now(); Number(await waits()) > 0; looked = performance.now())
  while (performance.now() - looked < 1000) {
    // Tests have it end as a failed checksum ends it, once its copy is complete.
    if (env.SPIRIT_STAND_IN_FAILS !== undefined) fatal('continuous checksum failed: checksum found differences')
    if ((await definitions()) > before) {
      log('ERROR', 'table definition changed, cancelling operation')
      fatal('context canceled')
    }
    if (performance.now() - flushed >= flushes) {
      await apply(applier)
      flushed = performance.now()
    }
    await sleep(100)
  }
log('INFO', 'sentinel table dropped')

await ask(`DROP TABLE IF EXISTS ${quote(old)}`)
for (let attempt = 1; ; attempt += 1) {
  log('WARN', `Attempting final cut over operation attempt=${attempt} max_retries=3`)
  await apply(applier)
  try {
    await lockTables(locker)
    await apply(locker)
    await ask(`RENAME TABLE ${quote(table)} TO ${quote(old)}, ${quote(copy)} TO ${quote(table)}`, undefined, locker)
    await ask('UNLOCK TABLES', undefined, locker)
    break
  } catch (error) {
    await ask('UNLOCK TABLES', undefined, locker).catch(() => undefined)
    log('WARN', `cutover failed error="${error.message}"`)
    if (attempt === 3) fatal(`cutover failed: attempt ${attempt}: ${error.message}`)
    await sleep(500 * 2 ** attempt)
  }
}
log('INFO', 'skipped dropping old table')
await ask(`DROP TABLE IF EXISTS ${quote(copy)}`)
await ask(`DROP TABLE IF EXISTS ${quote(checkpoint)}`)
log('INFO', 'apply complete instant-ddl=false inplace-ddl=false')
exit(0)
