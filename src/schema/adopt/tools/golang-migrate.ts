import {
  fileGone,
  type HistoryRow,
  type OldFile,
  type OldHistory,
  type OldProject,
  passedOver,
  type SqlTool,
  splitLines,
  unfinished,
} from '../contract.ts'
import { findDuplicates } from '../duplicates.ts'

/** golang-migrate: `1_name.up.sql` and `1_name.down.sql`; the table `schema_migrations` has one row, the current version. */
export const golangMigrate: SqlTool = {
  kind: 'sql',
  name: 'golang-migrate',
  history: { table: 'schema_migrations', columns: ['version', 'dirty'], order: 'version' },
  readProject,
  readHistory,
}

/** Like its source/parse.go, and `V0001.Name.up.sql` of programs that read the same layout. */
const fileName = /^V?(\d+)[._](.*)\.(up|down)\.sql$/

function readProject(files: readonly OldFile[]): OldProject {
  const named = files.flatMap((file) => {
    const [, version = '', name = '', direction = ''] = fileName.exec(file.path) ?? []
    return version === '' ? [] : [{ file, version: version.replace(/^0+(?=\d)/, ''), name, direction }]
  })
  const downs = new Map(named.filter((one) => one.direction === 'down').map(({ version, file }) => [version, file]))
  const ups = named.filter((one) => one.direction === 'up')
  const used = new Set(named.map(({ file }) => file.path))
  return {
    migrations: ups
      .toSorted((one, other) => (BigInt(one.version) < BigInt(other.version) ? -1 : 1))
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
      'golang-migrate',
      files.filter(({ path }) => path.endsWith('.sql') && !used.has(path)).map(({ path }) => path),
    ),
    faults: findDuplicates(
      'golang-migrate',
      named.map(({ file, version, direction }) => ({ id: `${version} ${direction}`, file: file.path })),
      (id) => `the version \`${id.replace(' ', '` ')}`,
    ),
  }
}

function readHistory(rows: readonly HistoryRow[], { migrations }: OldProject): OldHistory {
  const row = rows[0]
  const none = { applied: [], edited: [], notes: [], faults: [] }
  const version = row?.['version'] ?? null
  if (version === null) return none
  if (row?.['dirty'] === '1') {
    const fault = unfinished(
      'golang-migrate',
      version,
      'Its table is marked `dirty`: a statement of this version failed after those before it ran.',
      `Bring the database to a complete version by hand, run \`migrate force ${version}\` (or the version before it), and then adopt.`,
    )
    return { ...none, faults: [fault] }
  }
  const at = migrations.findIndex(({ id }) => id === version)
  if (at < 0) return { ...none, faults: [fileGone('golang-migrate', version)] }
  return {
    ...none,
    applied: migrations.slice(0, at + 1).map(({ id }) => ({ id, at: null, by: null, milliseconds: null })),
    notes: [
      'golang-migrate records only the current version: all files up to it count as applied, at an unknown time.',
    ],
  }
}
