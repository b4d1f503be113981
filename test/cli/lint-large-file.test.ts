import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configuration, withProjects } from '../helpers/tool/project.ts'
import { runTool } from '../helpers/tool/tool.ts'

const project = withProjects()
const name = 'migrations/app/20260102000000_rows.sql'
const megabyte = 1024 * 1024

/** Writes rows until the file has this size, and a statement with a finding behind them. */
function writeLargeFile(path: string, bytes: number): number {
  const file = openSync(path, 'w')
  const row = `INSERT INTO orders (id, note) VALUES (1, '${'x'.repeat(400)}; -- no comment');\n`
  const block = row.repeat(1000)
  let lines = 1
  let size = writeSync(file, '-- migrate:up\n')
  while (size < bytes) {
    size += writeSync(file, block)
    lines += 1000
  }
  writeSync(
    file,
    'ALTER TABLE orders ADD COLUMN price FLOAT;\n\n-- migrate:down\nALTER TABLE orders DROP COLUMN price;\n',
  )
  closeSync(file)
  return lines + 1
}

test('a file of 50 MB is judged to its last statement in a heap of 96 MB', { timeout: 300_000 }, async () => {
  const folder = project({
    'wwdb.config.json': configuration('mysql://user@127.0.0.1:1/app'),
    'migrations/app/20260101000000_orders.sql':
      '-- migrate:up\nCREATE TABLE orders (id BIGINT PRIMARY KEY, note TEXT);\n\n-- migrate:down\nDROP TABLE orders;\n',
    [name]: '',
  })
  const line = writeLargeFile(join(folder, name), 50 * megabyte)
  const run = await runTool(['lint', name, '--json'], {
    cwd: folder,
    environment: { NODE_OPTIONS: '--max-old-space-size=96' },
  })
  expect(run.stderr).toBe('')
  const answer: { readonly findings: readonly { readonly code: string; readonly line: number }[] } = JSON.parse(
    run.stdout,
  )
  expect(answer.findings).toContainEqual(expect.objectContaining({ code: 'FLOAT_COLUMN', line }))
  expect(run.exitCode).toBe(0)
})
