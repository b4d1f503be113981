import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { migration, withStages } from '../helpers/tool/stage.ts'

const open = withStages()
const passes = 60_000

/** Megabytes that a run of 200,000 passes may take: with what is left of reading the journal it took up to 453. */
const most = 400

test('a history of 60,000 passes is shown in a heap of 105 MB, and ten of them in 60 MB; one of 200,000 in 400 MB of memory', {
  timeout: 600_000,
}, async () => {
  const { run, query, start } = await open({
    files: { 'app/20260101000000_t.sql': migration('CREATE TABLE t (id INT PRIMARY KEY);') },
  })
  expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
  const named = await query(
    "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME='wwdb_journal' ORDER BY ORDINAL_POSITION",
  )
  const columns = named.map(([name]) => String(name))
  const values = columns.map((name) => ({ pass: 'n.n', kind: "'seed'" })[name] ?? `j.${name}`)
  // As seeds that ran every day leave it; a thousand passes a statement, which is the depth that the server allows.
  for (let from = 2; from < passes + 2; from += 1000) {
    const numbers = `WITH RECURSIVE n (n) AS (SELECT ${from} UNION ALL SELECT n+1 FROM n WHERE n<${from + 999}) SELECT n FROM n`
    await query(
      `INSERT INTO wwdb_journal (${columns}) SELECT ${values} FROM wwdb_journal j JOIN (${numbers}) n WHERE j.pass=1`,
    )
  }
  const show = (megabytes: number, ...args: readonly string[]) =>
    start(['history', ...args], { environment: { NODE_OPTIONS: `--max-old-space-size=${megabytes}` } }).ended
  const newest = await show(60, '--limit', '10')
  expect([newest.exitCode, newest.stdout.match(/20260101000000/g)?.length]).toEqual([0, 10])
  const whole = await show(105)
  expect([whole.exitCode, whole.stdout.match(/20260101000000/g)?.length]).toEqual([0, passes + 1])
  const json = await show(115, '--json')
  expect(json.exitCode).toBe(0)
  expect(JSON.parse(json.stdout).targets[0].passes).toHaveLength(passes + 1)
  for (const [by, last] of [
    [60_000, 60_001],
    [120_000, 80_001],
  ]) {
    const grown = columns.map((name) => (name === 'pass' ? `pass+${by}` : name))
    await query(
      `INSERT INTO wwdb_journal (${columns}) SELECT ${grown} FROM wwdb_journal WHERE pass BETWEEN 2 AND ${last}`,
    )
  }
  for (const format of ['human', 'json']) {
    const { exitCode, stdout, stderr } = await start(['history', '--format', format], { environment: withPeak() }).ended
    expect([exitCode, stdout.match(/20260101000000/g)?.length]).toEqual([0, 200_001])
    expect(Number(/^peak (\d+) MB$/m.exec(stderr)?.[1])).toBeLessThan(most)
  }
})

/** Has the tool say on stderr how much memory it took. */
function withPeak(): Readonly<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-peak-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'peak.mjs')
  writeFileSync(
    file,
    `process.on('exit', () => process.stderr.write(\`peak \${Math.round(process.resourceUsage().maxRSS / 1024)} MB\\n\`))\n`,
  )
  return { NODE_OPTIONS: `--import ${file}` }
}
