import { scratchLockOf } from '../../core/scratch-name.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { SourceTable } from '../../ddl/server-answer.ts'
import { leaveBinaryLog } from '../../mysql/binary-log.ts'
import type { Asker } from '../../mysql/connection.ts'
import { hasNumber, isConnectionLost, isServerError, serverErrors } from '../../mysql/errors.ts'
import { sentenceWithGrant } from '../../mysql/missing-grant.ts'
import { readPrimary } from '../../mysql/primary.ts'
import { isReadOnly } from '../../mysql/refusals.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { AlgorithmQuestions } from '../algorithm-question.ts'

/** Whether a table could be copied, and otherwise the reason. */
export type CopyOutcome =
  | { readonly type: 'copied' }
  | { readonly type: 'missing' }
  | { readonly type: 'refused'; readonly why: string }

/** Scratch schemas with empty copies of tables; the originals are only read, with SHOW CREATE TABLE. */
export class ScratchArea {
  readonly #connection: Asker
  readonly #questions: AlgorithmQuestions
  readonly #schemas = new Set<string>()
  readonly #copies = new Set<string>()
  /** Tables on the server that have foreign keys. */
  readonly #withForeignKeys = new Set<string>()
  /** The names on the server of tables that the plan renames, by their names in the plan. */
  readonly #originals = new Map<string, SourceTable>()

  constructor(connection: Asker, questions: AlgorithmQuestions) {
    this.#connection = connection
    this.#questions = questions
  }

  /** The schema in which unqualified names of the statements are looked up. */
  get main(): string {
    return this.#questions.scratchOf(this.#questions.schema)
  }

  /** Creates the main schema, with the character set of the original schema, and selects it. Throws the server's error where that is not allowed. */
  async open(): Promise<void> {
    await this.#ensureSchema(this.main, clauseOf(await readDefaults(this.#connection, this.#questions.schema)))
    await this.#connection.ask(`USE ${quoteName(this.main)}`)
  }

  /** The statements that drop all scratch schemas; copies may reference one another across them. */
  closing(): readonly string[] {
    return [
      'SET SESSION foreign_key_checks=0',
      ...[...this.#schemas].map((schema) => `DROP SCHEMA IF EXISTS ${quoteName(schema)}`),
    ]
  }

  /** The table's name on the server, by its current name in the plan. */
  originalOf(table: SourceTable): SourceTable {
    return this.#originals.get(keyOf(table)) ?? table
  }

  copyOf(table: SourceTable): SourceTable {
    return { schema: this.#questions.scratchOf(table.schema), name: table.name }
  }

  hasForeignKeys(table: SourceTable): boolean {
    return this.#withForeignKeys.has(keyOf(this.originalOf(table)))
  }

  async ensureCopy(table: SourceTable): Promise<CopyOutcome> {
    if (this.#copies.has(keyOf(table))) return { type: 'copied' }
    try {
      const text = await this.#readDefinition(this.originalOf(table))
      const adapted = this.#questions.adaptCopy(text, table.name)
      if (adapted === null) return { type: 'refused', why: 'it is not an InnoDB table' }
      if (/ FOREIGN KEY /.test(text)) this.#withForeignKeys.add(keyOf(this.originalOf(table)))
      await this.#create(table, adapted)
    } catch (error) {
      if (hasNumber(error, serverErrors.unknownTable, serverErrors.unknownDatabase)) return { type: 'missing' }
      if (!isServerError(error) || isConnectionLost(error)) throw error
      return { type: 'refused', why: sentenceWithGrant(error) }
    }
    this.#copies.add(keyOf(table))
    return { type: 'copied' }
  }

  /** Renames an existing copy after a statement of the plan that renames its table. */
  async rename(from: SourceTable, to: SourceTable, text: string): Promise<void> {
    if (this.#copies.has(keyOf(from))) {
      await this.prepareFor(to)
      await this.#connection.ask(text)
    }
    this.noteRename(from, to)
  }

  /** Creates the scratch schema that a table is moved to. */
  async prepareFor(table: SourceTable): Promise<void> {
    await this.#ensureSchema(this.copyOf(table).schema)
  }

  noteRename(from: SourceTable, to: SourceTable): void {
    const original = this.originalOf(from)
    if (this.#copies.delete(keyOf(from))) this.#copies.add(keyOf(to))
    this.#originals.delete(keyOf(from))
    this.#originals.set(keyOf(to), original)
  }

  /** After a statement that drops a copy. */
  forget(table: SourceTable): void {
    this.#copies.delete(keyOf(table))
  }

  /** Creates an existing object in the main schema, under the sql_mode under which it was created. */
  create(text: string, mode: string): Promise<void> {
    return this.#createIn(this.main, text, mode)
  }

  /** The text of SHOW CREATE TABLE; null for a view, which is not copied. */
  async #readDefinition(table: SourceTable): Promise<string> {
    return (await this.show(`SHOW CREATE TABLE ${quoteQualified(table.schema, table.name)}`)) ?? ''
  }

  /** The text of a SHOW CREATE, quoted as the server does by itself: a file may have set ANSI_QUOTES. */
  async show(question: string): Promise<string | null> {
    const read = async (): Promise<string | null> => {
      const text = (await this.#connection.ask(question)).rows[0]?.[1]
      return typeof text === 'string' ? text : null
    }
    const text = await read()
    return text?.includes('"') === true ? this.#under('', read) : text
  }

  /** Runs under an sql_mode that accepts every existing definition, and without checking foreign keys. */
  async #create(table: SourceTable, text: string): Promise<void> {
    const { schema } = this.copyOf(table)
    await this.#ensureSchema(schema)
    await this.#createIn(schema, text, '')
  }

  async #createIn(schema: string, text: string, sqlMode: string): Promise<void> {
    await this.#connection.ask(`USE ${quoteName(schema)}`)
    try {
      await this.#under(sqlMode, () => this.#connection.ask(text))
    } finally {
      await this.#connection.ask(`USE ${quoteName(this.main)}`)
    }
  }

  /** Runs under another sql_mode, and without checking foreign keys. */
  async #under<T>(sqlMode: string, work: () => Promise<T>): Promise<T> {
    const { rows } = await this.#connection.ask('SELECT @@SESSION.sql_mode,@@SESSION.foreign_key_checks')
    const [mode, checks] = rows[0] ?? []
    await this.#connection.ask(`SET SESSION sql_mode=${quoteString(sqlMode)}, foreign_key_checks=0`)
    try {
      return await work()
    } finally {
      await this.#connection.ask(
        `SET SESSION sql_mode=${quoteString(String(mode))}, foreign_key_checks=${Number(checks)}`,
      )
    }
  }

  async #ensureSchema(schema: string, charset = ''): Promise<void> {
    if (this.#schemas.has(schema)) return
    this.#schemas.add(schema)
    await this.#connection.ask(`CREATE SCHEMA ${quoteName(schema)}${charset}`)
  }
}

/** The defaults of a schema for tables that state no character set. */
export interface SchemaDefaults {
  readonly charset: string
  readonly collation: string
}

/** The current defaults of a schema; null where it does not exist. */
export async function readDefaults(connection: Asker, schema: string): Promise<SchemaDefaults | null> {
  const { rows } = await connection.ask(
    `SELECT DEFAULT_CHARACTER_SET_NAME,DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME=${quoteString(schema)}`,
  )
  const [charset, collation] = rows[0] ?? []
  return charset === undefined ? null : { charset: String(charset), collation: String(collation) }
}

const clauseOf = (defaults: SchemaDefaults | null): string =>
  defaults === null ? '' : ` CHARACTER SET ${defaults.charset} COLLATE ${defaults.collation}`

function keyOf(table: SourceTable): string {
  return `${table.schema}\u0000${table.name}`.toLowerCase()
}

/**
 * A running probe holds the lock named after its scratch schema; schemas with a free lock were left by killed runs. In a group with several primaries a lock may be held on
 * another member: nothing is dropped there.
 */
export async function dropAbandoned(connection: Asker): Promise<void> {
  const { rows } = await connection.ask(
    `SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'wwdb!_scratch!_%' ESCAPE '!'`,
  )
  if (rows.length === 0) return
  const { rows: modes } = await connection.ask("SHOW GLOBAL VARIABLES LIKE 'group_replication_single_primary_mode'")
  if (modes[0]?.[1] === 'OFF') return
  for (const name of rows.map((row) => String(row[0]))) {
    const lock = scratchLockOf(name)
    if (lock === null) continue
    const free = await connection.ask(`SELECT IS_FREE_LOCK(${quoteString(lock)})`)
    if (Number(free.rows[0]?.[0]) === 1) await connection.ask(`DROP SCHEMA IF EXISTS ${quoteName(name)}`)
  }
}

/**
 * Holds the lock that is named after scratch schemas, keeps their statements out of the binary log where this user has the privilege, and drops what killed runs
 * left.
 */
export async function prepareScratch(connection: Asker, lock: string): Promise<void> {
  await connection.ask(`SELECT GET_LOCK(${quoteString(lock)},0)`)
  await leaveBinaryLog(connection)
  await dropAbandoned(connection)
}

const usualDefaults: SchemaDefaults = { charset: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci' }

/**
 * Throws ToolError `SCRATCH_DENIED`, `READ_ONLY`.
 * @param defaults those of the target's own schema; null where it does not exist
 */
export async function createScratchSchema(
  connection: Asker,
  target: Target,
  schema: string,
  defaults: SchemaDefaults | null,
): Promise<void> {
  try {
    await connection.ask(`CREATE SCHEMA ${quoteName(schema)}${clauseOf(defaults ?? usualDefaults)}`)
  } catch (error) {
    if (isServerError(error) && isReadOnly(error)) throw await refuseReadOnly(connection, target, error)
    if (!hasNumber(error, 1044, 1227)) throw error
    const { database, server } = target
    const fault = {
      what: `The user of \`${database}\` cannot create a scratch schema.`,
      where: { database, server },
      why: error instanceof Error ? error.message : String(error),
      next: 'GRANT ALL ON `wwdb\\_scratch\\_%`.* to the user.',
    }
    throw new ToolError('SCRATCH_DENIED', fault, { cause: error })
  }
}

/** A replica is read without mentioning that it is read-only, until a scratch schema is needed. */
async function refuseReadOnly(connection: Asker, target: Target, cause: Error): Promise<ToolError> {
  const { database, server } = target
  const primary = await readPrimary(connection)
  const fault = {
    what: `The server at ${server} is read-only: a scratch schema cannot be created there.`,
    where: { database, server },
    why: cause.message,
    next: `Point the URL at ${primary === null ? 'the server that accepts writes' : `${primary.address}, which accepts writes`}.`,
  }
  return new ToolError('READ_ONLY', fault, { cause })
}
