import type { Fault } from '../../../core/tool-error.ts'
import {
  type AppliedMigration,
  fileGone,
  type HistoryRow,
  keepLines,
  type OldFile,
  type OldHistory,
  type OldProject,
  passedOver,
  type SqlTool,
  splitLines,
} from '../contract.ts'
import { findDuplicates } from '../duplicates.ts'

/** goose: `00001_name.sql` with `-- +goose Up` and `-- +goose Down`; the table `goose_db_version`. */
export const goose: SqlTool = {
  kind: 'sql',
  name: 'goose',
  history: { table: 'goose_db_version', columns: ['version_id', 'is_applied', 'tstamp'], order: 'id' },
  readProject,
  readHistory,
}

const fileName = /^(\d+)_(.*)\.(sql|go)$/
const annotation = /^--\s*\+goose\s+(.+?)\s*$/i

function readProject(files: readonly OldFile[]): OldProject {
  const named = files.flatMap((file) => {
    const [, version = '', name = '', kind = ''] = fileName.exec(file.path) ?? []
    return version === '' ? [] : [{ file, version: version.replace(/^0+(?=\d)/, ''), name, kind }]
  })
  const used = new Set(named.map(({ file }) => file.path))
  return {
    migrations: named
      .filter(({ kind }) => kind === 'sql')
      .toSorted((one, other) => (BigInt(one.version) < BigInt(other.version) ? -1 : 1))
      .map(({ file, version, name }) => ({
        id: version,
        file: file.path,
        kind: 'versioned',
        version,
        name,
        ...readSections(splitLines(file.text)),
      })),
    notes: passedOver(
      'goose',
      files.filter(({ path }) => path.endsWith('.sql') && !used.has(path)).map(({ path }) => path),
    ),
    faults: [
      ...findDuplicates(
        'goose',
        named.filter(({ file }) => !isTest(file)).map(({ file, version }) => ({ id: version, file: file.path })),
        (id) => `the version \`${id}\``,
      ),
      ...named.flatMap(({ file, kind }): readonly Fault[] => {
        if (kind === 'go' && !isTest(file)) return [codeFault(file.path)]
        const line = splitLines(file.text).findIndex((one) => /^--\s*\+goose\s+ENVSUB\s+ON/i.test(one))
        return line < 0 ? [] : [substitutionFault(file.path, line + 1)]
      }),
    ],
  }
}

const isTest = ({ path }: OldFile): boolean => path.endsWith('_test.go')

/** A statement ends where goose says so, even without a semicolon. */
function readSections(lines: readonly string[]): { readonly up: string; readonly down: string | null } {
  let part: 'up' | 'down' | null = null
  const parts = lines.map((line) => {
    const word = annotation.exec(line)?.[1]?.toLowerCase()
    if (word === 'up' || word === 'down') part = word
    return word === undefined ? part : null
  })
  const plain = lines.map((line) => (/^--\s*\+goose\s+StatementEnd/i.test(line) ? ';' : line))
  const ends = new Set(plain.flatMap((line, index) => (line === ';' ? [index] : [])))
  const of = (direction: 'up' | 'down'): string =>
    keepLines(plain, (index) => (ends.has(index) ? parts[index - 1] : parts[index]) === direction)
  return { up: of('up'), down: lines.some((line) => /^--\s*\+goose\s+Down/i.test(line)) ? of('down') : null }
}

function codeFault(file: string): Fault {
  return {
    what: 'A goose migration written as code cannot be converted to SQL.',
    where: { file },
    next: 'Write it as SQL in a file with the same version, and move the code out of the folder.',
  }
}

function substitutionFault(file: string, line: number): Fault {
  return {
    what: 'goose replaces environment variables in this file, whose values are not known.',
    where: { file, line },
    next: 'Write the values in the copy of the file in the folder of `--files`, and remove the line.',
  }
}

/** The last row of a version decides: older versions of goose add a row for each rollback. */
function readHistory(rows: readonly HistoryRow[], { migrations }: OldProject): OldHistory {
  const known = new Set(migrations.map(({ id }) => id))
  const applied = new Map<string, AppliedMigration>()
  for (const { version_id: id, is_applied: isApplied, tstamp } of rows) {
    if (id === null || id === undefined || id === '0') continue
    applied.delete(id)
    if (isApplied === '1') applied.set(id, { id, at: tstamp ?? null, by: null, milliseconds: null })
  }
  const gone = [...applied.keys()].filter((id) => !known.has(id))
  return {
    applied: [...applied.values()],
    edited: [],
    notes: [],
    faults: gone.map((id) => fileGone('goose', id)),
  }
}
