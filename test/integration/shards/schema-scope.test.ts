import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { findScope } from '../../../src/shards/schema-scope.ts'

const roots: string[] = []
afterEach(async () => {
  for (const root of roots.splice(0)) await rm(root, { recursive: true })
})

async function scopeOf(headers: readonly string[]) {
  const root = await mkdtemp(join(tmpdir(), 'wwdb-scope-'))
  roots.push(root)
  const templates = join(root, 'shard-templates')
  await mkdir(templates)
  const lines = [...headers, '-- wwdb:period month', '-- wwdb:name clicks_{YYYYMM}', '-- wwdb:time at']
  const body = 'CREATE TABLE {{table}} (id BIGINT NOT NULL, at DATETIME NOT NULL, PRIMARY KEY (id, at));\n'
  await writeFile(join(templates, 'clicks.sql'), [...lines, body].join('\n'))
  const config = {
    root,
    databases: [
      {
        name: 'app',
        server: { label: 'server' },
        migrations: join(root, 'migrations'),
        templates,
        templatesNamed: false,
      },
    ],
    rotation: { archive: null, overrides: [] },
    drift: { unmanaged: [] },
  }
  return findScope(config)
}

const table = (name: string) => ({ type: 'table' as const, name, table: null })

test('a table whose partitions are shards is no table of its own for a comparison of schemas', async () => {
  const isLeftOut = await scopeOf(['-- wwdb:shards partition'])
  expect(isLeftOut('app', table('clicks'))).toBe(true)
  expect(isLeftOut('app', { type: 'trigger', name: 'count_clicks', table: 'clicks' })).toBe(true)
  expect(isLeftOut('other', table('clicks'))).toBe(false)
  expect(isLeftOut('app', table('clicks_of_others'))).toBe(false)
})

test('a table of the name of a family of tables is compared', async () => {
  const isLeftOut = await scopeOf([])
  expect(isLeftOut('app', table('clicks_202601'))).toBe(true)
  expect(isLeftOut('app', table('clicks'))).toBe(false)
})
