import {
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

/** dbmate: `20240131093000_name.sql` with `-- migrate:up` and `-- migrate:down`; the table `schema_migrations` of versions. */
export const dbmate: SqlTool = {
  kind: 'sql',
  name: 'dbmate',
  history: { table: 'schema_migrations', columns: ['version'], order: 'version' },
  readProject,
  readHistory,
}

const fileName = /^(\d+)(.*)\.sql$/
const directive = /^--\s*migrate:(up|down)(?:\s.*)?$/

function readProject(files: readonly OldFile[]): OldProject {
  const named = files.flatMap((file) => {
    const [, version = '', name = ''] = fileName.exec(file.path) ?? []
    return version === '' ? [] : [{ file, version, name }]
  })
  const used = new Set(named.map(({ file }) => file.path))
  return {
    migrations: named.map(({ file, version, name }) => ({
      id: version,
      file: file.path,
      kind: 'versioned',
      version,
      name,
      ...readSections(splitLines(file.text)),
    })),
    notes: passedOver(
      'dbmate',
      files.filter(({ path }) => path.endsWith('.sql') && !used.has(path)).map(({ path }) => path),
    ),
    faults: findDuplicates(
      'dbmate',
      named.map(({ file, version }) => ({ id: version, file: file.path })),
      (id) => `the version \`${id}\``,
    ),
  }
}

function readSections(lines: readonly string[]): { readonly up: string; readonly down: string | null } {
  let part: string | undefined
  const parts = lines.map((line) => {
    const begun = directive.exec(line)?.[1]
    part = begun ?? part
    return begun === undefined ? part : undefined
  })
  const hasDown = lines.some((line) => directive.exec(line)?.[1] === 'down')
  return {
    up: keepLines(lines, (index) => parts[index] === 'up'),
    down: hasDown ? keepLines(lines, (index) => parts[index] === 'down') : null,
  }
}

function readHistory(rows: readonly HistoryRow[], { migrations }: OldProject): OldHistory {
  const known = new Set(migrations.map(({ id }) => id))
  const versions = rows.flatMap(({ version }) => version ?? [])
  return {
    applied: versions.map((id) => ({ id, at: null, by: null, milliseconds: null })),
    edited: [],
    notes: versions.length === 0 ? [] : ['dbmate records no times: the journal entries have the current time.'],
    faults: versions.filter((id) => !known.has(id)).map((id) => fileGone('dbmate', id)),
  }
}
