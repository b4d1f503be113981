import { readFile, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes of a file system. */
export interface Disk {
  readonly free: number
  readonly total: number
}

/**
 * The file system of the server's data, where it is a folder of this machine. A folder of that name may belong to another
 * server (of a container, of the machine behind a tunnel), so it must show the server's own id.
 */
export async function readDisk(folder: string, uuid: string): Promise<Disk | null> {
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
