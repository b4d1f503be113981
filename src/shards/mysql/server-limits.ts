import { readFile, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cell, Connection } from '../../mysql/connection.ts'
import type { ServerLimits } from '../ports.ts'

/** What bounds the number of tables on the server. Needs no privilege. */
export async function readServerLimits(connection: Pick<Connection, 'ask'>): Promise<ServerLimits> {
  const { rows } = await connection.ask(
    'SELECT @@GLOBAL.table_definition_cache,@@GLOBAL.innodb_open_files,@@GLOBAL.open_files_limit,@@GLOBAL.datadir,@@GLOBAL.server_uuid',
  )
  const [definitions, innodbFiles, files, folder, uuid] = rows[0] ?? []
  return {
    tableDefinitionCache: toLimit(definitions),
    innodbOpenFiles: toLimit(innodbFiles),
    openFilesLimit: toLimit(files),
    disk: await readDisk(String(folder), String(uuid)),
  }
}

function toLimit(value: Cell | undefined): number | null {
  return value === null || value === undefined ? null : Number(value)
}

/**
 * The file system of the server's data, where it is a folder of this machine. A folder of that name may belong to another
 * server (of a container, of the machine behind a tunnel), so it must show the server's own id.
 */
async function readDisk(folder: string, uuid: string): Promise<ServerLimits['disk']> {
  try {
    const identity = await readFile(join(folder, 'auto.cnf'), 'utf8')
    if (!identity.includes(`server-uuid=${uuid}`)) return null
    const { bavail, blocks, bsize } = await statfs(folder)
    return { free: bavail * bsize, total: blocks * bsize }
  } catch {
    // Not here, or not for us to read: then it is not known.
    return null
  }
}
