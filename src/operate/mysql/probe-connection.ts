import { formatDuration } from '../../core/duration.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Connection } from '../../mysql/connection.ts'
import { isServerError } from '../../mysql/errors.ts'
import { sentenceWithGrant } from '../../mysql/missing-grant.ts'

class NoAnswer extends Error {}

/** A connection that only reads. A server that does not answer in time counts as unreachable: work must not go on unobserved. */
export class ProbeConnection {
  readonly #connect: () => Promise<Connection>
  readonly #patience: number
  #connection: Promise<Connection> | null = null
  #closed = false

  /** @param patience milliseconds to wait for an answer */
  constructor(connect: () => Promise<Connection>, patience: number) {
    this.#connect = connect
    this.#patience = patience
  }

  /** Never throws: returns the answer, or why there is none. */
  async ask<T>(
    question: (connection: Connection) => Promise<T>,
  ): Promise<{ readonly type: 'answer'; readonly answer: T } | { readonly type: 'unknown'; readonly why: string }> {
    try {
      return { type: 'answer', answer: await this.#within(this.#open().then(question)) }
    } catch (error) {
      // A refusal by the server leaves the connection usable; any other error may have broken it.
      if (!isServerError(error) || error.fatal) this.#drop()
      return { type: 'unknown', why: this.#explain(error) }
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const connection = await this.#connection?.catch(() => null)
    await connection?.close()
  }

  #open(): Promise<Connection> {
    if (this.#closed) throw new Error('the connection is closed')
    this.#connection ??= this.#connect()
    return this.#connection
  }

  #drop(): void {
    void this.#connection?.then(
      (connection) => connection.destroy(),
      () => undefined,
    )
    this.#connection = null
  }

  #within<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new NoAnswer()), this.#patience)
      work.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }

  #explain(error: unknown): string {
    if (error instanceof NoAnswer) return `it did not answer within ${formatDuration(this.#patience)}`
    if (error instanceof ToolError) {
      const [fault] = error.faults
      const more = fault?.why === undefined ? '' : ` (${clauseOf(fault.why)})`
      if (error.code === 'UNREACHABLE') return `it cannot be reached${more}`
      if (error.code === 'ACCESS_DENIED') return `it refuses the account${more}`
      return clauseOf(fault?.what ?? error.message)
    }
    if (isServerError(error)) return `the server says: ${clauseOf(sentenceWithGrant(error))}`
    return clauseOf(error instanceof Error ? error.message : String(error))
  }
}

function clauseOf(sentence: string): string {
  return sentence.replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, 300)
}
