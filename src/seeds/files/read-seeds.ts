import { type Fault, ToolError } from '../../core/tool-error.ts'
import { normaliseText } from '../../files/checksum.ts'
import { withExcerpts } from '../../files/excerpts.ts'
import { readTextFile } from '../../files/text-file.ts'
import { isFault } from '../../migrations/files/migration-name.ts'
import type { AdministratorSeed, DatabaseSeeds, SeedScript, SeedTable } from '../seed.ts'
import { checkRows } from './check-rows.ts'
import { listSeeds, type SeedEntry, type SeedFolder } from './list-seeds.ts'
import { describesAdministrator, readAdministrator } from './read-administrator.ts'
import { readDocument } from './read-document.ts'
import { readModuleSeed, readSqlSeed } from './read-script.ts'
import { readTable } from './read-table.ts'
import { TreeReader } from './tree-reader.ts'

/** The part of the configuration that says which seeds there are. */
export interface SeedFolders {
  /** Absolute path of the project's folder: files are named relative to it. */
  readonly root: string
  readonly databases: readonly SeedFolder[]
  /** Names that a row's environments can have; null where any will do. */
  readonly environments: readonly string[] | null
}

/** Far more than reference data comes to; rows beyond that belong into a migration. */
const largestFile = 64 * 1024 * 1024

interface SeedFileReading {
  readonly table: SeedTable | null
  readonly script: SeedScript | null
  readonly administrator: AdministratorSeed | null
  readonly faults: readonly Fault[]
}

/** The seeds of all databases with what is wrong with them. */
interface SeedReading {
  readonly seeds: readonly DatabaseSeeds[]
  readonly faults: readonly Fault[]
  readonly files: number
}

/**
 * Reads and checks the seeds of every database; those without any are left out.
 * Throws ToolError `SEEDS_INVALID` with every fault of every file.
 */
export function readSeeds(folders: SeedFolders): readonly DatabaseSeeds[] {
  const { seeds, faults } = inspectSeeds(folders)
  if (faults.length > 0) throw new ToolError('SEEDS_INVALID', faults)
  return seeds
}

/** The same without throwing: files that cannot be read are absent from the seeds. */
export function inspectSeeds(folders: SeedFolders): SeedReading {
  const names = folders.databases.map(({ name }) => name)
  const faults: Fault[] = []
  let files = 0
  const seeds = folders.databases.flatMap((folder) => {
    const listing = listSeeds(folder, folders.root)
    files += listing.entries.length
    const readings = listing.entries.map((entry) => readEntry(entry, names, folders.environments))
    const tables = readings.flatMap(({ table }) => (table === null ? [] : [table]))
    const scripts = readings.flatMap(({ script }) => (script === null ? [] : [script]))
    const administrators = readings.flatMap(({ administrator }) => (administrator === null ? [] : [administrator]))
    const own = [...listing.faults, ...readings.flatMap((reading) => reading.faults), ...findSecond(administrators)]
    // Rows that could not be read would be missing from what they are compared with.
    faults.push(...own, ...(own.length === 0 ? checkRows(tables) : []))
    return listing.entries.length === 0
      ? []
      : [{ database: folder.name, tables, scripts, administrator: administrators[0] ?? null }]
  })
  return { seeds, faults, files }
}

const nothing = { table: null, script: null, administrator: null } as const

function findSecond([first, second]: readonly AdministratorSeed[]): readonly Fault[] {
  if (first === undefined || second === undefined) return []
  return [
    {
      what: 'A second file says how the administrator is made.',
      where: second.tablePlace,
      why: `${first.file} does, too.`,
      next: 'Remove one of them.',
    },
  ]
}

function readEntry(
  entry: SeedEntry,
  databases: readonly string[],
  environments: SeedFolders['environments'],
): SeedFileReading {
  const read = readTextFile(entry.path, entry.file, largestFile)
  if (isFault(read)) return { ...nothing, faults: [read] }
  if (read.text === null) return { ...nothing, faults: [tooLarge(entry.file)] }
  const text = normaliseText(read.text)
  switch (entry.form) {
    case 'rows':
      return readRows(entry, text, environments)
    case 'sql':
      return { ...nothing, ...readSqlSeed(entry, text, databases) }
    case 'module':
      return { ...nothing, ...readModuleSeed(entry, text) }
  }
}

function readRows({ file }: SeedEntry, text: string, environments: SeedFolders['environments']): SeedFileReading {
  const document = readDocument(text, file)
  if (document.type === 'faults') return { ...nothing, faults: withExcerpts(document.faults, text) }
  const reader = new TreeReader()
  const isAdministrator = describesAdministrator(document.node)
  const table = isAdministrator ? null : readTable(document.node, file, environments, reader)
  const administrator = isAdministrator ? readAdministrator(document.node, file, reader) : null
  return { ...nothing, table, administrator, faults: withExcerpts(reader.faults, text) }
}

function tooLarge(file: string): Fault {
  return { what: 'The file is larger than 64 MiB.', where: { file }, next: 'Load so many rows by a migration.' }
}
