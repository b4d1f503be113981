import { ToolError } from '../../../core/tool-error.ts'
import { explainVtgate } from '../../../migrations/mysql/vitess/errors.ts'
import { isConnectionLost } from '../../../mysql/errors.ts'
import type { CreateOutcome, TableToCreate } from '../../ports.ts'
import type { ShardReader } from './at-shards.ts'
import type { KeyspaceChanges } from './changes.ts'

/** Makes a table on each shard that lacks it. Throws where the next one would fail as well. */
export async function makeTable(
  changes: Pick<KeyspaceChanges, 'create'>,
  reader: Pick<ShardReader, 'agrees'>,
  table: TableToCreate,
): Promise<CreateOutcome> {
  try {
    const type = await changes.create(table)
    if (type !== 'completed') return { table: table.table, type }
    // `IF NOT EXISTS` leaves what somebody else has made on one shard as it is.
    if (await reader.agrees(table.table)) return { table: table.table, type: 'created' }
    const why =
      'It was on some shards before, and its definition there is another one than where it was made now. It is not in the registry; `wwdb shards diff` shows what differs'
    return { table: table.table, type: 'failed', why }
  } catch (error) {
    const failure = error instanceof ToolError || isConnectionLost(error) ? null : explainVtgate(error)
    if (failure === null) throw error
    return { table: table.table, type: 'failed', why: failure.why, cause: error }
  }
}
