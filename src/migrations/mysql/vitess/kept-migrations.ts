import type { Target } from '../../../core/target.ts'
import type { Asker } from '../../../mysql/connection.ts'
import { atShard } from '../../../mysql/keyspace-schema.ts'
import type { MonitorConnection } from '../../../mysql/monitor-connection.ts'
import type { KeptMigration, Reverting } from '../../vitess/plan-reverts.ts'
import { statementOf } from '../../vitess/shard-migrations.ts'
import { translatingVtgate } from './errors.ts'
import { readOnShards, readRows } from './keyspace.ts'

const tablesIn = (list: string): readonly string[] => list.split(',').filter((name) => name !== '')

interface Times {
  readonly left: number
  readonly age: number
}

/**
 * Milliseconds until each migration's tables may go, and since it was complete, by the clock of the shard, on which Vitess compares these times. SHOW VITESS_MIGRATIONS has no present time to compare them with.
 */
async function readTimes(connection: Asker, keyspace: string, shard: string): Promise<ReadonlyMap<string, Times>> {
  const { rows } = await atShard(connection, keyspace, shard, (there) =>
    there.ask(
      "SELECT migration_uuid,TIMESTAMPDIFF(SECOND,NOW(),completed_timestamp + INTERVAL retain_artifacts_seconds SECOND),TIMESTAMPDIFF(SECOND,completed_timestamp,NOW()) FROM _vt.schema_migrations WHERE migration_status='complete' AND retain_artifacts_seconds<>0",
    ),
  )
  return new Map(
    rows.map(([uuid, left, age]) => [String(uuid), { left: Number(left) * 1000, age: Number(age) * 1000 }]),
  )
}

/** What Vitess knows of all migrations of a keyspace. @param connection leaves the keyspace meanwhile @param journal null where the journal has no id: then none is its own */
export async function readKept(
  connection: Asker,
  keyspace: string,
  shards: readonly string[],
  journal: string | null,
): Promise<readonly KeptMigration[]> {
  const times = new Map<string, ReadonlyMap<string, Times>>()
  for (const shard of shards) times.set(shard, await readTimes(connection, keyspace, shard))
  return (await readRows(connection, keyspace)).map((cell): KeptMigration => {
    const [uuid, shard] = [cell('migration_uuid'), cell('shard')]
    return {
      ...{ uuid, shard, table: cell('mysql_table'), action: cell('ddl_action'), status: cell('migration_status') },
      of: journal === null ? null : statementOf(cell('migration_context'), journal),
      ...{ strategy: cell('strategy'), reverts: cell('reverted_uuid'), completed: cell('completed_timestamp') },
      hasStarted: cell('started_timestamp') !== '',
      isDuplicate: cell('message').startsWith('duplicate DDL as '),
      isInPlace: cell('special_plan') !== '',
      artifacts: tablesIn(cell('artifacts')),
      isCleaned: cell('cleanup_timestamp') !== '',
      ...(times.get(shard)?.get(uuid) ?? { left: null, age: null }),
      isView: cell('is_view') === '1',
      notes: cell('revertible_notes')
        .split('\n')
        .filter((note) => note !== ''),
    }
  })
}

/** @param journal what tells the journal from others; null before it has that */
export function openReverting(
  looker: Pick<MonitorConnection, 'ask'>,
  target: Target,
  shards: readonly string[],
  journal: () => string | null,
): Reverting {
  const { schema } = target
  const look = <T>(question: (connection: Asker) => Promise<T>): Promise<T> =>
    translatingVtgate(target, () => looker.ask(question))
  return {
    shards,
    read: () => look((one) => readKept(one, schema, shards, journal())),
    readTable: async (shard, table) => {
      const [found] = await look((one) =>
        readOnShards(one, schema, [shard], { type: 'table', schema: null, name: table }),
      )
      return found ?? null
    },
  }
}
