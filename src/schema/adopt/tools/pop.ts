import type { Fault } from '../../../core/tool-error.ts'
import {
  fileGone,
  type HistoryRow,
  type OldFile,
  type OldHistory,
  type OldProject,
  passedOver,
  type SqlTool,
  splitLines,
} from '../contract.ts'
import { findDuplicates } from '../duplicates.ts'

/** pop (soda, Ory's popx): `20240131093000_name.mysql.up.sql`, `20240131093000_name.up.sql` for all servers; the table `schema_migration` of versions. */
export const pop: SqlTool = {
  kind: 'sql',
  name: 'pop',
  history: { table: 'schema_migration', columns: ['version'], order: 'version' },
  readProject,
  readHistory,
}

/** Like pop's ParseMigrationFilename, and with the server after the direction, as some write it. */
const fileName = /^(\d+)_([^.]+)((?:\.[a-z\d]+)*?)\.(up|down)(?:\.[a-z\d]+)?\.(sql|fizz)$/

interface Named {
  readonly file: OldFile
  readonly version: string
  readonly name: string
  readonly direction: string
  readonly kind: string
}

function readProject(files: readonly OldFile[]): OldProject {
  const named = files.flatMap((file): readonly Named[] => {
    const base = file.path.slice(file.path.lastIndexOf('/') + 1)
    const [, version = '', name = '', , direction = '', kind = ''] = fileName.exec(base) ?? []
    return version === '' ? [] : [{ file, version, name, direction, kind }]
  })
  const downs = new Map(named.filter(({ direction }) => direction === 'down').map((one) => [one.version, one.file]))
  const ups = named.filter(({ direction, kind }) => direction === 'up' && kind === 'sql')
  const used = new Set(named.map(({ file }) => file.path))
  const identified = named.map(({ file, version, direction }) => ({ id: `${version} ${direction}`, file: file.path }))
  return {
    migrations: ups
      .toSorted((one, other) => (one.version < other.version ? -1 : 1))
      .map(({ file, version, name }) => ({
        id: version,
        file: file.path,
        kind: 'versioned',
        version,
        name,
        up: splitLines(file.text).join('\n'),
        down: downs.get(version)?.text ?? null,
      })),
    notes: passedOver(
      'pop',
      files.filter(({ path }) => path.endsWith('.sql') && !used.has(path)).map(({ path }) => path),
    ),
    faults: [
      ...findDuplicates('pop', identified, (id) => `the version \`${id.replace(' ', '` ')}`),
      ...named.flatMap(findUnreadable),
    ],
  }
}

/** What pop transforms before it sends a file: fizz, and Go templates. */
function findUnreadable({ file: { path, text }, kind }: Named): readonly Fault[] {
  const next = 'Write the SQL that pop generates from it in the copy of the folder of `--files`.'
  if (kind === 'fizz') return [{ what: 'A migration in fizz cannot be converted to SQL.', where: { file: path }, next }]
  const line = splitLines(text).findIndex((one) => /\{\{-?\s*[.\w]/.test(one))
  if (line < 0) return []
  return [{ what: 'This file contains a template for pop.', where: { file: path, line: line + 1 }, next }]
}

function readHistory(rows: readonly HistoryRow[], { migrations }: OldProject): OldHistory {
  const known = new Set(migrations.map(({ id }) => id))
  const versions = rows.flatMap(({ version }) => version ?? [])
  return {
    applied: versions.map((id) => ({ id, at: null, by: null, milliseconds: null })),
    edited: [],
    notes: versions.length === 0 ? [] : ['pop records no times: the journal entries have the current time.'],
    faults: versions.filter((id) => !known.has(id)).map((id) => fileGone('pop', id)),
  }
}
