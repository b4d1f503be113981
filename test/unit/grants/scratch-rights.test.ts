import { expect, test } from 'vitest'
import type { ShardFamily } from '../../../src/core/shard-family.ts'
import { computeGrants } from '../../../src/grants/compute-grants.ts'
import { placeText, scratchPlace } from '../../../src/grants/grant.ts'
import type { Purpose } from '../../../src/grants/purpose.ts'
import type { Migration } from '../../../src/migrations/migration.ts'
import { toStatement } from '../../../src/sql/classify.ts'
import { resolveText } from '../config/resolve-text.ts'

const { config } = resolveText(JSON.stringify({ databases: { app: {} }, url: 'mysql://root@h' }))

function migrationOf(texts: readonly string[], shards?: string): Migration {
  const statements = texts.map((text, index) =>
    toStatement({ type: 'statement', text, source: text, file: 'a.sql', line: 1, column: 1 }, index),
  )
  return {
    ...{ database: 'app', version: '0001', name: 'a', kind: 'versioned', file: 'a.sql', checksum: '' },
    ...{ requires: [], conditions: [], accepted: [], up: { type: 'statements', statements }, down: null },
    ...(shards === undefined ? {} : { shards }),
  }
}

/** Of a family only what rights depend on. */
function familyOf(text: string): ShardFamily {
  const family = {
    ...{ name: 'notes', database: 'app', division: { type: 'period' }, policy: { keep: null, view: null } },
    template: { sharedReferences: [], text },
  }
  return family as unknown as ShardFamily
}

function inScratchSchemas(purpose: Purpose, migrations: readonly Migration[], template = ''): readonly string[] {
  const project = { config, migrations: new Map([['app', migrations]]), families: [familyOf(template)], seeded: [] }
  const scratch = computeGrants(project, purpose, config.databases).find(
    ({ place }) => placeText(place) === placeText(scratchPlace),
  )
  return scratch?.privileges ?? []
}

const table = 'CREATE TABLE a (id INT PRIMARY KEY)'

test('an account that rotates may make a table of a template, see its columns, and drop it', () => {
  expect(inScratchSchemas('rotate', [migrationOf([table])]).toSorted()).toEqual(['CREATE', 'DROP', 'SELECT'])
})

test('a template with foreign keys needs REFERENCES there, and a change of shards what it is made of', () => {
  const template = 'CREATE TABLE {{table}} (id INT, FOREIGN KEY (id) REFERENCES {{sibling:marks}} (id))'
  expect(inScratchSchemas('rotate', [], template)).toContain('REFERENCES')
  const change = [
    'ALTER TABLE {{table}} ADD COLUMN n INT',
    'CREATE INDEX by_n ON {{table}} (n)',
    'UPDATE {{table}} SET n = 1',
  ]
  expect(inScratchSchemas('rotate', [migrationOf(change, 'notes')]).toSorted()).toEqual([
    ...['ALTER', 'CREATE', 'DROP', 'INDEX', 'SELECT'],
  ])
  // Those of another family, and of no family, are not tried by rotation.
  expect(inScratchSchemas('rotate', [migrationOf(change, 'others'), migrationOf(change)])).not.toContain('INDEX')
})

test.each([
  ['makes one', ['CREATE VIEW v AS SELECT id FROM a'], false],
  ['drops one', ['CREATE VIEW v AS SELECT id FROM a', 'DROP VIEW v'], true],
  ['replaces one', ['CREATE OR REPLACE VIEW v AS SELECT id FROM a'], true],
  ['alters one', ['CREATE VIEW v AS SELECT id FROM a', 'ALTER VIEW v AS SELECT id + 1 FROM a'], true],
])('an account that migrates may look at views there where a file %s: %#', (_, texts, expected) => {
  expect(inScratchSchemas('migrate', [migrationOf([table, ...texts])]).includes('SHOW VIEW')).toBe(expected)
})

test.each([
  ['DROP VIEW v', true],
  ['ALTER VIEW v AS SELECT 1', true],
  ['CREATE OR REPLACE VIEW v AS SELECT 1', true],
  ['CREATE VIEW v AS SELECT 1', false],
  ['DROP TABLE v', false],
])('a replay of %s needs SHOW VIEW: %s', (text, expected) => {
  expect(inScratchSchemas('migrate', [migrationOf([table, text])]).includes('SHOW VIEW')).toBe(expected)
})
