import type { Connection } from '../../mysql/connection.ts'

/** Connections that share some work. */
export type Connections = readonly [Connection, ...Connection[]]

/**
 * Opens the first one, and then the others at a time: a password that is refused counts once against the account. The work is shared by those that opened, as a server may
 * not allow more: only where the first one does not open is there an error, and nothing is open then.
 */
export async function openConnections<One>(count: number, open: () => Promise<One>): Promise<readonly [One, ...One[]]> {
  const first = await open()
  const ends = await Promise.allSettled(Array.from({ length: count - 1 }, open))
  return [first, ...ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))]
}
