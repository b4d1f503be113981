import { expect, test } from 'vitest'
import { computeGrants } from '../../../src/grants/compute-grants.ts'
import { placeText } from '../../../src/grants/grant.ts'
import type { Migration } from '../../../src/migrations/migration.ts'
import { toStatement } from '../../../src/sql/classify.ts'
import type { Statement } from '../../../src/sql/statement.ts'
import { resolveText } from '../config/resolve-text.ts'

/** What an account that migrates is given in its own schema and on the server. */
function grantsOf(online: Statement['online'], tool?: string): readonly (readonly string[])[] {
  const { config } = resolveText(
    JSON.stringify({ databases: { app: {} }, url: 'mysql://root@h', ...(tool !== undefined && { online: { tool } }) }),
  )
  const text = 'ALTER TABLE a ADD COLUMN n INT'
  const source = { type: 'statement', text, source: text, file: 'a.sql', line: 1, column: 1 } as const
  const statement = { ...toStatement(source, 0), ...(online !== undefined && { online }) }
  const migration: Migration = {
    ...{ database: 'app', version: '0001', name: 'a', kind: 'versioned', file: 'a.sql', checksum: '' },
    ...{ requires: [], conditions: [], accepted: [], down: null },
    up: { type: 'statements', statements: [statement] },
  }
  const project = { config, migrations: new Map([['app', [migration]]]), families: [], seeded: [] }
  const grants = computeGrants(project, 'migrate', config.databases)
  const at = (place: string) => grants.find((grant) => placeText(grant.place) === place)?.privileges ?? []
  return [at('`app`.*'), at('*.*')]
}

test('an online change needs what its tool needs, and any other change nothing of it', () => {
  const [own, server] = grantsOf(undefined)
  expect([own, server]).toEqual([expect.not.arrayContaining(['TRIGGER']), ['PROCESS']])
  const copying = expect.arrayContaining(['SELECT', 'DELETE', 'DROP', 'INDEX', 'TRIGGER', 'LOCK TABLES'])
  expect(grantsOf({ tool: null })).toEqual([copying, ['PROCESS']])
  expect(grantsOf({ tool: 'gh-ost' })).toEqual([copying, ['PROCESS', 'REPLICATION CLIENT', 'REPLICATION SLAVE']])
  const ofSpirit = ['CONNECTION_ADMIN', 'PROCESS', 'RELOAD', 'REPLICATION CLIENT', 'REPLICATION SLAVE']
  expect(grantsOf({ tool: null }, 'spirit')).toEqual([copying, ofSpirit])
  expect(grantsOf({ tool: 'pt-osc' }, 'spirit')).toEqual([copying, ['PROCESS']])
})
