import { chmodSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SchemaSnapshot } from '../../../src/ddl/snapshot.ts'
import { openReplayCache } from '../../../src/schema/replay-cache.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wwdb-cache-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const snapshot: SchemaSnapshot = {
  format: 1,
  database: 'app',
  charset: 'utf8mb4',
  collation: 'utf8mb4_0900_ai_ci',
  objects: [],
}

function open() {
  const cache = openReplayCache({ WWDB_CACHE_DIR: folder })
  if (cache === null) throw new Error('the folder can be written')
  return cache
}

test('the cache of replays keeps those that were used last', () => {
  const cache = open()
  for (let index = 0; index < 40; index += 1) {
    cache.write(`key${index}`, [snapshot])
    const time = new Date(Date.now() - (100 - index) * 1000)
    utimesSync(join(folder, 'replays', `key${index}.json`), time, time)
    cache.read('key0')
  }
  expect(readdirSync(join(folder, 'replays'))).toHaveLength(32)
  expect(cache.read('key0')).toEqual([snapshot])
  expect(cache.read('key1')).toBeNull()
  expect(cache.read('key39')).toEqual([snapshot])
})

test('the cache of replays removes what was not used for a month', () => {
  const cache = open()
  const long = new Date(Date.now() - 31 * 24 * 3_600_000)
  writeFileSync(join(folder, 'replays', 'draft.1'), '{')
  utimesSync(join(folder, 'replays', 'draft.1'), long, long)
  cache.write('key', [snapshot])
  expect(readdirSync(join(folder, 'replays'))).toEqual(['key.json'])
})

test('the cache of replays is not used where others may write, and leaves a file of another key alone', () => {
  const cache = open()
  cache.write('key', [snapshot])
  writeFileSync(join(folder, 'replays', 'other.json'), JSON.stringify({ key: 'key', snapshots: [snapshot] }))
  expect(cache.read('other')).toBeNull()
  chmodSync(join(folder, 'replays'), 0o777)
  expect(openReplayCache({ WWDB_CACHE_DIR: folder })).toBeNull()
})
