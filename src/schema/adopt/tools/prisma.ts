import { createHash } from 'node:crypto'
import type { Fault } from '../../../core/tool-error.ts'
import {
  type AppliedMigration,
  fileGone,
  type HistoryRow,
  type OldFile,
  type OldHistory,
  type OldProject,
  type SqlTool,
  unfinished,
} from '../contract.ts'

/** Prisma Migrate: `20240131093000_name/migration.sql`; the table `_prisma_migrations`. */
export const prisma: SqlTool = {
  kind: 'sql',
  name: 'prisma',
  history: {
    table: '_prisma_migrations',
    columns: ['checksum', 'finished_at', 'migration_name', 'rolled_back_at', 'started_at'],
    order: 'started_at, migration_name',
  },
  readProject,
  readHistory,
}

const path = /^(?:.*\/)?((\d+)_?([^/]*))\/migration\.sql$/

function readProject(files: readonly OldFile[]): OldProject {
  const texts = new Map(files.map((file) => [file.path, file.text]))
  const migrations = files.flatMap((file) => {
    const [, folder = '', version = '', name = ''] = path.exec(file.path) ?? []
    if (folder === '') return []
    const down = texts.get(file.path.replace(/migration\.sql$/, 'down.sql')) ?? null
    return [{ id: folder, file: file.path, kind: 'versioned' as const, version, name, up: file.text, down }]
  })
  return { migrations: migrations.toSorted((one, other) => (one.id < other.id ? -1 : 1)), notes: [], faults: [] }
}

function readHistory(rows: readonly HistoryRow[], project: OldProject, files: readonly OldFile[]): OldHistory {
  const texts = new Map(files.map((file) => [file.path, file.text]))
  const known = new Map(project.migrations.map((one) => [one.id, one]))
  const applied: AppliedMigration[] = []
  const edited: { file: string; why: string }[] = []
  const faults: Fault[] = []
  for (const row of rows) {
    const { migration_name: id, finished_at: at, started_at: begun, checksum } = row
    if (id === null || id === undefined || row['rolled_back_at'] !== null) continue
    const migration = known.get(id)
    if (at === null || at === undefined) {
      const why = 'One of its statements failed after those before it ran: MySQL cannot roll back DDL.'
      const next = `Fix the database by hand, run \`prisma migrate resolve --rolled-back ${id}\` (or \`--applied\`), and then adopt.`
      faults.push(unfinished('Prisma', id, why, next))
    } else if (migration === undefined) faults.push(fileGone('Prisma', id))
    else {
      const hash = createHash('sha256')
        .update(texts.get(migration.file) ?? '')
        .digest('hex')
      if (hash !== checksum)
        edited.push({ file: migration.file, why: 'its SHA-256 is not the one that Prisma recorded' })
      const milliseconds = begun ? Math.max(0, toMoment(at) - toMoment(begun)) : null
      applied.push({ id, at, by: null, milliseconds })
    }
  }
  return { applied, edited, notes: [], faults }
}

function toMoment(time: string): number {
  return Date.parse(`${time.replace(' ', 'T')}Z`)
}
