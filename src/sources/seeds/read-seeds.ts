import type { DatabaseSeeds, SeedScript, SeedTable } from '../../domain/seeds/seed.ts'
import { type Fault, ToolError } from '../../domain/tool-error.ts'
import { normaliseText } from '../checksum.ts'
import { withExcerpts } from '../excerpts.ts'
import { isFault } from '../migration-name.ts'
import { readTextFile } from '../text-file.ts'
import { checkRows } from './check-rows.ts'
import { listSeeds, type SeedEntry, type SeedFolder } from './list-seeds.ts'
import { readDocument } from './read-document.ts'
import { readModuleSeed, readSqlSeed } from './read-script.ts'
import { readTable } from './read-table.ts'
import { TreeReader } from './tree-reader.ts'

/** The part of the configuration that says which seeds there are. */
export interface SeedFolders {
  /** Absolute path of the project's folder: files are named relative to it. */
  readonly root: string
  readonly databases: readonly SeedFolder[]
}

/** Far more than reference data comes to; rows beyond that belong into a migration. */
const largestFile = 64 * 1024 * 1024

interface SeedFileReading {
  readonly table: SeedTable | null
  readonly script: SeedScript | null
  readonly faults: readonly Fault[]
}

/**
 * Reads and checks the seeds of every database; those without any are left out.
 * Throws ToolError `SEEDS_INVALID` with every fault of every file.
 */
export function readSeeds(folders: SeedFolders): readonly DatabaseSeeds[] {
  const names = folders.databases.map(({ name }) => name)
  const faults: Fault[] = []
  const seeds = folders.databases.flatMap((folder) => {
    const listing = listSeeds(folder, folders.root)
    const readings = listing.entries.map((entry) => readEntry(entry, names))
    const tables = readings.flatMap(({ table }) => (table === null ? [] : [table]))
    const scripts = readings.flatMap(({ script }) => (script === null ? [] : [script]))
    const own = [...listing.faults, ...readings.flatMap((reading) => reading.faults)]
    // Rows that could not be read would be missing from what they are compared with.
    faults.push(...own, ...(own.length === 0 ? checkRows(tables) : []))
    return listing.entries.length === 0 ? [] : [{ database: folder.name, tables, scripts }]
  })
  if (faults.length > 0) throw new ToolError('SEEDS_INVALID', faults)
  return seeds
}

function readEntry(entry: SeedEntry, databases: readonly string[]): SeedFileReading {
  const read = readTextFile(entry.path, entry.file, largestFile)
  if (isFault(read)) return { table: null, script: null, faults: [read] }
  if (read.text === null) return { table: null, script: null, faults: [tooLarge(entry.file)] }
  const text = normaliseText(read.text)
  switch (entry.form) {
    case 'rows':
      return readRows(entry, text)
    case 'sql':
      return { table: null, ...readSqlSeed(entry, text, databases) }
    case 'module':
      return { table: null, ...readModuleSeed(entry, text) }
  }
}

function readRows({ file }: SeedEntry, text: string): SeedFileReading {
  const document = readDocument(text, file)
  if (document.type === 'faults') return { table: null, script: null, faults: withExcerpts(document.faults, text) }
  const reader = new TreeReader()
  const table = readTable(document.node, file, reader)
  return { table, script: null, faults: withExcerpts(reader.faults, text) }
}

function tooLarge(file: string): Fault {
  return { what: 'The file is larger than 64 MiB.', where: { file }, next: 'Load so many rows by a migration.' }
}
