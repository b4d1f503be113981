// A stand-in for gh-ost 1.1.10: its flags, files, socket, tables, locks, last lines and exit codes, and the order of its cut-over. It does not read the binary log: it
// brings writes to the copy by reading the table again and again, so that the copy is late as one from the log is, and complete at the cut-over.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { argv, env, exit, stderr, stdout } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { bringWrites, readColumns, readRenames } from './copy-rows.mjs'

const known = new Set([
  ...['conf', 'host', 'port', 'database', 'table', 'alter', 'allow-on-master', 'assume-rbr', 'skip-port-validation'],
  'assume-master-host',
  ...['replica-server-id', 'serve-socket-file', 'postpone-cut-over-flag-file', 'throttle-additional-flag-file'],
  ...['cut-over', 'cut-over-lock-timeout-seconds', 'default-retries', 'panic-on-warnings', 'ok-to-drop-table'],
  ...['initially-drop-ghost-table', 'initially-drop-old-table', 'approve-renamed-columns', 'ssl', 'ssl-ca'],
  ...['ssl-cert', 'ssl-key', 'ssl-allow-insecure', 'execute', 'version'],
])
const flags = new Map()
for (const word of argv.slice(2)) {
  const [, name, value = 'true'] = /^--?([^=]+)(?:=([\s\S]*))?$/.exec(word) ?? []
  if (!known.has(name)) {
    stderr.write(`flag provided but not defined: -${name ?? word}\n`)
    exit(2)
  }
  flags.set(name, value)
}
if (flags.has('version')) {
  stdout.write(`${env.GH_OST_STAND_IN_VERSION ?? '1.1.10'} (git commit: unknown)\n`)
  exit(0)
}

const say = (level, text) =>
  stderr.write(`${new Date().toISOString().slice(0, 19).replace('T', ' ')} ${level} ${text}\n`)
const fatal = (text) => {
  say('FATAL', text)
  exit(1)
}
process.on('uncaughtException', (error) => fatal(error.message))
process.on('unhandledRejection', (error) => fatal(error.message))

const conf = readFileSync(flags.get('conf'), 'utf8')
const setting = (name) => {
  const value = new RegExp(`^${name} *= *(.*)$`, 'm').exec(conf)?.[1] ?? ''
  const variable = /[$][{](.*)[}]/.exec(value)?.[1]
  return variable === undefined ? value : (env[variable] ?? '')
}
const [schema, table] = [flags.get('database'), flags.get('table')]
const quote = (name) => `\`${name.replaceAll('`', '``')}\``
const own = (suffix) => `_${table.slice(0, 64 - suffix.length - 2)}_${suffix}`
const place = (name) => `${quote(schema)}.${quote(name)}`
const [ghost, log, old] = [own('gho'), own('ghc'), own('del')]

const sessions = []
async function open() {
  const session = await createConnection({
    host: flags.get('host'),
    port: Number(flags.get('port')),
    user: setting('user'),
    password: setting('password'),
    database: schema,
    rowsAsArray: true,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    ...(flags.has('ssl') && { ssl: { rejectUnauthorized: false } }),
  })
  session.on('error', (error) => fatal(error.message))
  sessions.push(session)
  await session.query(
    "SET SESSION transaction_isolation='READ-COMMITTED', time_zone='+00:00', sql_mode=CONCAT(@@sql_mode,',NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES')",
  )
  return session
}
const main = await open()
const ask = async (text, values, session = main) =>
  (await session.query(text.replace(/^(\w+)/, '$1 /* gh-ost */'), values))[0]

const tables = (await ask('SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA=?', [schema])).flat()
if (!tables.includes(table)) fatal(`cannot find table ${place(table)}!`)
const [[triggers]] = await ask(
  'SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA=? AND EVENT_OBJECT_TABLE=?',
  [schema, table],
)
if (Number(triggers) > 0) fatal(`found triggers on ${place(table)}. Bailing out`)
const [[logs, format, image]] = await ask('SELECT @@GLOBAL.log_bin,@@GLOBAL.binlog_format,@@GLOBAL.binlog_row_image')
if (Number(logs) !== 1 || format !== 'ROW' || image !== 'FULL') fatal('you must be using ROW binlog format')
const lockName = `gh-ost::${schema}.${table}`
const lock = lockName.length <= 64 ? lockName : `gh-ost::${createHash('sha1').update(lockName).digest('hex')}`
const [[isLocked]] = await ask('SELECT GET_LOCK(?, 0)', [lock])
if (Number(isLocked) !== 1) fatal(`another gh-ost process holds the migration lock ${lock}`)
for (const name of [ghost, old])
  if (tables.includes(name))
    fatal(
      `Table ${quote(name)} already exists. Panicking. Use --initially-drop-ghost-table to force dropping it, though I really prefer that you drop it or rename it away`,
    )
if (flags.get('postpone-cut-over-flag-file') !== undefined && !existsSync(flags.get('postpone-cut-over-flag-file')))
  writeFileSync(flags.get('postpone-cut-over-flag-file'), '')

await ask(`DROP TABLE IF EXISTS ${place(log)}`)
await ask(
  `CREATE TABLE ${place(log)} (id BIGINT UNSIGNED AUTO_INCREMENT, last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, hint VARCHAR(64) CHARSET ascii NOT NULL, value VARCHAR(4096) CHARSET ascii NOT NULL, PRIMARY KEY (id), UNIQUE KEY hint_uidx (hint)) AUTO_INCREMENT=256 COMMENT='${lock}'`,
)
await ask(`CREATE TABLE ${place(ghost)} LIKE ${place(table)}`)
await ask(`ALTER TABLE ${place(ghost)} ${flags.get('alter')}`)

const renames = readRenames(flags.get('alter'))
if ([...renames].some(([from, to]) => from !== to) && !flags.has('approve-renamed-columns'))
  fatal('gh-ost believes the ALTER statement renames columns')
const columns = await readColumns(ask, { schema, table, copy: ghost, renames })
const { from, to, key } = columns

const applier = await open()
const [[total]] = await ask(`SELECT COUNT(*) FROM ${place(table)}`)
let [copied, applied, state, turn] = [0, 0, 'migrating', 0]
async function status() {
  turn += 1
  await ask(
    `INSERT INTO ${place(log)} (hint,value) VALUES (?,?) ON DUPLICATE KEY UPDATE last_update=NOW(), value=VALUES(value)`,
    [`copy iteration ${turn} at ${Math.floor(Date.now() / 1000)}`, state],
  )
  const percent = Number(total) === 0 ? 100 : (100 * copied) / Number(total)
  stdout.write(
    `Copy: ${copied}/${total} ${percent.toFixed(1)}%; Applied: ${applied}; Backlog: 0/1000; Time: ${turn}s(total), ${turn}s(copy); streamer: binlog.000001:4; Lag: 0.01s, HeartbeatLag: 0.05s, State: ${state}; ETA: due\n`,
  )
}
rmSync(flags.get('serve-socket-file'), { force: true })
createServer((socket) => {
  socket.on('error', () => undefined)
  socket.on('data', (text) => {
    if (/^(sup|status)\s*$/.test(text.toString()))
      void status().then(
        () => {
          socket.end()
          // Tests have it end as a lost connection ends it, once its copy is complete and before it is compared.
          if (env.GH_OST_STAND_IN_LOSES !== undefined && state === 'postponing cut-over') fatal('invalid connection')
        },
        () => socket.destroy(),
      )
    else socket.end()
  })
}).listen(flags.get('serve-socket-file'))
setInterval(() => void status(), 1000)

const pausedBy = flags.get('throttle-additional-flag-file')
async function throttle() {
  const before = state
  while (existsSync(pausedBy)) {
    state = 'throttled, flag-file'
    await sleep(100)
  }
  state = before
}

/** Tests have it lose rows. */
const kept = env.GH_OST_STAND_IN_OMITS === undefined ? '' : ` WHERE NOT (${env.GH_OST_STAND_IN_OMITS})`
const chunk = 500
for (let at = 0; at < Number(total); at += chunk) {
  await throttle()
  await ask(
    `INSERT IGNORE INTO ${place(ghost)} (${to}) SELECT ${from} FROM ${place(table)} FORCE INDEX (PRIMARY)${kept} ORDER BY ${key} LIMIT ${chunk} OFFSET ${at}`,
    undefined,
    applier,
  )
  copied = Math.min(Number(total), at + chunk)
  await sleep(5)
}
copied = Number(total)

/** The table is read by the session that may have locked it, and the copy is written by another. */
async function apply(session) {
  const tables = { table: place(table), copy: place(ghost) }
  applied += await bringWrites(ask, { ...columns, ...tables, kept, chunk, reader: session, writer: applier })
}

const seconds = Number(flags.get('cut-over-lock-timeout-seconds') ?? 3)
const postpone = flags.get('postpone-cut-over-flag-file')
const [locker, renamer] = [await open(), await open()]
async function cutOver() {
  const [[id]] = await ask('SELECT CONNECTION_ID()', undefined, renamer)
  await ask(`SET SESSION lock_wait_timeout=${2 * seconds}`, undefined, locker)
  await ask(
    `CREATE TABLE ${place(old)} (id INT AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB COMMENT='ghost-cut-over-sentry'`,
  )
  try {
    await ask(`LOCK TABLES ${place(table)} WRITE, ${place(old)} WRITE`, undefined, locker)
    await apply(locker)
    await ask(`SET SESSION lock_wait_timeout=${seconds}`, undefined, renamer)
    const renamed = ask(
      `RENAME TABLE ${place(table)} TO ${place(old)}, ${place(ghost)} TO ${place(table)}`,
      undefined,
      renamer,
    ).then(
      () => null,
      (error) => error,
    )
    for (let look = 0; look < 20; look += 1) {
      const [[waiting]] = await ask(
        "SELECT COUNT(*) FROM performance_schema.threads WHERE PROCESSLIST_ID=? AND PROCESSLIST_STATE LIKE '%metadata lock%'",
        [id],
      )
      if (Number(waiting) > 0) break
      await sleep(20)
    }
    await ask(`DROP TABLE IF EXISTS ${place(old)}`, undefined, locker)
    // What waits for the table would be let in before a RENAME that does not wait for it yet.
    for (let look = 0; look < 50; look += 1) {
      const [[waiting]] = await ask(
        "SELECT COUNT(*) FROM performance_schema.metadata_locks l JOIN performance_schema.threads t ON t.THREAD_ID=l.OWNER_THREAD_ID WHERE t.PROCESSLIST_ID=? AND l.OBJECT_NAME=? AND l.LOCK_STATUS='PENDING'",
        [id, table],
      )
      if (Number(waiting) > 0) break
      await sleep(20)
    }
    await ask('UNLOCK TABLES', undefined, locker)
    const error = await renamed
    if (error !== null) throw error
  } catch (error) {
    await ask('UNLOCK TABLES', undefined, locker).catch(() => undefined)
    const [[isSentry]] = await ask(
      "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA=? AND TABLE_NAME=? AND TABLE_COMMENT='ghost-cut-over-sentry'",
      [schema, old],
    )
    if (Number(isSentry) > 0) await ask(`DROP TABLE IF EXISTS ${place(old)}`)
    throw error
  }
}

const retries = Number(flags.get('default-retries') ?? 60)
for (let attempt = 1; ; attempt += 1) {
  let looked = performance.now() - 1000
  while (postpone !== undefined) {
    if (performance.now() - looked >= 1000) {
      if (!existsSync(postpone)) break
      looked = performance.now()
      state = 'postponing cut-over'
    }
    await apply(applier)
    await sleep(100)
  }
  state = 'migrating'
  try {
    await cutOver()
    break
  } catch (error) {
    say('ERROR', error.message)
    if (attempt >= retries) fatal(error.message)
    await sleep(1000)
  }
}
await ask(`DROP TABLE IF EXISTS ${place(log)}`)
stdout.write('# Done\n')
exit(0)
