import type { FieldPacket, QueryOptions, Connection as RawConnection } from 'mysql2'
import { killUntil } from '../../core/kill-until.ts'
import { ToolError } from '../../core/tool-error.ts'
import { type Answer, type Connection, onConnectionLost } from '../../mysql/connection.ts'
import { checkClientCharacterSet } from '../../mysql/pinned-session.ts'
import { classifyStatement } from '../../sql/classify.ts'
import { beginningOf } from '../../sql/mask-passwords.ts'
import { scan } from '../../sql/scanner.ts'
import type { StatementClass, StatementFacts } from '../../sql/statement.ts'
import type { ApproveCode, LookAtRows } from '../ports.ts'
import { type AnswerPart, type DataFunction, type ModuleField, type ModuleQuery, UserCodeEnded } from '../user-code.ts'

/** EXECUTE is not among them: the text that it resolves to is not checked here, and could commit. */
const allowed: ReadonlySet<StatementClass> = new Set(['data', 'session'])
const savepoint = 'wwdb_transaction'
const lookSavepoint = 'wwdb_look'

function refuse(text: string, facts: StatementFacts): ToolError {
  const definition = facts.class === 'definition' || facts.class === 'account'
  return new ToolError('DATA_MIGRATION_REFUSED', {
    what: `A data migration cannot run ${facts.verb}.`,
    where: { statement: beginningOf(text) },
    why: definition
      ? 'MySQL commits before and after it, so the migration would no longer be one transaction that runs once.'
      : (facts.refusal?.why ?? 'It could commit by itself, and the migration would no longer be one transaction.'),
    next: definition
      ? 'Write it as an SQL migration of its own, before or after this one.'
      : (facts.refusal?.next ?? 'Leave it out.'),
  })
}

/**
 * Settings on which the transaction that closes the journal row depends. Others, such as the time zone or `foreign_key_checks`, belong to the
 * code until it ends: then the pins are restored.
 */
const ofTransaction: ReadonlySet<string> = new Set([
  'autocommit',
  'completion_type',
  'gtid_next',
  'max_execution_time',
  'max_join_size',
  'session_track_system_variables',
  'sql_big_selects',
  'sql_log_bin',
  'sql_select_limit',
  'transaction_isolation',
  'transaction_read_only',
])

/** Code shares its session and its transaction with the journal. */
function refusePinned(text: string, { sessionVariables }: StatementFacts): void {
  const name = sessionVariables.find((one) => ofTransaction.has(one))
  if (name === undefined) return
  throw new ToolError('DATA_MIGRATION_REFUSED', {
    what: `A data migration cannot set \`${name}\`.`,
    where: { statement: text.slice(0, 200) },
    why:
      name === 'sql_log_bin'
        ? 'Its changes would not reach replicas and point-in-time recovery.'
        : 'The transaction that also writes the journal of this migration relies on it.',
    next: 'Leave it out, or write the statements that need it as an SQL migration.',
  })
}

/** The connection accepts several statements in one packet, for the journal; only the first would be judged here. */
function refuseSeveral(text: string): void {
  if (!text.includes(';')) return
  const statements = scan(text, { file: 'knex' }).filter((piece) => piece.type === 'statement')
  if (statements.length <= 1) return
  throw new ToolError('DATA_MIGRATION_REFUSED', {
    what: 'A data migration cannot send several statements at once.',
    where: { statement: beginningOf(text) },
    why: 'Each statement is checked before it is sent, which is only possible if it is sent alone.',
    next: 'Call knex.raw() once for each statement.',
  })
}

/**
 * Stands between users' code and the connection: refuses statements that would commit, and turns knex's own BEGIN and
 * COMMIT into a savepoint, because the outer transaction belongs to the journal row that closes the migration.
 */
class GuardedConnection {
  readonly #connection: Connection
  readonly #approve: ApproveCode
  #inTransaction = false
  #underWay: QueryAnswer | null = null
  #closed = false
  changed = 0

  constructor(connection: Connection, approve: ApproveCode) {
    this.#connection = connection
    this.#approve = approve
  }

  async *query({ sql, bindings, options }: ModuleQuery): AsyncGenerator<AnswerPart> {
    const text = this.#translate(sql)
    if (text === sql) await this.#approve.query(this.#withValues(sql, bindings), this.#look)
    if (this.#closed) throw new UserCodeEnded('its process was ended')
    const answer = new QueryAnswer(this.#connection, { ...options, sql: text, values: [...bindings] })
    this.#underWay = answer
    try {
      for await (const part of answer.parts()) {
        if (part.type === 'header') this.changed += Number(part.header['affectedRows'])
        yield part
      }
      await checkClientCharacterSet(this.#connection, text)
    } finally {
      answer.abandon()
    }
  }

  /** As the server receives it. Inserted rows may be long, and are not read. */
  #withValues(sql: string, bindings: readonly unknown[]): string {
    return bindings.length === 0 || /^\s*insert\b/i.test(sql) ? sql : this.#connection.raw.format(sql, [...bindings])
  }

  /** On the connection of the code, which sees its changes. Writes of a function in a condition are rolled back. */
  readonly #look: LookAtRows = async (questions) => {
    const { askAboutRows } = await import('../../probe/mysql/row-questions.ts')
    const ask = async (text: string): Promise<Answer> => {
      const packet = `SAVEPOINT ${lookSavepoint};${text};ROLLBACK TO SAVEPOINT ${lookSavepoint}`
      return (await this.#connection.askAll(packet))[1] ?? { rows: [], affected: null, insertId: null, warningCount: 0 }
    }
    return askAboutRows(ask, questions)
  }

  /** When all of its statements were sent. */
  approveAll(): Promise<void> {
    return this.#approve.end(this.#look)
  }

  /** Accepts no more queries. One that the server still works on is killed there: later work must not wait for it. */
  async close(kill: () => Promise<void>): Promise<void> {
    this.#closed = true
    const answer = this.#underWay
    if (answer === null || answer.isOver) return
    answer.abandon()
    await killUntil(answer.over, kill)
  }

  #translate(sql: string): string {
    if (sql === 'BEGIN;') {
      if (this.#inTransaction) {
        throw new ToolError('DATA_MIGRATION_REFUSED', {
          what: 'A data migration opened two transactions at the same time.',
          why: 'It runs on one connection, in one transaction.',
          next: 'Await the first knex.transaction() before the next, or leave them out: the whole migration is one already.',
        })
      }
      this.#inTransaction = true
      return `SAVEPOINT ${savepoint}`
    }
    if (this.#inTransaction && (sql === 'COMMIT;' || sql === 'ROLLBACK')) {
      this.#inTransaction = false
      return sql === 'COMMIT;' ? `RELEASE SAVEPOINT ${savepoint}` : `ROLLBACK TO SAVEPOINT ${savepoint}`
    }
    if (/^(RELEASE SAVEPOINT|SAVEPOINT|ROLLBACK TO(?: SAVEPOINT)?) trx\d+;?$/i.test(sql)) return sql
    refuseSeveral(sql)
    const facts = classifyStatement(sql)
    if (!allowed.has(facts.class)) throw refuse(sql, facts)
    refusePinned(sql, facts)
    return sql
  }
}

/**
 * Runs a function of users' code, whose queries are guarded and sent on the session's own connection, and leaves its changes
 * uncommitted: the journal row that closes the migration commits them with itself. Returns the rows changed.
 * @param kill ends the query on which the connection works @param approve is asked before a statement is sent, and at the end
 */
export async function runDataMigration(
  connection: Connection,
  run: DataFunction,
  signals: { readonly now: AbortSignal; readonly soon: AbortSignal },
  kill: () => Promise<void>,
  approve: ApproveCode,
): Promise<number> {
  const guarded = new GuardedConnection(connection, approve)
  try {
    const approveSoFar = () => guarded.approveAll()
    await run({ query: (query) => guarded.query(query), approveSoFar, ...signals })
    await guarded.approveAll()
  } finally {
    await guarded.close(kill)
  }
  return guarded.changed
}

/** Rows that wait here before the connection is paused, and rows per part. */
const mostWaiting = 512
const rowsOfPart = 128

/** mysql2's description of a column. */
type Field = FieldPacket & Omit<ModuleField, 'encoding'> & { readonly encoding?: string }

/** The answer to one query as it arrives. A large one waits on the server until the earlier parts were taken. */
class QueryAnswer {
  readonly #raw: RawConnection
  readonly #parts: AnswerPart[] = []
  #rows: unknown[] = []
  #waiting = 0
  #end: { readonly error: unknown } | null = null
  #wake = (): void => {}
  /** When the server has finished the query, even with an error. */
  readonly over: Promise<void>

  constructor({ raw, runRaw }: Pick<Connection, 'raw' | 'runRaw'>, options: QueryOptions) {
    this.#raw = raw
    this.over = new Promise((resolve) => {
      const end = (error: unknown): void => {
        unsubscribe()
        this.#end ??= { error }
        resolve()
        this.#wake()
      }
      const unsubscribe = onConnectionLost(raw, end)
      const send = (): void => {
        raw
          .query(options)
          .on('fields', (fields: readonly Field[] | undefined) => {
            if (fields !== undefined) this.#push({ type: 'fields', fields: fields.map(copyField) })
          })
          .on('result', (result: unknown) => this.#take(result))
          .on('error', end)
          .on('end', () => end(null))
      }
      runRaw(send).catch(end)
    })
  }

  get isOver(): boolean {
    return this.#end !== null
  }

  async *parts(): AsyncGenerator<AnswerPart> {
    for (;;) {
      const part = this.#parts.shift()
      if (part !== undefined) {
        if (part.type === 'rows') this.#free(part.rows.length)
        yield part
      } else if (this.#end === null) {
        await new Promise<void>((wake) => {
          this.#wake = wake
        })
      } else if (this.#end.error === null) return
      else throw this.#end.error
    }
  }

  /** Reads the rest and drops it, so that the connection can be used again. */
  abandon(): void {
    this.#parts.length = 0
    this.#waiting = Number.NEGATIVE_INFINITY
    this.#raw.resume()
  }

  #take(result: unknown): void {
    if (isHeader(result)) {
      this.#push({ type: 'header', header: { ...result } })
      return
    }
    this.#waiting += 1
    const last = this.#parts.at(-1)
    if (last?.type === 'rows' && this.#rows.length < rowsOfPart) this.#rows.push(result)
    else {
      this.#rows = [result]
      this.#push({ type: 'rows', rows: this.#rows })
    }
    if (this.#waiting >= mostWaiting) this.#raw.pause()
  }

  #push(part: AnswerPart): void {
    this.#parts.push(part)
    this.#wake()
  }

  #free(rows: number): void {
    this.#waiting -= rows
    if (this.#waiting < mostWaiting / 2) this.#raw.resume()
  }
}

function isHeader(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && 'affectedRows' in value && 'serverStatus' in value
}

/** mysql2 reads most of them from a buffer on access: they must be copied one by one. */
function copyField(field: Field): ModuleField {
  const { catalog, schema, table, orgTable, name, orgName } = field
  const { characterSet, encoding = '', columnLength, columnType, type, flags, decimals } = field
  const names = { catalog, schema, table, orgTable, name, orgName }
  return { ...names, characterSet, encoding, columnLength, columnType, type, flags, decimals }
}
