import { noRegistryChange } from '../ports.ts'
import type { ShardFinding } from '../shard.ts'
import type { MoveRequest } from './move-request.ts'

/** What a name of the registry may have. */
const longestName = 64

/** Before writes are refused: what the account may not do with the registry, or a registry of a newer wwdb, ends a switch here, with all shards open. */
export async function prepareMark(request: MoveRequest): Promise<void> {
  await findMarks(request)
  await request.store.createRegistry()
}

/**
 * Tells rotation that the rows are elsewhere: it would make shards that are dropped again, empty and without a trigger that refuses writes. A mark that is there is written again: it may be
 * of an earlier format, or of a switch that was killed and named another table.
 */
export async function markMoved(request: MoveRequest): Promise<void> {
  const { store, family, destination, table } = request
  const [found] = await findMarks(request)
  const mark: ShardFinding = {
    family: family.name,
    key: '',
    kind: 'moved',
    table: `${destination.schema}.${table}`.slice(0, longestName),
    state: 'live',
    rows: null,
    at: found?.at ?? (await store.readClock()),
    closed: null,
  }
  await store.writeRegistry({ ...noRegistryChange, findings: [mark] })
}

export async function unmarkMoved(request: MoveRequest): Promise<void> {
  const marks = await findMarks(request)
  if (marks.length === 0) return
  const closed = { at: await request.store.readClock(), by: 'wwdb shards move', reason: 'the switch was taken back' }
  await request.store.writeRegistry({ ...noRegistryChange, findings: marks.map((mark) => ({ ...mark, closed })) })
}

const findMarks = async ({ store, family }: MoveRequest): Promise<readonly ShardFinding[]> =>
  (await store.readRegistry()).findings.filter(
    (one) => one.kind === 'moved' && one.family === family.name && one.closed === null,
  )
