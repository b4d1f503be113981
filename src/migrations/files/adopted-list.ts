import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod/mini'
import type { DatabaseConfig } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'

/**
 * The list of an adoption's files. It is written before the first of them and removed after the last, so that a killed adoption is
 * recognized.
 */
export const listName = '.wwdb-adopted.json'

const listSchema = z.object({
  tool: z.string(),
  tables: z.array(z.string()),
  files: z.record(z.string(), z.string()),
})

/** The content of a folder's list: the tables of the other tool, and file names with their checksums. */
export type AdoptedList = z.infer<typeof listSchema>

type Folder = Pick<DatabaseConfig, 'name' | 'migrations'>

/** The tables of other tools that were adopted, by logical database: they stay, and do not count as a difference. */
export async function findAdoptedTables(
  databases: readonly Folder[],
): Promise<(database: string, table: string) => boolean> {
  const lists = await Promise.all(databases.map(async (one) => [one.name, await readList(one)] as const))
  const tables = new Map(
    lists.map(([name, list]) => [name, new Set(list?.tables.map((table) => table.toLowerCase()) ?? [])]),
  )
  return (database, table) => tables.get(database)?.has(table.toLowerCase()) === true
}

/** Null where nothing was adopted into the folder. Throws ToolError `ADOPT_REFUSED` where it is damaged. */
export async function readList({ migrations, name }: Folder): Promise<AdoptedList | null> {
  const path = join(migrations, listName)
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  try {
    return listSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new ToolError(
      'ADOPT_REFUSED',
      {
        what: 'The list of adopted files is damaged.',
        where: { database: name, file: path },
        next: 'Restore it from version control.',
      },
      { cause: error },
    )
  }
}
