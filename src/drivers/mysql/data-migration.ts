import type { StatementClass, StatementFacts } from '../../domain/statement.ts'
import { ToolError } from '../../domain/tool-error.ts'
import { scan } from '../../sql/scanner.ts'
import type { Connection } from './connection.ts'

type Classify = (text: string) => StatementFacts
type QueryCallback = (error: unknown, rows?: unknown, fields?: unknown) => void

/** What knex uses of a mysql2 connection. */
interface KnexConnection {
  readonly query: (options: { readonly sql: string }, bindings: unknown, callback: QueryCallback) => void
}

/** EXECUTE is not among them: what it resolves to is not looked at here, and could commit. */
const allowed: ReadonlySet<StatementClass> = new Set(['data', 'session'])
const savepoint = 'wwdb_transaction'

function refuse(text: string, facts: StatementFacts): ToolError {
  const definition = facts.class === 'definition' || facts.class === 'account'
  return new ToolError('DATA_MIGRATION_REFUSED', {
    what: `A data migration may not run ${facts.verb}`,
    where: { statement: text.slice(0, 200) },
    why: definition
      ? 'MySQL commits before and after it, so the migration would no longer be one transaction that happens once'
      : (facts.refusal?.why ?? 'it could commit on its own, and the migration would no longer be one transaction'),
    next: definition
      ? 'Write it as an SQL migration of its own, before or after this one.'
      : (facts.refusal?.next ?? 'Leave it out.'),
  })
}

/** The connection takes several statements in one packet, for the journal's sake; only the first would be judged here. */
function refuseSeveral(text: string): void {
  if (!text.includes(';')) return
  const statements = scan(text, { file: 'knex' }).filter((piece) => piece.type === 'statement')
  if (statements.length <= 1) return
  throw new ToolError('DATA_MIGRATION_REFUSED', {
    what: 'A data migration may not send several statements at once',
    where: { statement: text.slice(0, 200) },
    why: 'each of them is judged before it is sent, and they are told apart by being sent alone',
    next: 'Call knex.raw() once for each statement.',
  })
}

/**
 * Stands between knex and the connection: refuses what would commit, and turns knex's own BEGIN and COMMIT into a
 * savepoint, because the outer transaction belongs to the journal row that closes the migration.
 */
class GuardedConnection implements KnexConnection {
  readonly #connection: Connection
  readonly #classify: Classify
  #inTransaction = false
  changed = 0

  constructor(connection: Connection, classify: Classify) {
    this.#connection = connection
    this.#classify = classify
  }

  query(options: { readonly sql: string }, bindings: unknown, callback: QueryCallback): void {
    try {
      const sql = this.#translate(options.sql)
      const values = Array.isArray(bindings) ? bindings : []
      this.#connection.raw.query({ ...options, sql, values }, (error, rows, fields) => {
        if (!error && rows !== null && typeof rows === 'object' && 'affectedRows' in rows)
          this.changed += Number(rows.affectedRows)
        callback(error, rows, fields)
      })
    } catch (error) {
      callback(error)
    }
  }

  #translate(sql: string): string {
    if (sql === 'BEGIN;') {
      if (this.#inTransaction) {
        throw new ToolError('DATA_MIGRATION_REFUSED', {
          what: 'A data migration opened two transactions side by side',
          why: 'it runs on one connection, in one transaction',
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
    const facts = this.#classify(sql)
    if (!allowed.has(facts.class)) throw refuse(sql, facts)
    return sql
  }
}

interface PatchableClient {
  acquireConnection: () => Promise<KnexConnection>
  releaseConnection: (connection: KnexConnection) => Promise<void>
}

/**
 * Runs a data migration's function with a knex that works on the session's own connection, and leaves its changes
 * uncommitted: the journal row that closes the migration commits them with itself. Returns the rows changed.
 */
export async function runDataMigration(
  connection: Connection,
  classify: Classify,
  run: (knex: unknown) => Promise<unknown>,
): Promise<number> {
  const { default: createKnex } = await import('knex')
  const guarded = new GuardedConnection(connection, classify)
  const knex = createKnex({ client: 'mysql2' })
  const client: PatchableClient = knex.client
  client.acquireConnection = async () => guarded
  client.releaseConnection = async () => {}
  await run(knex)
  return guarded.changed
}
