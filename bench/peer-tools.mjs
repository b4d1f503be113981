import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/**
 * Another tool: how its folder of migrations looks, and how it applies that to one schema.
 * @typedef {object} Peer
 * @property {string} name with its version
 * @property {'ours' | 'goose' | 'up-files'} layout
 * @property {(request: {port: number, schema: string, folder: string}) => readonly string[]} command
 */

/** @typedef {{name: string, fetch: (folder: string) => Promise<Omit<Peer, 'name'>>}} Source */

const script = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url))

/** @param {{port: number, schema: string}} place */
const urlOf = ({ port, schema }) => `mysql://root@127.0.0.1:${port}/${schema}`

/** Its drivers for other databases, which take minutes to build. */
const gooseTags = 'no_clickhouse,no_libsql,no_mssql,no_postgres,no_sqlite3,no_starrocks,no_turso,no_vertica,no_ydb'

/** @type {readonly Source[]} */
const sources = [
  {
    name: 'dbmate 2.36.0',
    fetch: async (folder) => {
      await installPackages(folder, ['dbmate@2.36.0'])
      const program = join(folder, `node_modules/@dbmate/${process.platform}-${process.arch}/bin/dbmate`)
      await execute(program, ['--version'])
      return {
        layout: 'ours',
        command: (request) => [
          program,
          '--url',
          urlOf(request),
          '--migrations-dir',
          request.folder,
          '--no-dump-schema',
          'migrate',
        ],
      }
    },
  },
  {
    name: 'goose 3.27.3',
    fetch: async (folder) => {
      const source = 'github.com/pressly/goose/v3/cmd/goose@v3.27.3'
      const program = await buildProgram(folder, 'goose', source, ['-tags', gooseTags])
      return {
        layout: 'goose',
        command: ({ port, schema, folder: files }) => [
          program,
          '-dir',
          files,
          'mysql',
          `root@tcp(127.0.0.1:${port})/${schema}`,
          'up',
        ],
      }
    },
  },
  {
    name: 'golang-migrate 4.19.0',
    fetch: async (folder) => {
      const source = 'github.com/golang-migrate/migrate/v4/cmd/migrate@v4.19.0'
      const program = await buildProgram(folder, 'migrate', source, ['-tags', 'mysql'])
      return {
        layout: 'up-files',
        command: ({ port, schema, folder: files }) => [
          program,
          '-path',
          files,
          '-database',
          `mysql://root@tcp(127.0.0.1:${port})/${schema}`,
          'up',
        ],
      }
    },
  },
  {
    name: 'umzug 3.8.3',
    fetch: async (folder) => {
      await installPackages(folder, ['umzug@3.8.3'])
      const module = createRequire(join(folder, 'package.json')).resolve('umzug')
      return {
        layout: 'up-files',
        command: (request) => [process.execPath, script('peer-umzug.mjs'), urlOf(request), request.folder, module],
      }
    },
  },
  {
    name: 'knex',
    fetch: async () => ({
      layout: 'up-files',
      command: (request) => [process.execPath, script('peer-knex.mjs'), urlOf(request), request.folder],
    }),
  },
  {
    name: 'mysql2 alone',
    fetch: async () => ({
      layout: 'up-files',
      command: (request) => [process.execPath, script('peer-mysql2.mjs'), urlOf(request), request.folder],
    }),
  },
]

/**
 * Fetches the tools once, into the cache of the sandbox. mysql2 alone always takes part.
 * @param {readonly string[]} [wanted] names; absent for all
 * @returns {Promise<{peers: readonly Peer[], missing: readonly string[]}>} `missing`: names of those that no registry gave, with why
 */
export async function fetchPeers(wanted) {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  const folder = join(process.env['WWDB_CACHE_DIR'] ?? join(cache, 'wwdb'), 'peers')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "private": true }', { flag: 'wx' }).catch(() => undefined)
  /** @type {Peer[]} */
  const peers = []
  /** @type {string[]} */
  const missing = []
  const unknown = wanted?.find((one) => !sources.some(({ name }) => name === one))
  if (unknown !== undefined)
    throw new Error(`"${unknown}" in WWDB_BENCH_TOOLS is none of ${sources.map(({ name }) => name).join(', ')}.`)
  for (const { name, fetch } of sources) {
    if (wanted !== undefined && name !== 'mysql2 alone' && !wanted.includes(name)) continue
    try {
      peers.push({ name, ...(await fetch(folder)) })
    } catch (error) {
      missing.push(`${name}: ${String(error).split('\n')[0]}`)
    }
  }
  return { peers, missing }
}

/** @param {string} folder @param {readonly string[]} packages */
async function installPackages(folder, packages) {
  const [name = '', version = ''] = (packages[0] ?? '').split('@')
  const installed = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8').catch(() => '{}')
  if (JSON.parse(installed).version === version) return
  await execute('npm', ['install', '--no-audit', '--no-fund', '--save-exact', ...packages], { cwd: folder })
}

/** Milliseconds. */
const longestBuild = 900_000

/** @param {string} folder @param {string} name @param {string} source @param {readonly string[]} flags */
async function buildProgram(folder, name, source, flags) {
  const version = source.split('@')[1] ?? ''
  const bin = join(folder, `${name}-${version}`)
  const program = join(bin, name)
  const isBuilt = await execute(program, [name === 'goose' ? '--version' : '-version']).then(
    () => true,
    () => false,
  )
  if (!isBuilt)
    await execute('go', ['install', ...flags, source], { env: { ...process.env, GOBIN: bin }, timeout: longestBuild })
  return program
}
