/**
 * The connections of this process, by server. A statement that waits for another one of the same run is blocked by nobody whom a person could
 * ask or end: that wait ends by itself.
 */
const ids = new Map<string, Set<number>>()

/** Remembers a connection of this process until the function that is given back is called. */
export function rememberConnection(server: string, id: number): () => void {
  const known = ids.get(server) ?? new Set<number>()
  ids.set(server, known.add(id))
  return () => known.delete(id)
}

/** True where this process has connection `id` of that server. */
export function isOwnConnection(server: string, id: number): boolean {
  return ids.get(server)?.has(id) === true
}
