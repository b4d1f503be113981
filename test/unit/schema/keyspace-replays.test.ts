import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { platformOf } from '../../../src/migrations/plan/database-state.ts'
import { scratchOf } from '../../../src/probe/mysql/scratch-of.ts'
import { findReplayKey } from '../../../src/schema/replay-key.ts'
import { planSquash } from '../../../src/schema/squash/plan-squash.ts'
import { toStatement } from '../../../src/sql/classify.ts'
import { configOf, databaseOf, migrationOf } from '../../helpers/migrations/engine.ts'

const folders: string[] = []
afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true })
})

const plain = databaseOf('app')
const keyspace = databaseOf('app', {
  vitess: { journal: 'app', ddlStrategy: 'direct' },
  scratchServer: { ...plain.server, label: 'scratch:3306' },
})

it('a scratch schema of a keyspace is on MySQL, and judged by conditions as the keyspace', () => {
  const scratch = scratchOf(keyspace)
  expect([scratch.vitess, scratch.server.label, platformOf(scratch)]).toEqual([undefined, 'scratch:3306', 'vitess'])
  expect(platformOf(scratchOf(plain))).toBe('mysql')
})

it('the replays of a keyspace and of a schema of MySQL have keys of their own', async () => {
  const root = mkdtempSync(join(tmpdir(), 'wwdb-key-'))
  folders.push(root)
  mkdirSync(join(root, 'app'))
  writeFileSync(join(root, 'app', '20260101000000_a.sql'), '-- migrate:up\nCREATE TABLE a (id INT PRIMARY KEY);\n')
  const keyOf = (one: typeof plain) => {
    const database = { ...one, migrations: join(root, 'app'), templates: join(root, 'templates') }
    const config = configOf(['app'], { root, databases: [database] })
    return findReplayKey({ readFacts: async () => ({ facts: [] }) }, config, null, null, '1')
  }
  const keys = [await keyOf(plain), await keyOf(keyspace), await keyOf(plain)]
  expect(keys.every((one) => one !== null)).toBe(true)
  expect([keys[0] === keys[1], keys[0] === keys[2]]).toEqual([false, true])
})

it('a squash refuses files that change the VSchema, and names their statements', () => {
  const files = ['1', '2'].map((version) => migrationOf(`app/${version}`))
  const texts = ['CREATE TABLE a (id INT)', 'ALTER VSCHEMA ON a ADD VINDEX v (id)', 'ALTER VSCHEMA DROP VINDEX w']
  const up = {
    type: 'statements' as const,
    statements: texts.map((text, index) =>
      toStatement({ type: 'statement', text, source: text, file: 'a.sql', line: index + 1, column: 1 }, index),
    ),
  }
  const squash = () => planSquash(new Map([['app', [...files, migrationOf('app/3', { up })]]]), ['app'], '3')
  expect(squash).toThrow(/changes the VSchema: ALTER VSCHEMA ADD VINDEX on line 2, ALTER VSCHEMA DROP VINDEX on line 3/)
  expect(planSquash(new Map([['app', files]]), ['app'], '2').parts).toHaveLength(1)
})
