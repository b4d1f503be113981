import { countOf } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import { quoted } from './move-facts.ts'
import type { MoveRequest } from './move-request.ts'
import { listMoved } from './read-facts.ts'
import { fenceNames, type MovedShard } from './workflow-commands.ts'

/**
 * Where an earlier run has closed shards and this one is refused, that is said with the refusal: "nothing was written" alone would sound as if they took writes.
 * @param next what opens them
 */
export async function sayClosed<T>(request: MoveRequest, next: string, work: () => Promise<T>): Promise<T> {
  const before = await findClosed(request)
  try {
    return await work()
  } catch (error) {
    // This run may have opened them, or closed more.
    const closed = before.length === 0 ? before : await findClosed(request).catch(() => before)
    throw closed.length === 0 || !(error instanceof ToolError) ? error : withClosed(request, error, closed, next)
  }
}

/** Shards with a trigger that refuses writes. */
async function findClosed({ server, store, family }: MoveRequest): Promise<readonly MovedShard[]> {
  const shards = family.division.type === 'key' ? await listMoved(store, family) : []
  const there = await server.findTriggers(shards.flatMap(fenceNames))
  return shards.filter((shard) => fenceNames(shard).some((name) => there.has(name)))
}

function withClosed(
  { store: { target }, family }: MoveRequest,
  error: ToolError,
  closed: readonly MovedShard[],
  next: string,
): ToolError {
  const shown = quoted(closed.slice(0, 5).map(({ table }) => table))
  return new ToolError(
    error.code,
    [
      ...error.faults.map((fault) =>
        fault.next === undefined
          ? fault
          : { ...fault, next: fault.next.replace(/^Nothing was written\. /, 'This run has written nothing. ') },
      ),
      {
        what: `${countOf(closed.length, 'shard')} of \`${family.name}\` ${closed.length === 1 ? 'refuses' : 'refuse'} writes.`,
        where: { database: target.database, server: target.server },
        why: `An earlier run has closed ${closed.length === 1 ? 'it' : 'them'} for the switch: ${shown}${closed.length > 5 ? ' and others' : ''}.`,
        next,
      },
    ],
    { exitCode: error.exitCode, cause: error },
  )
}
