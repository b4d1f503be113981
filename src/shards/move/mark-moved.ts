import { noRegistryChange } from '../ports.ts'
import type { ShardFinding } from '../shard.ts'
import type { MoveRequest } from './move-request.ts'

/** What a name of the registry may have. */
const longestName = 64

/** Tells rotation that the rows are elsewhere: it would make shards that are dropped again, empty and without a trigger that refuses writes. */
export async function markMoved(request: MoveRequest): Promise<void> {
  const { store, family, destination, table } = request
  if ((await findMarks(request)).length > 0) return
  await store.createRegistry()
  const mark: ShardFinding = {
    family: family.name,
    key: '',
    kind: 'moved',
    table: `${destination.schema}.${table}`.slice(0, longestName),
    state: 'live',
    rows: null,
    at: await store.readClock(),
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
