import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { geteuid } from 'node:process'

/** Where one server keeps what is its own. */
export interface ServerFiles {
  readonly data: string
  readonly socket: string
  readonly log: string
}

/**
 * A socket's path may have 107 bytes; a deep folder gets a short one elsewhere, the same one every time, in a folder that is closed to others as
 * the sandbox's own is.
 */
export function serverFiles(directory: string): ServerFiles {
  const near = join(directory, 'mysql.sock')
  const digest = createHash('sha256').update(directory).digest('hex').slice(0, 16)
  const socket =
    Buffer.byteLength(near) <= 100 ? near : join(tmpdir(), `wwdb-${geteuid?.() ?? ''}-${digest}`, 'mysql.sock')
  return { data: join(directory, 'data'), socket, log: join(directory, 'mysqld.log') }
}
