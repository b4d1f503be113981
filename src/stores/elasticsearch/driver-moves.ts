import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'
import { createLockIndex, lockIndexOf } from './driver-lock.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import { type Moves, noMoves } from './reindex-ports.ts'

const state = z.object({
  move: z.nullable(
    z.object({
      id: z.string(),
      source: z.string(),
      sourceUuid: z.string(),
      copy: z.string(),
      copyUuid: z.nullable(z.string()),
      from: z.nullable(z.number()),
      next: z.nullable(z.number()),
      task: z.nullable(z.string()),
      // Versions before this one moved no index whose switch removes it.
      clone: z._default(z.nullable(z.string()), null),
      cloneUuid: z._default(z.nullable(z.string()), null),
      lifecycle: z._default(z.record(z.string(), z.unknown()), {}),
      isBlocked: z._default(z.boolean(), false),
    }),
  ),
  kept: z.array(z.object({ index: z.string(), uuid: z.string(), replacedBy: z.string(), since: z.number() })),
  // A version before this one did not write it.
  wanted: z._default(z.array(z.object({ index: z.string(), form: z.string() })), []),
})

const found = z.object({ _source: state })

/** The document of a data stream, alias or index stands beside the lock of setup. */
function idOf(name: string): string {
  return `reindex ${name}`
}

/** The reindexes of data streams, aliases and indices; none for a user who may not read the index of the lock, and so not apply either. */
export async function readMoves(
  requests: Requests,
  prefix: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, Moves>> {
  const read = async (name: string): Promise<Moves> => {
    const path = pathOf(lockIndexOf(prefix), '_doc', idOf(name))
    const answer = await requests.find(`read the state of the reindex of ${name}`, path).catch(unlessDenied)
    return answer === null ? noMoves : z.parse(found, answer)._source
  }
  return new Map(await Promise.all(names.map(async (name) => [name, await read(name)] as const)))
}

function unlessDenied(error: unknown): null {
  if (error instanceof ToolError && error.code === 'STORE_ACCESS_DENIED') return null
  throw error
}

/** Found by its ID at once, without a refresh. */
export async function writeMoves(requests: Requests, prefix: string, name: string, moves: Moves): Promise<void> {
  const index = lockIndexOf(prefix)
  await createLockIndex(requests, index)
  const path = pathOf(index, '_doc', idOf(name))
  await requests.send(`write the state of the reindex of ${name}`, 'PUT', path, { body: moves })
}
