import { describe, expect, it } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { findUnknown } from '../../../src/stores/migrations/find-adopted.ts'
import { compareWithJournal, planMigrations, readBound } from '../../../src/stores/migrations/plan-migrations.ts'
import type {
  CodeDirection,
  CodeFolder,
  CodeMigration,
  Journal,
  JournalEntry,
} from '../../../src/stores/migrations/ports.ts'
import { findMisfit } from '../../../src/stores/migrations/read-shape.ts'

function migration(version: string, name = 'a'): CodeMigration {
  const file = `migrations/app.mongodb/${version}_${name}.mjs`
  return { version, name, file, path: `/${file}`, checksum: `sum of ${name}` }
}

function entry(version: string, more: Partial<JournalEntry> = {}): JournalEntry {
  const { name, file, checksum } = migration(version)
  const usual = { state: 'applied', direction: 'up', at: '', by: 'a test', documents: 0, collections: null } as const
  return { version, name, file, checksum, ...usual, ...more }
}

function folderOf(...versions: readonly string[]): CodeFolder {
  return { name: 'app', migrations: versions.map((version) => migration(version)) }
}

function journalOf(entries: readonly JournalEntry[], fileNames: readonly string[] = []): Journal {
  const changelog = fileNames.map((fileName) => ({ fileName, at: '' }))
  return { entries, changelogName: 'changelog', changelog, changelogLocked: false }
}

const usual = { bound: null, steps: null, adopt: false, outOfOrder: 'fail', only: null } as const

function planned(
  folder: CodeFolder,
  journal: Journal,
  request: Partial<Parameters<typeof planMigrations>[2]> & { readonly direction: CodeDirection },
): readonly string[] {
  return planMigrations(folder, journal, { ...usual, ...request }).steps.map((step) => step.migration.version)
}

/** The sentences of the refusal. */
function refusal(work: () => unknown): readonly string[] {
  try {
    work()
  } catch (error) {
    if (error instanceof ToolError) return error.faults.map(({ what }) => what)
    throw error
  }
  return []
}

describe('the plan of a database', () => {
  it('has what is pending, in order, up to a version', () => {
    const folder = folderOf('0001', '0002', '0003')
    const journal = journalOf([entry('0001')])
    expect(planned(folder, journal, { direction: 'up' })).toEqual(['0002', '0003'])
    expect(planned(folder, journal, { direction: 'up', bound: 2 })).toEqual(['0002'])
    expect(planned(folder, journal, { direction: 'down' })).toEqual(['0001'])
  })

  it('takes back the latest, as many as were asked for, and of those only what was confirmed', () => {
    const folder = folderOf('0001', '0002', '0003')
    const journal = journalOf([entry('0001'), entry('0002'), entry('0003')])
    const direction = 'down'
    expect(planned(folder, journal, { direction })).toEqual(['0003'])
    expect(planned(folder, journal, { direction, steps: 2 })).toEqual(['0003', '0002'])
    expect(planned(folder, journal, { direction, bound: 1 })).toEqual(['0003', '0002'])
    const later = journalOf([entry('0001'), entry('0002')])
    expect(planned(folder, later, { direction, only: new Set(['3']) })).toEqual([])
    expect(planned(folder, later, { direction, steps: 2, only: new Set(['3', '2']) })).toEqual(['0002'])
  })

  it('finds a version however its digits are written, and keeps the entry of the journal', () => {
    const journal = journalOf([entry('2', { state: 'open', documents: 7 })])
    expect(compareWithJournal(folderOf('0002'), journal)).toMatchObject([{ version: '2', state: 'open' }])
    const { steps } = planMigrations(folderOf('0002'), journal, { ...usual, direction: 'up' })
    expect(steps).toMatchObject([{ migration: { version: '0002' }, entry: { version: '2', documents: 7 } }])
  })

  it('refuses what was changed, what is late, and what was begun in the other direction', () => {
    const changed = journalOf([entry('0001', { checksum: 'another' })])
    expect(refusal(() => planned(folderOf('0001'), changed, { direction: 'up' }))).toEqual([
      '0001 was changed after it was applied.',
    ])
    const late = journalOf([entry('0002')])
    const both = folderOf('0001', '0002')
    expect(refusal(() => planned(both, late, { direction: 'up' }))).toHaveLength(1)
    expect(planMigrations(both, late, { ...usual, direction: 'up', outOfOrder: 'warn' }).notes).toHaveLength(1)
    expect(planned(both, late, { direction: 'up', outOfOrder: 'allow' })).toEqual(['0001'])
    const begun = journalOf([entry('0001', { state: 'open' })])
    expect(refusal(() => planned(folderOf('0001'), begun, { direction: 'down' }))).toHaveLength(1)
  })

  it('needs the file of what is taken back, and of nothing else', () => {
    const journal = journalOf([entry('0001'), entry('0002')])
    expect(planned(folderOf('0002'), journal, { direction: 'down' })).toEqual(['0002'])
    expect(refusal(() => planned(folderOf('0001'), journal, { direction: 'down' }))).toEqual([
      'The file of 0002 is missing.',
    ])
    expect(planned(folderOf('0001', '0003'), journal, { direction: 'up' })).toEqual(['0003'])
  })

  it('goes to a version that any database has', () => {
    const known = compareWithJournal(folderOf('0001', '0005'), journalOf([]))
    expect(readBound(known, '5')).toBe(5)
    expect(readBound(known, '0')).toBe(0)
    expect(readBound(known, null)).toBeNull()
    expect(refusal(() => readBound(known, '0004'))).toHaveLength(1)
  })
})

describe('what migrate-mongo has applied', () => {
  it('is known by its whole name', () => {
    const journal = journalOf([entry('0001')], ['1-a.js', '0001-b.js'])
    expect(findUnknown(journal)).toMatchObject([{ fileName: '0001-b.js' }])
  })

  it('is taken over by version and name, or by its name alone where two have one version', () => {
    const folder = { name: 'app', migrations: [migration('0001', 'a'), migration('0002', 'b')] }
    const adopt = { ...usual, direction: 'up', adopt: true } as const
    const names = (...fileNames: readonly string[]) =>
      planMigrations(folder, journalOf([], fileNames), adopt).adopted.map(({ version, fileName }) => [
        version,
        fileName,
      ])
    expect(names('0001-a.js', '0001-b.js')).toEqual([
      ['0001', '0001-a.js'],
      ['0002', '0001-b.js'],
    ])
    expect(refusal(() => names('0007-b.js'))).toHaveLength(1)
    expect(refusal(() => planned(folder, journalOf([], ['0001-a.js']), { direction: 'up' }))).toHaveLength(1)
  })
})

describe('what a file exports', () => {
  it('is what was begun, where documents have been passed', () => {
    const step = (manner: 'batches' | 'transaction', ...collections: readonly string[]) => ({
      ...({ id: '0001', migration: migration('0001'), direction: 'up', continued: 5 } as const),
      shape: { manner, collections },
    })
    const begun = entry('0001', { state: 'open', documents: 5, collections: ['notes'] })
    expect(findMisfit(step('batches', 'notes'), begun)).toEqual([])
    expect(findMisfit(step('batches', 'others', 'notes'), begun)).toHaveLength(1)
    expect(findMisfit(step('transaction'), begun)).toHaveLength(1)
    expect(findMisfit(step('transaction'), { ...begun, documents: 0 })).toEqual([])
    expect(findMisfit(step('transaction'), { ...begun, collections: null })).toEqual([])
  })
})
