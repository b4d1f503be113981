import { describe, expect, test } from 'vitest'
import { isOwnColumn, stateOfTable } from '../../../src/ddl/schema.ts'
import { digestDefinitions } from '../../../src/migrations/execute/recover.ts'
import type { JournalRow, Pass } from '../../../src/migrations/journal/journal.ts'
import type { Migration } from '../../../src/migrations/migration.ts'
import { makeStep } from '../../../src/migrations/plan/decide-steps.ts'
import { listStatementsRun, ownTables } from '../../../src/migrations/plan/own-tables.ts'
import { serverWith, stateOf } from '../../helpers/ddl/known-tables.ts'
import { migrationOf, passOf } from '../../helpers/migrations/engine.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

function migrationWith(version: string, texts: readonly string[]): Migration {
  const statements = texts.map((text, index) => statementOf(text, index))
  return migrationOf(`app/${version}`, { up: { type: 'statements', statements } })
}

function rowsOf(migration: Migration, pass: number, changes: Partial<JournalRow> = {}): readonly JournalRow[] {
  const { up } = migration
  if (up.type !== 'statements') return []
  return up.statements.map(({ hash, objects, index }) => ({
    pass,
    statement: index,
    state: 'closed',
    hash,
    summary: '',
    class: 'definition',
    connectionId: 1,
    fingerprint: null,
    objects,
    identity: false,
    memory: null,
    error: null,
    runner: 'host:1',
    openedAt: '',
    ...changes,
  }))
}

/** A pass that closed `closed` of its statements, and stopped at the next. */
const stopped = (migration: Migration, pass: number, closed: number): Pass =>
  passOf(migration, pass, { total: closed + 1, closed })

const own = migrationWith('1', ['CREATE TABLE made (n INT)', 'ALTER TABLE old ADD m INT', 'DROP TABLE made'])
const other = migrationWith('2', ['RENAME TABLE old TO made'])

async function ranOf(passes: readonly Pass[], rows: readonly JournalRow[], migrations: readonly Migration[] = [own]) {
  const steps = migrations.map((migration) => makeStep(migration, 'apply', 0))
  return (await listStatementsRun({ passes, rows }, steps)).map(({ text }) => text)
}

describe('what an unfinished migration has run', () => {
  const made = ['CREATE TABLE made (n INT)', 'ALTER TABLE old ADD m INT']

  test('is what its pass closed, in order', async () => {
    expect(await ranOf([stopped(own, 1, 2)], rowsOf(own, 1))).toEqual(made)
    const passes = [stopped(other, 1, 1), stopped(own, 2, 2)]
    expect(await ranOf(passes, [...rowsOf(other, 1), ...rowsOf(own, 2)], [own, other])).toEqual([
      'RENAME TABLE old TO made',
      ...made,
    ])
  })

  test('does not count once another migration has run, or a finished pass of its own', async () => {
    expect(await ranOf([stopped(own, 1, 2), passOf(other, 2)], rowsOf(own, 1))).toEqual([])
    expect(await ranOf([passOf(own, 1)], rowsOf(own, 1))).toEqual([])
    const later = [stopped(own, 1, 2), passOf(other, 2, { kind: 'seed' }), passOf(other, 3, { kind: 'mark' })]
    expect(await ranOf(later, rowsOf(own, 1))).toEqual(made)
  })

  test('does not count where the file or the journal says something else', async () => {
    expect(await ranOf([stopped(own, 1, 2)], rowsOf(own, 1, { hash: 'another' }))).toEqual([])
    expect(await ranOf([stopped(own, 1, 2)], rowsOf(own, 1).slice(1))).toEqual([])
    expect(await ranOf([stopped(own, 1, 2)], rowsOf(own, 1, { state: 'failed' }))).toEqual([])
    expect(await ranOf([{ ...stopped(own, 1, 2), direction: 'down' }], rowsOf(own, 1))).toEqual([])
  })
})

describe('tables with what it made', () => {
  const present = stateOf('CREATE TABLE made (x INT)', { rows: 1e6, bytes: 1e9 })
  const server = serverWith({ made: present, old: stateOf('CREATE TABLE old (id INT, M INT)') })
  const known = (texts: readonly string[]) =>
    ownTables(
      server,
      texts.map((text, index) => statementOf(text, index)),
    )

  test('are new, and so are columns that it added', () => {
    const tables = known(['CREATE TABLE first (n INT)', 'RENAME TABLE first TO made', 'ALTER TABLE old ADD m INT'])
    expect(stateOfTable(tables, { schema: null, name: 'made' })).toMatchObject({ type: 'new' })
    const old = { schema: null, name: 'old' }
    expect(['id', 'M'].map((column) => isOwnColumn(tables, old, column))).toEqual([false, true])
  })

  test.each([
    [['CREATE TABLE IF NOT EXISTS made (n INT)']],
    [['CREATE TABLE made (n INT)', 'DROP TABLE made', 'RENAME TABLE old TO made']],
    [['CREATE TABLE made (n INT)', 'CALL unknown()']],
  ])('are not, where it may be another: %j', (texts) => {
    expect(stateOfTable(known(texts), { schema: null, name: 'made' })).toBe(present)
  })

  test('CREATE TABLE IF NOT EXISTS made it where the journal saw none before', async () => {
    const migration = migrationWith('1', ['CREATE TABLE IF NOT EXISTS made (n INT)', 'DO 0'])
    const [row] = rowsOf(migration, 1)
    const objects = row?.objects ?? []
    const state = async (definition: string | null) => {
      const rows = rowsOf(migration, 1, { fingerprint: digestDefinitions(objects, [definition]) })
      const steps = [makeStep(migration, 'apply', 1)]
      const ran = await listStatementsRun({ passes: [stopped(migration, 1, 1)], rows }, steps)
      return stateOfTable(ownTables(server, ran), { schema: null, name: 'made' }).type
    }
    expect([await state(null), await state('CREATE TABLE made (n INT)')]).toEqual(['new', 'table'])
  })
})
