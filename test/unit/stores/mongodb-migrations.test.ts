import { expect, test } from 'vitest'
import {
  compareWithJournal,
  type MigrationPlan,
  type MigrationRequest,
  planMigrations,
  readBound,
} from '../../../src/stores/migrations/plan-migrations.ts'
import type { CodeMigration, Journal, JournalEntry } from '../../../src/stores/migrations/ports.ts'
import { readPart, readShapes } from '../../../src/stores/migrations/read-shape.ts'

function file(version: string): CodeMigration {
  const name = 'change'
  const path = `migrations/app.mongodb/${version}_${name}.ts`
  return { version, name, file: path, path: `/${path}`, checksum: `sum of ${version}` }
}

function entry(version: string, more: Partial<JournalEntry> = {}): JournalEntry {
  const { name, file: path, checksum } = file(version)
  const at = '2026-12-01T09:00:00.000Z'
  const usual = { state: 'applied', direction: 'up', at, by: 'a', documents: 0, collections: null } as const
  return { version, name, file: path, checksum, ...usual, ...more }
}

const folder = { name: 'app', migrations: ['0001', '0002', '0003'].map(file) }
const journalOf = (entries: readonly JournalEntry[], more: Partial<Journal> = {}): Journal => ({
  entries,
  changelogName: 'changelog',
  changelog: [],
  changelogLocked: false,
  ...more,
})
const up: MigrationRequest = { direction: 'up', to: null, steps: null, adopt: false, outOfOrder: 'fail' }
const down: MigrationRequest = { ...up, direction: 'down' }

function plan(journal: Journal, request: MigrationRequest): MigrationPlan {
  const bound = readBound(compareWithJournal(folder, journal), request.to)
  return planMigrations(folder, journal, { ...request, bound, only: null })
}

function versions(journal: Journal, request: MigrationRequest): readonly string[] {
  return plan(journal, request).steps.map(({ migration }) => migration.version)
}

function refusal(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was refused')
}

test('what is pending runs in order, up to and with a version, and where it is older than what is applied only if that is allowed', () => {
  expect(versions(journalOf([]), up)).toEqual(['0001', '0002', '0003'])
  expect(versions(journalOf([entry('0002')]), { ...up, outOfOrder: 'allow' })).toEqual(['0001', '0003'])
  expect(refusal(() => versions(journalOf([entry('0002')]), up))).toMatchObject({ code: 'PLAN_IMPOSSIBLE' })
  expect(versions(journalOf([]), { ...up, to: '2' })).toEqual(['0001', '0002'])
  expect(refusal(() => versions(journalOf([]), { ...up, to: '7' }))).toMatchObject({ code: 'UNKNOWN_VERSION' })
})

test('the latest one is taken back, or several, or all that is later than a version', () => {
  const all = journalOf(['0001', '0002', '0003'].map((version) => entry(version)))
  expect(versions(all, down)).toEqual(['0003'])
  expect(versions(all, { ...down, steps: 2 })).toEqual(['0003', '0002'])
  expect(versions(all, { ...down, to: '0001' })).toEqual(['0003', '0002'])
  expect(versions(all, { ...down, to: '0' })).toEqual(['0003', '0002', '0001'])
})

test('what was begun is continued in its direction, and nothing else runs in the other one before', () => {
  const half = journalOf([entry('0001'), entry('0002', { state: 'open', documents: 500 })])
  expect(plan(half, up).steps[0]).toMatchObject({ migration: { version: '0002' }, entry: { documents: 500 } })
  expect(refusal(() => versions(half, down))).toMatchObject({
    code: 'PLAN_IMPOSSIBLE',
    faults: [{ next: 'Run `wwdb setup migrate` first: it continues there.' }],
  })
})

test('a changed file stops every run, one that is missing only what needs it', () => {
  const changed = journalOf([entry('0001', { checksum: 'another' })])
  expect(compareWithJournal(folder, changed).map(({ state }) => state)).toEqual(['changed', 'pending', 'pending'])
  expect(refusal(() => versions(changed, up))).toMatchObject({ code: 'PLAN_IMPOSSIBLE' })
  const missing = journalOf([entry('0004')])
  expect(compareWithJournal(folder, missing).at(-1)).toMatchObject({ version: '0004', state: 'file-missing' })
  expect(versions(missing, { ...up, outOfOrder: 'allow' })).toEqual(['0001', '0002', '0003'])
  expect(refusal(() => versions(missing, down))).toMatchObject({ faults: [{ what: 'The file of 0004 is missing.' }] })
})

test('what migrate-mongo has applied is never applied again without being asked for', () => {
  const applied = { fileName: '0001-change.js', at: '' }
  const journal = journalOf([], { changelog: [applied] })
  expect(refusal(() => versions(journal, up))).toMatchObject({ code: 'PLAN_IMPOSSIBLE' })
  const adopting = { ...up, adopt: true }
  expect(plan(journal, adopting)).toMatchObject({ adopted: [{ version: '0001' }], applied: 1 })
  expect(versions(journal, adopting)).toEqual(['0002', '0003'])
  const locked = journalOf([], { changelog: [applied], changelogLocked: true })
  expect(refusal(() => versions(locked, adopting))).toMatchObject({ code: 'PLAN_IMPOSSIBLE' })
  const foreign = journalOf([], { changelog: [{ fileName: '0009-other.js', at: '' }] })
  expect(refusal(() => versions(foreign, adopting))).toMatchObject({ faults: [{ where: { database: 'app' } }] })
  expect(versions(journalOf([entry('0001')], { changelog: [applied] }), up)).toEqual(['0002', '0003'])
})

test('what a file exports says how it runs', () => {
  const call = async (): Promise<void> => undefined
  const walk = { collection: 'notes', change: call }
  expect(readShapes({ up: call }, 'a.ts')).toEqual({ up: { manner: 'transaction', collections: [] }, down: null })
  expect(readShapes({ up: call, down: call, transaction: false }, 'a.ts').down).toMatchObject({ manner: 'outside' })
  expect(readShapes({ default: { up: [walk, walk] } }, 'a.ts').up).toMatchObject({
    manner: 'batches',
    collections: ['notes', 'notes'],
  })
  expect(readPart({ up: walk }, 'up', 'a.ts')).toMatchObject({ walks: [{ size: 500, filter: {} }] })
  // Node finds only some names of a CommonJS module.
  expect(readShapes({ up: call, default: { up: call, down: call } }, 'a.js').down).not.toBeNull()
  for (const wrong of [
    {},
    { up: 1 },
    { up: { collection: 'notes' } },
    { up: { ...walk, size: 0 } },
    { up: call, transaction: 1 },
  ])
    expect(refusal(() => readShapes(wrong, 'a.ts'))).toMatchObject({ code: 'MODULE_INCOMPLETE' })
})
