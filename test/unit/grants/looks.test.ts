import { expect, test } from 'vitest'
import { computeGrants } from '../../../src/grants/compute-grants.ts'
import { placeText } from '../../../src/grants/grant.ts'
import type { Migration } from '../../../src/migrations/migration.ts'
import { toStatement } from '../../../src/sql/classify.ts'
import { resolveText } from '../config/resolve-text.ts'

const { config } = resolveText(JSON.stringify({ databases: { app: {} }, url: 'mysql://root@h' }))

/** What an account that migrates may read beside its own schema: PROCESS, and performance_schema. */
function looksOf(text: string): readonly string[] {
  const source = { type: 'statement', text, source: text, file: 'a.sql', line: 1, column: 1 } as const
  const migration: Migration = {
    ...{ database: 'app', version: '0001', name: 'a', kind: 'versioned', file: 'a.sql', checksum: '' },
    ...{ requires: [], conditions: [], accepted: [], down: null },
    up: { type: 'statements', statements: [toStatement(source, 0)] },
  }
  const project = { config, migrations: new Map([['app', [migration]]]), families: [], seeded: [] }
  return computeGrants(project, 'migrate', config.databases)
    .filter(({ place }) => place.type === 'server' || placeText(place).includes('performance'))
    .flatMap(({ place, privileges }) => privileges.map((privilege) => `${privilege} ON ${placeText(place)}`))
}

const looks = ['PROCESS ON *.*', expect.stringMatching(/^SELECT ON `performance.*_schema`\.\*$/)]

test.each([
  'ALTER TABLE a ADD COLUMN n INT',
  'DROP TABLE a',
  'RENAME TABLE a TO b',
  'CREATE INDEX by_n ON a (n)',
  'CREATE TABLE IF NOT EXISTS a (id INT PRIMARY KEY)',
  'CREATE TABLE b (id INT PRIMARY KEY) SELECT id FROM a',
  'CREATE TABLE b (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES a (id))',
])('an account that migrates may look who holds a table: %s', (text) => {
  expect(looksOf(text)).toEqual(looks)
})

test.each([
  'CREATE TABLE a (id INT PRIMARY KEY)',
  'CREATE VIEW v AS SELECT 1',
  'DROP VIEW v',
  'CREATE PROCEDURE p() SELECT 1',
  'INSERT INTO a VALUES (1)',
  'UPDATE a SET n = 1',
])('nobody is looked for, and no right on the server is granted: %s', (text) => {
  expect(looksOf(text)).toEqual([])
})
