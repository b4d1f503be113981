import type { ExecutionRequest } from './work.ts'

/** Seconds that a chunk waits for a row: while it waits, it holds the rows before it. */
const lockWait = 2

/** What a batch sets in its session, and sets back behind it. */
export class BatchSession {
  readonly #request: Pick<ExecutionRequest, 'session' | 'emit'>
  #before: readonly string[] = []

  constructor(request: Pick<ExecutionRequest, 'session' | 'emit'>) {
    this.#request = request
  }

  /**
   * To be called while no transaction is open: the format of the binary log cannot be changed within one.
   * @param keepsRows whether a chunk keeps rows before it changes them: at a level that its file chose, it might change one that was not there yet, or that had another
   * value
   */
  async prepare(keepsRows = false): Promise<void> {
    const { session, emit } = this.#request
    const [[wait, log, level = ''] = []] = await session.ask(
      'SELECT CAST(@@SESSION.innodb_lock_wait_timeout AS CHAR),CAST(@@GLOBAL.log_bin AS CHAR),@@SESSION.transaction_isolation',
    )
    const isTooLow = keepsRows && level?.startsWith('READ-') === true
    this.#before = [
      `innodb_lock_wait_timeout=${wait ?? '50'}`,
      ...(isTooLow ? [`transaction_isolation='${level}'`] : []),
    ]
    const levels = isTooLow ? ",transaction_isolation='REPEATABLE-READ'" : ''
    await session.ask(`SET SESSION innodb_lock_wait_timeout=${lockWait}${levels}`)
    if (log !== '1') return
    // MySQL is going to remove the variable, and to write rows always.
    const [[, format = null] = []] = await session.ask("SHOW SESSION VARIABLES LIKE 'binlog_format'")
    if (format === null || format === 'ROW') return
    try {
      await session.ask("SET SESSION binlog_format='ROW'")
      this.#before = [...this.#before, `binlog_format='${format}'`]
    } catch (error) {
      const why = session.explain(error)
      if (why === null || why.type === 'lost') throw error
      const message = `The binary log has the format ${format}, and this account may not change it for its session (it takes SESSION_VARIABLES_ADMIN): replicas run each chunk by its text, and a chunk that is not deterministic may change other rows there.`
      emit({ type: 'warning', target: session.target, message })
    }
  }

  /** After a lost connection there is nothing to set back. */
  async restore(): Promise<void> {
    const assignments = this.#before
    this.#before = []
    if (assignments.length === 0) return
    const { session } = this.#request
    await session.ask(`SET SESSION ${assignments.join(',')}`).catch((error: unknown) => {
      if (session.explain(error)?.type !== 'lost' && !isTold(error)) throw error
    })
  }
}

/** The session names what it knows of an error: a lost connection was reported by the chunk. */
const isTold = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'CONNECTION_LOST'
