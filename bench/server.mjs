import { execFile, spawn } from 'node:child_process'
import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** The log of ten thousand schemas is large. */
const mostOutput = 512 * 1024 * 1024

/**
 * A MySQL of our own, in a folder of its own, with default durability (every commit is flushed, binary log on).
 * @typedef {object} Server
 * @property {number} port
 * @property {string} url without a schema
 * @property {string} version
 * @property {string} client path of the `mysql` program
 * @property {readonly string[]} login the client's options, which name no schema
 * @property {string} directory for the benchmark's own files; on the same disk as the data
 * @property {(sql: string) => Promise<string>} query through the client, outside any measurement
 * @property {() => Promise<void>} stop ends the server and removes its folder
 */

/** @returns {Promise<Server>} */
export async function startServer() {
  const programs = await findPrograms()
  const directory = await mkdtemp(join(process.env['WWDB_BENCH_DIRECTORY'] ?? tmpdir(), 'wwdb-bench-'))
  const port = await freePort()
  const log = join(directory, 'mysqld.log')
  const base = ['--no-defaults', `--datadir=${join(directory, 'data')}`, `--log-error=${log}`]
  if (process.geteuid?.() === 0) base.push('--user=root')
  const listen = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(directory, 's')}`, '--mysqlx=OFF']
  const login = ['--no-defaults', '--protocol=TCP', '--host=127.0.0.1', `--port=${port}`, '--user=root']
  try {
    await execute(programs.mysqld, [...base, '--initialize-insecure'])
    const child = spawn(programs.mysqld, [...base, ...listen, '--innodb-use-native-aio=0'], { stdio: 'ignore' })
    const ended = new Promise((settle) => child.once('exit', settle))
    const query = async (/** @type {string} */ sql) =>
      (
        await execute(programs.mysql, [...login, '--batch', '--skip-column-names', '--execute', sql], {
          maxBuffer: mostOutput,
        })
      ).stdout.trim()
    const version = await waitForAnswer(query, child, log)
    return {
      port,
      url: `mysql://root@127.0.0.1:${port}`,
      version,
      client: programs.mysql,
      login,
      directory,
      query,
      stop: async () => {
        child.kill('SIGTERM')
        await ended
        await rm(directory, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw error
  }
}

/**
 * @param {(sql: string) => Promise<string>} query
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} log
 */
async function waitForAnswer(query, child, log) {
  for (const end = Date.now() + 60_000; Date.now() < end && child.exitCode === null; ) {
    try {
      return await query('SELECT VERSION()')
    } catch {
      await pause(100)
    }
  }
  child.kill('SIGKILL')
  throw new Error(`mysqld does not answer. Its log:\n${await readFile(log, 'utf8')}`)
}

/**
 * Where the programs are: WWDB_BENCH_MYSQL (a folder with bin/mysqld and bin/mysql), the PATH, the sandbox's cache.
 * @returns {Promise<{mysqld: string, mysql: string}>}
 */
async function findPrograms() {
  const given = process.env['WWDB_BENCH_MYSQL']
  const cache =
    process.env['WWDB_CACHE_DIR'] ?? join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'wwdb')
  const path = (process.env['PATH'] ?? '').split(delimiter)
  const folders = given ? [join(given, 'bin')] : [...path, join(cache, `mysql-portable-${process.arch}`, 'bin')]
  for (const folder of folders) {
    const programs = { mysqld: join(folder, 'mysqld'), mysql: join(folder, 'mysql') }
    if ((await exists(programs.mysqld)) && (await exists(programs.mysql))) return programs
  }
  throw new Error(
    'No mysqld beside a mysql client was found. Run `node bin/wwdb.js sandbox up` once, which fetches both, or name a folder that holds bin/mysqld and bin/mysql in WWDB_BENCH_MYSQL.',
  )
}

/** @param {string} path */
async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((settle, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => settle(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
