import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { withDatabase } from '../../chaos/support/database.ts'
import { withSchema } from '../../helpers/servers/schema.ts'
import { openFanOutProject, outcomeOf } from '../../helpers/shards/fan-out-project.ts'

const document = readFileSync(new URL('../../../docs/guides/fan-out.md', import.meta.url), 'utf8')
const blocks = (language: string): readonly string[] =>
  [...document.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((match) => match[1] ?? '')
const [migration = '', template = ''] = blocks('sql')
const [difference = ''] = blocks('text')

const schema = withSchema('fan')
const folder = mkdtempSync(join(tmpdir(), 'wwdb-fan-out-document-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('every fenced block is an example that is run here', () => {
  expect(blocks('sql')).toHaveLength(2)
  expect(document.match(/^```/gm)).toHaveLength(6)
})

test('the example runs as the page shows, and a template with another text is reported in the words of the page', async () => {
  const project = openFanOutProject(schema().url, folder)
  const file = 'shard-templates/app/messages.sql'
  project.write(file, template.replace(/,\n {2}is_pinned.*/, ''))
  await project.makeShards(['2026-10', '2026-11', '2026-12'])
  await withDatabase(schema().url, (database) =>
    database.run('INSERT INTO messages_202611 (id, priority) VALUES (1, 5), (2, 10)'),
  )
  project.write(file, template)
  project.write('migrations/20261201000000_pin.sql', migration.replace('TINYINT(1)', 'INT'))
  const error: unknown = await project.migrate().catch((thrown: unknown) => thrown)
  const told = difference
    .trim()
    .split('\n')
    .map((line) => line.replace(/^✗ /, '').replace('message_db', 'app'))
  expect(error).toMatchObject({ code: 'TEMPLATE_DIFFERS', faults: told.map((what) => ({ what })) })
  project.write('migrations/20261201000000_pin.sql', migration)
  expect(outcomeOf(await project.migrate({ allow: [] }))).toMatchObject({ state: 'done' })
  const started = project.events.find((event) => event.type === 'fan-out-started')
  expect(started).toMatchObject({ canary: 'messages_202610', total: 3 })
  await withDatabase(schema().url, async (database) => {
    expect(await database.rows('SELECT id,is_pinned FROM messages_202611')).toEqual([
      ['1', '0'],
      ['2', '1'],
    ])
    expect(await database.rows('SELECT DISTINCT version,name FROM wwdb_shard_journal ORDER BY 1')).toEqual([
      ['20261201000000/2026-10', 'messages_202610'],
      ['20261201000000/2026-11', 'messages_202611'],
      ['20261201000000/2026-12', 'messages_202612'],
    ])
  })
})
