import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findArchive } from '../../../../src/shards/archive/read-archive.ts'
import { temporaryName } from '../../../../src/shards/archive/restore-archive.ts'
import { serverArguments } from '../../../helpers/mysql/mysql-client.ts'
import {
  type ArchiveStage,
  archiveTimeouts,
  nature,
  shardOf,
  withArchiveStages,
} from '../../../helpers/shards/archive-stage.ts'
import { bundleModules } from '../../../helpers/tool/bundle.ts'

const open = withArchiveStages()
const worker = fileURLToPath(new URL('../../../helpers/shards/archive-worker.mjs', import.meta.url))
const rows = 40_000
let folder: string
let bundle: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wwdb-archive-worker-'))
  bundle = await bundleModules(['src/shards/archive/archive-port.ts', 'src/mysql/open.ts'], folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Kills a process as soon as it says that it has told of `stopAt` rows. Throws, with what it said, when it ends by itself. */
function killAt(work: Readonly<Record<string, unknown>>): Promise<void> {
  const child = spawn(execPath, [worker, bundle, JSON.stringify(work)], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (data: Buffer) => {
    said += data
  })
  child.stdout.once('data', () => child.kill('SIGKILL'))
  return new Promise((resolve, reject) => {
    child.once('close', (code, signal) =>
      signal === 'SIGKILL' ? resolve() : reject(new Error(`ended with ${code}: ${said}`)),
    )
  })
}

async function fill({ query }: ArchiveStage): Promise<void> {
  await query(
    'CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(200) NOT NULL) AUTO_INCREMENT=7',
    'SET SESSION cte_max_recursion_depth=1000000',
    `INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<${rows}) SELECT i,CONCAT(SHA2(i,512),i) FROM n`,
  )
}

/** What is in the family's folder; nothing is read as an archive whose name begins with a dot. */
function listFamily({ directory, schema }: ArchiveStage): Promise<string[]> {
  return readdir(join(directory, schema.name, 'messages'))
}

describe('SIGKILL', () => {
  test.each([1, rows / 2, rows])(
    'while rows are written (at %i): nothing at an address, and the next write is whole',
    async (stopAt) => {
      const stage = await open()
      await fill(stage)
      const request = { database: stage.database, timeouts: archiveTimeouts, table: 't', shard: shardOf('t') }
      await killAt({ setup: { directory: stage.directory, toolVersion: '1' }, action: 'write', request, stopAt })
      expect(await listFamily(stage)).toEqual(['.writing-t'])
      const written = await stage.write('t')
      expect(await listFamily(stage)).toEqual([written.address.split('/')[2]])
      expect(await stage.archive.verify(written.address)).toMatchObject({ rows })
    },
  )

  test.each([1, rows / 2, rows])(
    'while rows are loaded (at %i): no table of that name, and the next restore is whole',
    async (stopAt) => {
      const stage = await open()
      await fill(stage)
      const before = await nature(stage, 't')
      const { address } = await stage.write('t')
      await stage.query('DROP TABLE t')
      const into = { database: stage.database, timeouts: archiveTimeouts, table: 't' }
      await killAt({
        setup: { directory: stage.directory, toolVersion: '1' },
        action: 'restore',
        address,
        into,
        stopAt,
      })
      const tables = `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA='${stage.schema.name}'`
      expect(await stage.query(tables)).toEqual([{ name: temporaryName(await findArchive(stage.directory, address)) }])
      await stage.restore(address, 't')
      expect(await stage.query(tables)).toEqual([{ name: 't' }])
      expect(await nature(stage, 't')).toEqual(before)
    },
  )
})

test('a connection that is lost while rows are read ends in a sentence, and leaves nothing', async () => {
  const stage = await open()
  await fill(stage)
  // More than the sockets between server and tool hold: the server still sends when its connection is killed.
  await stage.query('ALTER TABLE t MODIFY v TEXT NOT NULL', 'UPDATE t SET v=REPEAT(v,10)')
  const request = { database: stage.database, timeouts: archiveTimeouts, table: 't', shard: shardOf('t') }
  const killed: string[] = []
  const writing = stage.archive.write(request, () => {
    if (killed.length === 0) killed.push(killReader(stage))
  })
  await expect(writing).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  expect(killed).toEqual([expect.stringMatching(/^\d+$/)])
  expect(await listFamily(stage)).toEqual([])
})

test('a disk that takes no more in the middle ends in a sentence, and leaves nothing', async () => {
  const stage = await open()
  await fill(stage)
  const request = { database: stage.database, timeouts: archiveTimeouts, table: 't', shard: shardOf('t') }
  const work = { setup: { directory: stage.directory, toolVersion: '1' }, action: 'write', request, stopAt: rows + 1 }
  const words = [worker, bundle, JSON.stringify(work)]
  // A limit on the size of files stands in for a full disk: the system refuses a write half-way in the same manner.
  const limited = spawnSync('bash', ['-c', 'ulimit -f 1000; exec "$@"', 'limited', execPath, ...words], {
    encoding: 'utf8',
  })
  expect(limited.stderr).toContain("code: 'ARCHIVE_NO_SPACE'")
  expect(limited.status).toBe(1)
  expect(await listFamily(stage)).toEqual([])
  expect(await stage.write('t')).toMatchObject({ rows })
})

/** Kills the connection whose statement renders rows, while this process stands still; returns its id. */
function killReader({ schema }: ArchiveStage): string {
  const program = join(schema.server.bin ?? '', 'mysql')
  const ask = (sql: string): string =>
    execFileSync(program, ['--no-defaults', ...serverArguments(schema.server.url), '-N', '-e', sql])
      .toString()
      .trim()
  const id = ask(
    `SELECT ID FROM information_schema.PROCESSLIST WHERE DB='${schema.name}' AND ID<>CONNECTION_ID() AND INFO LIKE 'SELECT % REPLACE(CAST(%'`,
  )
  ask(`KILL ${id}`)
  return id
}
