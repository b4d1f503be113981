import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()
const document = readFileSync(new URL('../../../docs/start/concepts.md', import.meta.url), 'utf8')
const examples = [...document.matchAll(/^```sql\n(.*?)^```$/gms)].map((match) => match[1] ?? '')

test('every fenced block is an example that is run here', () => {
  expect(document.match(/^```/gm)).toHaveLength(2 * examples.length)
  expect(examples).toHaveLength(1)
})

test('the journal looks as the page says: what ran, what failed, what the first run chose', async () => {
  const { run, query } = await stage({
    files: {
      'app/0001_a.sql': migration('CREATE TABLE a (id INT);\nINSERT INTO a VALUES (1);\nCREATE TABLE b (id NOPE);'),
    },
  })
  expect((await run(['migrate'])).exitCode).toBe(2)
  const rows = await query(examples[0] ?? '')
  expect(rows.map((row) => row.slice(0, 5))).toEqual([
    [1, 0, 'closed', '0001', 'CREATE TABLE a'],
    [1, 1, 'closed', '0001', 'INSERT a'],
    [1, 2, 'failed', '0001', 'CREATE TABLE b'],
  ])
  const chosen = await query('SELECT version, name FROM wwdb_journal WHERE pass = 0 ORDER BY version')
  expect(chosen).toEqual([
    ['format', '1'],
    ['lower_case_table_names', expect.stringMatching(/^[012]$/)],
    ['record', 'wwdb_schema'],
    ['references', 'physical'],
    ['session.sqlMode', expect.stringContaining('STRICT_TRANS_TABLES')],
    ['session.timeZone', '+00:00'],
  ])
})
