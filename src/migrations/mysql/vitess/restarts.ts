import type { Asker } from '../../../mysql/connection.ts'
import { atShard } from '../../../mysql/keyspace-schema.ts'
import { quoteString } from '../../../sql/quote-name.ts'
import type { MigrationState, ShardMigration } from '../../vitess/shard-migrations.ts'
import { describeRestarted } from '../../vitess/silent-copies.ts'

/** Milliseconds before the first question, and between two of them. */
const between = 10_000

/** Seconds: Vitess writes in whole ones when it began. */
const margin = 2

export interface RestartPlace {
  readonly keyspace: string
  /** Looks at single shards. */
  readonly looker: { readonly ask: (question: (connection: Asker) => Promise<boolean>) => Promise<boolean> }
}

/**
 * Finds plain DDL that Vitess calls `running` and that no server runs: that of its shard was started later. Nothing else tells it, as plain DDL shows nothing before it has ended. Both times are of
 * the clock of that server.
 */
export class Restarts {
  readonly #place: RestartPlace
  #next: number | null = null

  constructor(place: RestartPlace) {
    this.#place = place
  }

  /** What a state is to a run that has waited. @param state of these rows @param now milliseconds of a clock that never goes back */
  async judge(rows: readonly ShardMigration[], state: MigrationState, now: number): Promise<MigrationState> {
    this.#next ??= now + between
    if (state.type !== 'running' || now < this.#next) return state
    this.#next = now + between
    for (const row of rows)
      if (row.status === 'running' && row.isPlain === true && (await this.#isRestarted(row)))
        return { type: 'silent', why: describeRestarted(row) }
    return state
  }

  /** A server that does not answer, or does not show it to this user, tells nothing: the run waits on. */
  #isRestarted({ shard, uuid }: ShardMigration): Promise<boolean> {
    const { keyspace, looker } = this.#place
    const question =
      `SELECT TIMESTAMPDIFF(SECOND,m.started_timestamp,NOW())>s.VARIABLE_VALUE+${margin} FROM _vt.schema_migrations m ` +
      `JOIN performance_schema.global_status s ON s.VARIABLE_NAME='Uptime' WHERE m.migration_uuid=${quoteString(uuid)} AND m.migration_status='running'`
    const look = async (there: Asker): Promise<boolean> => String((await there.ask(question)).rows[0]?.[0]) === '1'
    return looker.ask((one) => atShard(one, keyspace, shard, look)).catch(() => false)
  }
}
