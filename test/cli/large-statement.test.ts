import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { withStages } from '../helpers/tool/stage.ts'

const open = withStages()
const recorder = pathToFileURL(resolve(import.meta.dirname, '../../bench/peak-memory.mjs')).href
const megabyte = 1024 * 1024
/** Both are larger than what is held of a file. */
const [small, large] = [12, 36]

/** One INSERT of this size, in rows. */
function insertOf(megabytes: number): string {
  const rows = Array.from({ length: megabytes * 1024 }, (_, at) => `(${at}, '${'x'.repeat(1000)}')`)
  return `-- migrate:up\nINSERT INTO t (id, note) VALUES ${rows.join(',\n')};\n\n-- migrate:down\nDELETE FROM t WHERE id >= 0;\n`
}

test('a statement is held twice at most by plan and by migrate: as it is read, and as it is sent', {
  timeout: 300_000,
}, async () => {
  const peaks: Record<string, number[]> = { plan: [], migrate: [] }
  for (const megabytes of [small, large]) {
    const stage = await open({
      files: {
        'app/20260101000000_t.sql':
          '-- migrate:up\nCREATE TABLE t (id INT PRIMARY KEY, note TEXT);\n\n-- migrate:down\nDROP TABLE t;\n',
        'app/20260102000000_rows.sql': insertOf(megabytes),
      },
    })
    for (const command of ['plan', 'migrate']) {
      const file = join(tmpdir(), `wwdb-peak-${process.pid}-${command}`)
      const environment = { NODE_OPTIONS: `--import ${recorder}`, PEAK_MEMORY_FILE: file }
      const run = await stage.start([command, ...(command === 'migrate' ? ['--yes'] : [])], { environment }).ended
      expect([command, run.exitCode]).toEqual([command, 0])
      peaks[command]?.push(Number(readFileSync(file, 'utf8')) * 1024)
    }
    expect(await stage.query('SELECT COUNT(*) FROM t')).toEqual([[megabytes * 1024]])
  }
  const growth = Object.entries(peaks).map(([command, [less = 0, more = 0]]) => {
    return [command, (more - less) / ((large - small) * megabyte)] as const
  })
  for (const [command, factor] of growth)
    expect([command, factor < 2.5 ? 'at most twice' : factor]).toEqual([command, 'at most twice'])
})
