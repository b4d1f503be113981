import { readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { getCiphers } from 'node:tls'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LintResult } from '../../../src/lint/commands/lint-view.ts'
import { allowedCiphers } from '../../../src/lint/upgrade/allowed-ciphers.ts'
import { computedDefaults } from '../../../src/lint/upgrade/new-defaults.ts'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { withProjects } from '../../helpers/tool/project.ts'
import { withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()
const project = withProjects()

/** What `lint` says of a whole server and of its schemas, for another version. */
async function judge(server: OwnServer, target: string, statements: readonly string[] = []): Promise<LintResult> {
  const { query, json } = await stage({ url: server.url, files: { 'app/0001_t.sql': '-- migrate:up\nSELECT 1;\n' } })
  for (const statement of statements) await query(statement)
  const { answer } = await json(['lint', '--server', '--target-version', target])
  return answer as unknown as LintResult
}

/** What it finds besides defaults, as `CODE words` with the message's names. */
function found({ findings }: LintResult): readonly string[] {
  return findings
    .filter(({ code, file }) => code !== 'UPGRADE_NEW_DEFAULT' && /^(?:server|live schema) /.test(file))
    .map(({ code, message }) => `${code} ${[...message.matchAll(/`([^`]+)`/g)].map(([, name]) => name).join(' ')}`)
    .toSorted()
}

describe('on a MySQL 8.0.12 that has what later ones refuse', () => {
  let server: OwnServer
  let space = ''

  beforeAll(async () => {
    const folder = project({ 'a/.keep': '', 'b/.keep': '' })
    space = `${folder}/a/../b/old.ibd`
    const ciphers = '--ssl-cipher=AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256'
    server = await startServer({
      version: '8.0',
      flags: ['--expire-logs-days=7', '--tls-version=TLSv1.1,TLSv1.2', ciphers, `--innodb-directories=${folder}`],
    })
    const connection = await createConnection({ uri: server.url })
    await connection.query("CREATE USER 'old'@'%'")
    await connection.query("GRANT SET_USER_ID ON *.* TO 'old'@'%'")
    await connection.query(`CREATE TABLESPACE old ADD DATAFILE '${space}'`)
    await connection.end()
  })
  afterAll(() => server.stop())

  test('lint finds each of it for 9.7, and nothing where no version between changes it', async () => {
    const cast = 'CREATE TABLE c (id INT PRIMARY KEY, a VARCHAR(9), n INT AS (CAST(a AS UNSIGNED)), KEY by_n (n))'
    expect(found(await judge(server, '9.7', [cast]))).toEqual([
      "UPGRADE_ACCOUNT_PRIVILEGE 'old'@'%'",
      "UPGRADE_ACCOUNT_PRIVILEGE 'root'@'localhost'",
      'UPGRADE_CHANGED_CAST by_n c',
      `UPGRADE_DATA_PATH ${space} /../`,
      'UPGRADE_SERVER_VARIABLE expire_logs_days',
      'UPGRADE_VARIABLE_VALUE ssl_cipher',
      'UPGRADE_VARIABLE_VALUE tls_version',
    ])
    expect(found(await judge(server, '8.0.13', [cast]))).toEqual([])
  })

  test('lint names every default of it that another version changes or computes', async () => {
    const { findings } = await judge(server, '9.7')
    const messages = findings.filter(({ code }) => code === 'UPGRADE_NEW_DEFAULT').map(({ message }) => message)
    expect(messages).toEqual(
      expect.arrayContaining([
        '`gtid_mode` is not set: it changes from "OFF" to "ON" with MySQL 9.5.0.',
        '`slave_parallel_workers` is not set: it changes from "0" to "4" with MySQL 8.0.27.',
        '`innodb_purge_threads` is not set: it is "4", and from MySQL 8.4.0 on 1 on up to 16 processors, else 4.',
      ]),
    )
    // Its `none` of 8.4 is `all` again.
    expect(messages.filter((message) => /innodb_change_buffering|tls_version/.test(message))).toEqual([])
  })
})

describe('on a MySQL 9.7 of its own', () => {
  let server: OwnServer
  let connection: Connection
  let folder = ''

  beforeAll(async () => {
    folder = project({ 'a/.keep': '', 'b/.keep': '', 'plugins/.keep': '' })
    server = await startServer({ flags: [`--innodb-directories=${folder}`] })
    connection = await createConnection({ uri: server.url })
  })
  afterAll(async () => {
    await connection.end()
    await server.stop()
  })

  const accepts = async (variable: string, value: string): Promise<boolean> => {
    try {
      await connection.query(`SET GLOBAL ${variable} = '${value}'`)
      return true
    } catch {
      return false
    }
  }

  test('the server takes the ciphers of the list, and no other that OpenSSL has', async () => {
    const known = getCiphers().map((name) => name.toUpperCase())
    for (const variable of ['ssl_cipher', 'tls_ciphersuites']) {
      const listed = allowedCiphers.get(variable) ?? new Set()
      const wrong: string[] = []
      for (const name of new Set([...known, ...listed]))
        if ((await accepts(variable, name)) !== listed.has(name)) wrong.push(name)
      expect([variable, wrong]).toEqual([variable, []])
      await connection.query(`SET GLOBAL ${variable} = DEFAULT`)
    }
  })

  test('the server computes its defaults by the rules that lint names', async () => {
    const processors = availableParallelism()
    const expected = new Map([
      // The buffer pool of tests is small.
      ['innodb_buffer_pool_instances', '1'],
      ['innodb_page_cleaners', '1'],
      ['innodb_parallel_read_threads', String(Math.max(4, Math.floor(processors / 8)))],
      ['innodb_purge_threads', processors <= 16 ? '1' : '4'],
      ['innodb_read_io_threads', String(Math.max(4, Math.floor(processors / 2)))],
      ['innodb_log_writer_threads', processors > 32 ? 'ON' : 'OFF'],
    ])
    const names = [...computedDefaults.keys()].filter((name) => name !== 'temptable_max_ram')
    const [rows] = await connection.query<RowDataPacket[]>(
      'SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM performance_schema.global_variables WHERE VARIABLE_NAME IN (?)',
      [names],
    )
    expect(new Map(rows.map(({ name, value }) => [name, value]))).toEqual(expected)
    const [[memory]] = await connection.query<RowDataPacket[]>('SELECT @@temptable_max_ram DIV 1073741824 AS gigabytes')
    expect([1, 2, 3, 4]).toContain(memory?.['gigabytes'])
  })

  test('lint leaves alone a table whose path goes up: this server makes it', async () => {
    const table = `CREATE TABLE up (id INT PRIMARY KEY) DATA DIRECTORY = '${folder}/a/../b/'`
    expect(found(await judge(server, '9.7', [table]))).toEqual([])
  })

  test('lint finds a plugin that is loaded under the name of one that is gone', async () => {
    const [[place]] = await connection.query<RowDataPacket[]>('SELECT @@plugin_dir AS path')
    // No server here has the library of such a plugin: one of 9.7 plays it, under its name.
    const library = await readFile(join(String(place?.['path']), 'mysql_no_login.so'), 'latin1')
    const renamed = library.replaceAll('mysql_no_login\0', 'keyring_file\0\0\0')
    await writeFile(join(folder, 'plugins/keyring_file.so'), renamed, 'latin1')
    const other = await startServer({ flags: [`--plugin-dir=${folder}/plugins`] })
    try {
      const install = await createConnection({ uri: other.url })
      await install.query("INSTALL PLUGIN keyring_file SONAME 'keyring_file.so'")
      await install.end()
      expect(found(await judge(other, '9.7'))).toEqual(['UPGRADE_PLUGIN keyring_file'])
    } finally {
      await other.stop()
    }
  })
})
