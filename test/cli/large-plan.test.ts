import { expect, test } from 'vitest'
import { withStages } from '../helpers/tool/stage.ts'

const open = withStages()
const tables = 10_000

const numberOf = (at: number): string => String(at).padStart(5, '0')

const createTable = (at: string): string =>
  `CREATE TABLE t${at} (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL, at DATETIME NULL, KEY by_name (name));\n`

/** One file of many tables, as a first baseline is. */
function writeTables(): string {
  const numbers = Array.from({ length: tables }, (_, at) => numberOf(at))
  const create = numbers.map(createTable)
  const drop = numbers.map((at) => `DROP TABLE t${at};\n`)
  return `-- migrate:up\n${create.join('')}\n-- migrate:down\n${drop.toReversed().join('')}`
}

test('a plan of one file of 10,000 tables is made in a heap of 160 MB', { timeout: 300_000 }, async () => {
  const stage = await open({ files: { 'app/20260101000000_tables.sql': writeTables() } })
  const run = await stage.start(['plan', '--no-probe', '--json'], {
    environment: { NODE_OPTIONS: '--max-old-space-size=160' },
  }).ended
  expect([run.exitCode, run.stderr]).toEqual([0, ''])
  expect(run.stdout).toContain('t09999')
})

test('a plan of 20,000 files of a table each is made in a heap of 200 MB', { timeout: 300_000 }, async () => {
  const begin = Date.UTC(2020, 0, 1)
  const files = Array.from({ length: 2 * tables }, (_, at): readonly [string, string] => {
    const time = new Date(begin + at * 1000).toISOString().replace(/\D/g, '').slice(0, 14)
    const table = numberOf(at)
    return [
      `app/${time}_t${table}.sql`,
      `-- migrate:up\n${createTable(table)}\n-- migrate:down\nDROP TABLE t${table};\n`,
    ]
  })
  const stage = await open({ files: Object.fromEntries(files) })
  const run = await stage.start(['plan', '--no-probe', '--json'], {
    environment: { NODE_OPTIONS: '--max-old-space-size=200' },
  }).ended
  expect([run.exitCode, run.stderr]).toEqual([0, ''])
  expect(run.stdout).toContain('t19999')
})
