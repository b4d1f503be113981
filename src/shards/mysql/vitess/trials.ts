import type { DatabaseConfig, Timeouts } from '../../../config/config.ts'
import type { Connection } from '../../../mysql/connection.ts'
import type { Door } from '../../../mysql/door.ts'
import { placeOf } from '../../../mysql/place.ts'
import { readDefaults } from '../../../probe/mysql/scratch-area.ts'
import { scratchOf } from '../../../probe/mysql/scratch-of.ts'
import type { TableShape, TableToCreate } from '../../ports.ts'
import { readTableDefinitions } from '../reading.ts'
import { inScratchSchema } from '../scratch-shape.ts'
import { readShapes } from '../shapes.ts'
import type { ShardReader } from './at-shards.ts'
import type { KeyspaceChanges } from './changes.ts'

interface TrialPlace {
  readonly door: Door
  readonly database: DatabaseConfig
  readonly timeouts: Timeouts
}

type Look<T> = (there: {
  readonly connection: Connection
  readonly schema: string
  readonly version: string
}) => Promise<T | undefined>

/** What a template makes, without making it in the keyspace: vtgate has no scratch schemas, so it is tried on the MySQL server that the configuration names for them. */
export class KeyspaceTrials {
  readonly #place: TrialPlace
  readonly #reader: ShardReader
  readonly #changes: Pick<KeyspaceChanges, 'hasMade'>

  constructor(place: TrialPlace, reader: ShardReader, changes: Pick<KeyspaceChanges, 'hasMade'>) {
    this.#place = place
    this.#reader = reader
    this.#changes = changes
  }

  /** Where Vitess made the very table from this text, its shape is known without a trial: so the next run knows the tables of one that was killed. Throws ToolError `SCRATCH_DENIED`. */
  async shapeOf(table: TableToCreate): Promise<TableShape> {
    if (this.#place.database.scratchServer === undefined && (await this.#changes.hasMade(table))) {
      const shape = (await this.#reader.readShapes([table.table], true)).get(table.table)
      if (shape !== undefined) return shape
    }
    return this.#try(table, async ({ connection, schema, version }) => {
      const request = { schema, home: schema, names: [table.table], version, namesChecks: 'vitess' } as const
      return (await readShapes(connection, request, true)).get(table.table)
    })
  }

  /** SHOW CREATE TABLE of it. Throws ToolError `SCRATCH_DENIED`. */
  definitionOf(table: TableToCreate): Promise<string> {
    return this.#try(table, async ({ connection, schema }) =>
      (await readTableDefinitions(connection, schema, [table.table])).get(table.table),
    )
  }

  async #try<T>(table: TableToCreate, look: Look<T>): Promise<T> {
    const { door, database, timeouts } = this.#place
    const scratch = scratchOf(database)
    const defaults = await this.#reader.first(readDefaults)
    const place = { ...placeOf(scratch, timeouts, null), session: database.session }
    const opened = await door.open(place, { writable: false, purpose: 'scratch' })
    const { version } = opened.facts
    try {
      const found = await inScratchSchema({ database: scratch, connection: opened, defaults }, [table], (...at) =>
        look({ connection: at[0], schema: at[1], version }),
      )
      if (found === undefined) throw new Error(`the statement did not create table ${table.table}`)
      return found
    } finally {
      await opened.close()
    }
  }
}
