import { expect, test } from 'vitest'
import { withStages } from '../helpers/tool/stage.ts'

const open = withStages()
const tables = 10_000

/** One file of many tables, as a first baseline is. */
function writeTables(): string {
  const numbers = Array.from({ length: tables }, (_, at) => String(at).padStart(5, '0'))
  const create = numbers.map(
    (at) =>
      `CREATE TABLE t${at} (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL, at DATETIME NULL, KEY by_name (name));\n`,
  )
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
