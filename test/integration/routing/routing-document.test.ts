import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { createConnection } from 'mysql2/promise'
import { beforeAll, describe, expect, test } from 'vitest'
import { createRouter } from '../../../src/routing/router.ts'
import type { ShardMap, ShardMapFamily } from '../../../src/routing/shard-map.ts'
import { command as shardsMap } from '../../../src/shards/commands/shards-map.ts'
import { openShardMapStore } from '../../../src/stores/redis/driver-shard-map.ts'
import { startRedis } from '../../helpers/redis/redis.ts'
import { withSchema } from '../../helpers/servers/schema.ts'
import { offlineContext } from '../../helpers/tool/offline-context.ts'
import { withProjects } from '../../helpers/tool/project.ts'
import { cleanEnvironment } from '../../helpers/tool/tool.ts'

const root = resolve(import.meta.dirname, '../../..')
const document = readFileSync(join(root, 'docs/guides/routing.md'), 'utf8')
const blocks = new Map(
  [...document.matchAll(/^```\w+ ([\w-]+)\n(.*?)^```$/gms)].map(([, label = '', text = '']) => [label, text]),
)
const project = withProjects()
const schema = withSchema('routing')
const shardMap = JSON.parse(textOf('map')) as ShardMap

function textOf(label: string): string {
  const text = blocks.get(label)
  if (text === undefined) throw new Error(`the page has no block ${label}`)
  return text
}

test('every fenced block of the page is an example that is tested', () => {
  expect([...blocks.keys()]).toEqual([
    'map',
    'example',
    'output',
    'wrong',
    'says',
    'pages',
    'pages-output',
    'watch',
    'vectors',
  ])
  expect(document.match(/^```/gm)).toHaveLength(2 * blocks.size)
})

test('the shard map is what the command writes', async () => {
  const column = '`id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, PRIMARY KEY (`id`)'
  const contacts = '-- wwdb:keys contact_db.instances(id)\n-- wwdb:name contacts_{key}\n'
  const messages = '-- wwdb:period month\n-- wwdb:name messages_{YYYYMM}\n-- wwdb:ids YYYYMM x 10000000000\n'
  const folder = project({
    'wwdb.config.json': '{"databases": {"contact_db": {}, "message_db": {}}}',
    'shard-templates/contact_db/contacts.sql': `${contacts}CREATE TABLE {{table}} (${column});\n`,
    'shard-templates/message_db/messages.sql': `${messages}CREATE TABLE {{table}} (${column});\n`,
  })
  const { result } = await shardsMap.run({}, offlineContext(folder))
  expect(JSON.parse(result.kind === 'document' ? result.content : '')).toEqual(shardMap)
})

describe('the programs', () => {
  let folder = ''

  beforeAll(() => {
    folder = project({ 'package.json': '{"private": true}', 'shards.json': textOf('map') })
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules/wwdb'))
    for (const name of ['ioredis', 'mysql2']) {
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
    }
  })

  function runProgram(label: string, environment: Readonly<Record<string, string>> = {}) {
    const file = join(folder, `${label}.mjs`)
    writeFileSync(file, textOf(label))
    return spawnSync(execPath, [file], { cwd: folder, encoding: 'utf8', env: cleanEnvironment(environment) })
  }

  test('print what the page says', () => {
    expect(runProgram('example')).toMatchObject({ status: 0, stdout: textOf('output'), stderr: '' })
  })

  test('read the pages that the page shows', async () => {
    const { name, url } = schema()
    const connection = await createConnection({ uri: url })
    for (const [table, rows] of [
      ['messages_202611', "(1, 7, '2026-11-30 10:00:00', 'first')"],
      ['messages_202612', "(2, 7, '2026-12-01 10:00:00', 'second'), (3, 7, '2026-12-01 10:00:00', 'third')"],
    ]) {
      await connection.query(
        `CREATE TABLE ${table} (id INT PRIMARY KEY, chat_id INT, created_at DATETIME NOT NULL, body TEXT)`,
      )
      await connection.query(`INSERT INTO ${table} VALUES ${rows}, (9, 8, '2026-12-02', 'of another chat')`)
    }
    await connection.end()
    const outcome = runProgram('pages', { DATABASE_URL: url, SCHEMA: name })
    expect(outcome).toMatchObject({ status: 0, stdout: textOf('pages-output'), stderr: '' })
  })

  test('read what is published', async () => {
    const redis = await startRedis()
    try {
      const store = openShardMapStore(redis.url)
      const keys = { map: '{wwdb:shards}:map', generation: '{wwdb:shards}:generation' }
      expect(await store.publish(keys, textOf('map'))).toEqual({ generation: 1, changed: true })
      store.close()
      const outcome = runProgram('watch', { REDIS_URL: redis.url })
      expect(outcome).toMatchObject({ status: 0, stdout: 'messages_202612\n', stderr: '' })
    } finally {
      await redis.stop()
    }
  })

  test('fail as the page says', () => {
    const { status, stderr } = runProgram('wrong')
    expect(status).toBe(1)
    expect(stderr).toContain(textOf('says').trimEnd())
  })
})

test('the answers for other languages', () => {
  const place = { database: 'monitor_db', schema: 'monitor_db', ids: null }
  const added: readonly ShardMapFamily[] = [
    {
      ...place,
      name: 'instance_monitors',
      pattern: 'instance_monitors_{GGGG}w{WW}',
      division: { type: 'period', kind: 'week', zone: 'UTC' },
    },
    {
      ...place,
      name: 'system_logs',
      pattern: 'system_logs_{YYYYMMDD}',
      division: { type: 'period', kind: 'day', zone: 'Asia/Shanghai' },
    },
  ]
  const router = createRouter({ ...shardMap, families: [...shardMap.families, ...added] })
  const lines = textOf('vectors').trimEnd().split('\n')
  const answers = lines.map((line) => {
    const [family = '', at = ''] = line.split(' ')
    return `${family} ${at} ${router.shardFor(family, { at: new Date(at) }).table}`
  })
  expect(answers).toEqual(lines)
})
