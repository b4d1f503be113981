import type { Fault } from '../../core/tool-error.ts'
import { insideOfKeyspace } from '../../migrations/mysql/vitess/inside-keyspace.ts'
import type { Session } from '../../migrations/ports.ts'
import { oneByOne } from '../../mysql/asking.ts'
import type { MysqlConnection } from '../../mysql/door.ts'
import { keyspaceSeedRows } from '../../mysql/keyspace-tables.ts'
import { readVschemaTable } from '../../mysql/vschema.ts'
import { pinLike } from '../../mysql/vtgate.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'
import type { VschemaTable } from '../../sql/vschema.ts'
import type {
  DoomedRows,
  SeedRecord,
  SeedStore,
  SeedTableShape,
  Stage,
  StagedTable,
  StageFault,
  WrittenValue,
} from '../ports.ts'
import type { DatabaseSeeds, SeedTable, SeedValue } from '../seed.ts'
import { countDependents } from './dependents.ts'
import type { SeedHome } from './home.ts'
import { matchByKey } from './match-by-key.ts'
import { createRecordsTable, SeedRecords } from './records.ts'
import { areRows, describeShapes, isRow } from './shape.ts'
import { refuseShardedScripts, type ScriptTable, tablesOfScripts } from './sharded-scripts.ts'
import { convertRows, findRows, stagedColumns, stagedReference, stageName } from './stage.ts'
import { hasRow, insertRows, renderSets } from './write-values.ts'

/** Rows in one DELETE. */
const batch = 200

/** A column as a definition writes it. */
interface TypedColumn {
  readonly text: string
  readonly isNullable: boolean
}

/**
 * Seeded rows of a sharded keyspace. vtgate has no temporary tables there: the values of files are converted by the server of the journal's keyspace, which is not sharded, and rows are looked up by
 * their keys. The transaction commits shard after shard: what a kill in between leaves is found by the next run.
 */
class ShardedSeedStore implements SeedStore {
  readonly #home: SeedHome
  readonly #connection: MysqlConnection
  readonly #journal: string
  readonly #records: SeedRecords
  readonly #vschema = new Map<string, VschemaTable>()

  constructor(home: SeedHome, connection: MysqlConnection, journal: string) {
    this.#home = home
    this.#connection = connection
    this.#journal = journal
    this.#records = new SeedRecords(connection, keyspaceSeedRows(journal, home.target.schema))
  }

  refuse = ({ tables }: Pick<DatabaseSeeds, 'tables'>): Promise<readonly Fault[]> =>
    this.#home.guard(async () => {
      const shapes = await describeShapes(oneByOne(this.#connection), [...new Set(tables.map(({ table }) => table))])
      const faults: Fault[] = []
      for (const table of tables) {
        // That it does not exist is said where its columns are looked at.
        if (!shapes.has(table.table)) continue
        const { database, server } = this.#home.target
        const where = { ...table.tablePlace, database, server }
        faults.push(...refuseRouting(table, await this.#readVschema(table.table)).map((one) => ({ ...one, where })))
      }
      return faults
    })

  refuseScripts: SeedStore['refuseScripts'] = async (scripts, resolve) => {
    const refused = await this.#home.refuseScripts(scripts, resolve)
    if (refused.length > 0 || scripts.length === 0) return refused
    return this.#home.guard(async () => {
      const names = tablesOfScripts(scripts)
      const shapes = await describeShapes(oneByOne(this.#connection), names)
      const tables = new Map<string, ScriptTable>()
      for (const name of names) tables.set(name, { vschema: await this.#readVschema(name), shape: shapes.get(name) })
      return refuseShardedScripts(this.#home.target.schema, scripts, tables)
    })
  }

  async #readVschema(table: string): Promise<VschemaTable> {
    const known = this.#vschema.get(table)
    const read = known ?? (await readVschemaTable(this.#connection, this.#home.target.schema, table, true))
    this.#vschema.set(table, read)
    return read
  }

  /** A row is identified by its primary key and by what leads to its shard: each shard has its own keys. */
  describe = (tables: readonly string[]) =>
    this.#home.guard(async () => {
      const shapes = new Map<string, SeedTableShape>()
      for (const [table, shape] of await describeShapes(oneByOne(this.#connection), tables)) {
        const { vindexes, autoIncrement } = await this.#readVschema(table)
        const identity = [...new Set([...shape.identity, ...(vindexes[0]?.columns.split(', ') ?? [])])]
        const columns = shape.columns.map((one) => ({
          ...one,
          required: one.required && one.name !== autoIncrement?.column,
        }))
        shapes.set(table, { ...shape, columns, identity })
      }
      return shapes
    })

  /** On a connection of its own: the temporary table is gone with it. */
  stage = (number: number, table: StagedTable): Promise<Stage> =>
    this.#home.guard(async () => {
      const nulls = await this.#findNulls(table)
      if (nulls.length > 0) return { faults: nulls, values: [], twins: [] }
      const text = await this.#renderStage(number, table)
      const beside = await this.#connection.beside({ pin: pinLike(this.#connection.place.session) })
      try {
        await beside.ask(`USE ${quoteName(this.#journal)}`)
        await beside.ask(text)
        return await convertRows({ connection: beside, wordsOf: this.#home.wordsOf }, number, table)
      } finally {
        await beside.close()
      }
    })

  async #readTypes(tables: readonly string[]): Promise<ReadonlyMap<string, TypedColumn>> {
    const names = [...new Set(tables)].map((name) => quoteString(name)).join(',')
    const { rows } = await this.#connection.ask(
      `SELECT TABLE_NAME,COLUMN_NAME,COLUMN_TYPE,CHARACTER_SET_NAME,COLLATION_NAME,IS_NULLABLE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME IN (${names})`,
    )
    return new Map(
      rows.map(([table, column, type, charset, collation, nullable]) => [
        `${table}.${column}`,
        {
          text: `${type}${charset === null ? '' : ` CHARACTER SET ${charset} COLLATE ${collation}`} NULL`,
          isNullable: nullable === 'YES',
        },
      ]),
    )
  }

  /** The columns of the temporary table take NULL, as not every row of a file gives each of them a value. */
  async #findNulls({ table, rows }: StagedTable): Promise<readonly StageFault[]> {
    const types = await this.#readTypes([table])
    return rows.flatMap(({ cells }, row) =>
      [...cells].flatMap(([column, { type }]): readonly StageFault[] =>
        type === 'null' && types.get(`${table}.${column}`)?.isNullable === false
          ? [{ row, column, why: `Column '${column}' cannot be null` }]
          : [],
      ),
    )
  }

  async #renderStage(number: number, table: StagedTable): Promise<string> {
    const types = await this.#readTypes([table.table, ...table.references.map((one) => one.table)])
    const typeOf = (of: string, column: string): string => types.get(`${of}.${column}`)?.text ?? 'TEXT NULL'
    const columns = [
      ...stagedColumns(table).map((name) => `${quoteName(name)} ${typeOf(table.table, name)}`),
      ...table.references.flatMap(({ table: parent, key }, index) =>
        key.map((name, part) => `${quoteName(stagedReference(index, part))} ${typeOf(parent, name)}`),
      ),
    ]
    return `CREATE TEMPORARY TABLE ${stageName(number)} (\`wwdb_row\` INT UNSIGNED NOT NULL PRIMARY KEY,${columns.join(',')})`
  }

  match = (_: number, table: StagedTable, rows: readonly number[] | null, lock: boolean) =>
    this.#home.guard(() =>
      matchByKey(this.#connection, table, rows ?? [...table.rows.keys()], lock ? this.#home.locks(0) : ''),
    )

  readRecords = () => this.#home.guard(() => this.#records.read())

  createRecords = () => this.#home.create(createRecordsTable(keyspaceSeedRows(this.#journal, this.#home.target.schema)))

  insert = (staged: StagedTable, rows: readonly ReadonlyMap<string, WrittenValue>[]): Promise<void> =>
    insertRows(this.#connection, staged, rows)

  update = async (
    { table, shape }: StagedTable,
    identity: readonly string[],
    values: ReadonlyMap<string, WrittenValue>,
  ): Promise<void> => {
    await this.#connection.ask(
      `UPDATE ${ownHint} ${quoteName(table)} SET ${renderSets(shape, values)} WHERE ${isRow('', shape, identity)}`,
    )
  }

  findRows = ({ table, shape, identities }: DoomedRows, lock: boolean) =>
    this.#home.guard(() => findRows(this.#connection, table, shape, identities, lock))

  countDependents = (rows: readonly DoomedRows[]) =>
    this.#home.guard(() => countDependents(this.#connection, this.#home.target.schema, rows))

  remove = async (rows: readonly DoomedRows[]): Promise<void> => {
    for (const { table, shape, identities } of rows)
      for (let at = 0; at < identities.length; at += batch)
        await this.#connection.ask(
          `DELETE ${ownHint} FROM ${quoteName(table)} WHERE ${areRows('', shape, identities.slice(at, at + batch))}`,
        )
  }

  hasRow = (table: string, shape: SeedTableShape, values: ReadonlyMap<string, SeedValue>) =>
    this.#home.guard(() => hasRow(this.#connection, table, shape, values))

  writeRecords = (records: readonly SeedRecord[]) => this.#home.guard(() => this.#records.write(records))

  forgetRecords = (records: readonly SeedRecord[]) => this.#home.guard(() => this.#records.forget(records))

  /** Its rows are beside the journal, and not on the shards of the data: what a program may do is what may be repeated. */
  readonly programs = null

  rollback = () => this.#home.guard(async () => void (await this.#connection.ask('ROLLBACK')))
}

/** Seeded rows of a sharded keyspace, on the connection of a session. */
export function shardedStore(session: Session, home: SeedHome): SeedStore {
  const { keyspace } = session
  if (keyspace === undefined) throw new Error('the session is not one on a keyspace')
  return new ShardedSeedStore(home, insideOfKeyspace(session).connection, keyspace.journal)
}

/** Why vtgate would not know the shard of a row; empty where it does. Pure. */
function refuseRouting(
  { table, rows, references }: SeedTable,
  { vindexes, takesRows, autoIncrement }: VschemaTable,
): readonly Omit<Fault, 'where'>[] {
  const [primary] = vindexes
  if (primary === undefined)
    return takesRows
      ? []
      : [
          {
            what: `The rows of \`${table}\` cannot be seeded: the VSchema has no vindex for it.`,
            why: 'The keyspace is sharded, and vtgate would not know the shard of a row.',
            next: 'Write `ALTER VSCHEMA ON table ADD VINDEX ...` into a migration.',
          },
        ]
  const filled = new Set([autoIncrement?.column, ...references.map(({ column }) => column)])
  const lacking = primary.columns
    .split(', ')
    .filter((column) => !filled.has(column) && rows.some(({ cells }) => !cells.has(column)))
  if (lacking.length === 0) return []
  return [
    {
      what: `Rows of \`${table}\` have no value for ${lacking.map((name) => `\`${name}\``).join(', ')}.`,
      why: `The vindex \`${primary.name}\` leads from it to the shard of a row.`,
      next: 'Give it with each row, or for all rows under `defaults`.',
    },
  ]
}
