import { describe, expect, test } from 'vitest'
import type { Pass } from '../../../src/migrations/journal/journal.ts'
import type { Migration } from '../../../src/migrations/migration.ts'
import { planInputsDigest } from '../../../src/migrations/plan/make-plan.ts'
import { migrationOf, passOf, snapshotOf } from '../../helpers/migrations/engine.ts'

const target = { database: 'app', schema: 'app', server: '127.0.0.1:3306' }
const facts = {
  version: '8.0.30',
  uuid: 'u',
  connectionId: 1,
  epochSeconds: 1,
  foldsNames: false,
  notices: [],
  isReadOnly: false,
  differences: [],
  morePins: [],
}
const migration = migrationOf('app/1')
const pass = passOf(migration, 1)

const digest = (
  changes: {
    readonly target?: object
    readonly facts?: object
    readonly passes?: readonly Pass[]
    readonly migrations?: readonly Migration[]
  } = {},
): string =>
  planInputsDigest(
    { ...target, ...changes.target },
    { ...facts, ...changes.facts },
    snapshotOf(changes.passes ?? [pass]),
    changes.migrations ?? [migration],
  )

describe("the digest of a plan's inputs changes with", () => {
  test.each([
    ['the server', { facts: { uuid: 'v' } }],
    ['its version', { facts: { version: '9.0.0' } }],
    ['the schema', { target: { schema: 'pr_1_app' } }],
    ['a pass more', { passes: [pass, passOf(migrationOf('app/2'), 2)] }],
    ['a pass less', { passes: [] }],
    ['the number of a pass', { passes: [{ ...pass, pass: 2 }] }],
    ['the version of a pass', { passes: [{ ...pass, version: '2' }] }],
    ['the direction of a pass', { passes: [{ ...pass, direction: 'down' as const }] }],
    ['the checksum of a pass', { passes: [{ ...pass, checksum: 'x' }] }],
    ['its closed statements', { passes: [{ ...pass, closed: 1 }] }],
    ['its open statements', { passes: [{ ...pass, open: 1 }] }],
    ['its number of statements', { passes: [{ ...pass, total: 3 }] }],
    ['a file more', { migrations: [migration, migrationOf('app/2')] }],
    ['a file less', { migrations: [] }],
    ['the text of a file', { migrations: [{ ...migration, checksum: 'x' }] }],
    ['the version of a file', { migrations: [{ ...migration, version: '01' }] }],
  ])('%s', (_, changes) => {
    expect(digest(changes)).not.toBe(digest())
  })
})

test('the digest does not change with who asks and when, how the server is called, and how long things took', () => {
  expect(
    digest({
      target: { server: 'db.example:3306' },
      facts: { connectionId: 2, epochSeconds: 9 },
      passes: [{ ...pass, milliseconds: 1, openedAt: 'x', closedAt: 'y', appliedBy: 'z', toolVersion: '9' }],
    }),
  ).toBe(digest())
})
