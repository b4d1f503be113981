import { readFile, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** The size of a file system in bytes. */
export interface Disk {
  readonly free: number
  readonly total: number
}

/**
 * The file system of the server's data, where it is a folder of this machine. A folder of that name may belong to another
 * server (in a container, or behind a tunnel), so it must contain this server's UUID.
 */
export async function readDisk(folder: string, uuid: string): Promise<Disk | null> {
  try {
    const identity = await readFile(join(folder, 'auto.cnf'), 'utf8')
    if (!identity.includes(`server-uuid=${uuid}`)) return null
    const { bavail, blocks, bsize } = await statfs(folder)
    return { free: bavail * bsize, total: blocks * bsize }
  } catch {
    // Not here, or not readable: then it is unknown.
    return null
  }
}
