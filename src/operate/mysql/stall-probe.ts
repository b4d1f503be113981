import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '../../mysql/connection.ts'
import { hasNumber, isConnectionLost, isServerError, serverErrors } from '../../mysql/errors.ts'
import { sentenceWithGrant } from '../../mysql/missing-grant.ts'
import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import type { ObjectName } from '../../sql/statement.ts'
import { type Stall, StallClock } from '../stall.ts'

/** Milliseconds that a definition takes before its tables are read: nobody waited longer for a shorter one. */
const firstRead = 50
/** Milliseconds between two reads of a table. */
const between = 20
/** Milliseconds after which the server ends a read. */
const longestRead = 60_000

/** Errors of a server that refuses to read before it opens the table: such an answer shows nothing. */
const refusals = [1044, 1045, 1142, 1143, 1227]

/** Reads of the tables of a definition while it runs. */
interface ReadWatch {
  /** Ends the watch with the definition, and returns what was seen; null where the definition has no table. */
  readonly end: () => Stall | null
}

/** A connection that reads tables beside definitions: opened for the first that takes a while, and kept for the others. */
export class StallProbe {
  readonly #connect: () => Promise<Connection>
  #connection: Promise<Connection> | null = null
  /** Ends with the last read of the watch before. */
  #reading: Promise<void> = Promise.resolve()
  #ended = new AbortController()

  /** @param connect opens a connection that is pinned, without a transaction */
  constructor(connect: () => Promise<Connection>) {
    this.#connect = connect
  }

  watch(tables: readonly ObjectName[]): ReadWatch {
    const named = new Map(tables.filter(({ type }) => type === 'table').map((table) => [nameOf(table), readOf(table)]))
    const clock = new StallClock([...named.keys()], performance.now())
    const ended = new AbortController()
    this.#ended = ended
    const before = this.#reading
    this.#reading = this.#readAll(named, clock, ended.signal, before).catch(() => undefined)
    return {
      end: () => {
        ended.abort()
        return clock.end(performance.now())
      },
    }
  }

  async close(): Promise<void> {
    this.#ended.abort()
    const connection = await this.#connection?.catch(() => null)
    // A read may be under way, and wait.
    connection?.destroy()
    await this.#reading
  }

  async #readAll(
    named: ReadonlyMap<string, string>,
    clock: StallClock,
    signal: AbortSignal,
    before: Promise<void>,
  ): Promise<void> {
    await sleep(firstRead, undefined, { signal })
    await before
    while (!signal.aborted) {
      for (const [table, text] of named) {
        if (signal.aborted) return
        const why = await this.#read(text)
        if (signal.aborted) return
        if (why === null) clock.answered(table, performance.now())
        else if (why !== '') return clock.giveUp(why)
      }
      await sleep(between, undefined, { signal })
    }
  }

  /** A failure is not kept: the next definition is watched where it can be. */
  #open(): Promise<Connection> {
    if (this.#connection !== null) return this.#connection
    const opening = this.#connect()
    this.#connection = opening
    opening.catch(() => {
      if (this.#connection === opening) this.#connection = null
    })
    return opening
  }

  /** Null where the read was answered, an empty text where it took too long, else why it never will be. */
  async #read(text: string): Promise<string | null> {
    try {
      await (await this.#open()).ask(text)
      return null
    } catch (error) {
      if (isConnectionLost(error)) {
        this.#connection = null
        return ''
      }
      if (!isServerError(error)) return clauseOf(error instanceof Error ? error.message : String(error))
      if (hasNumber(error, ...refusals)) return clauseOf(sentenceWithGrant(error))
      // Any other error, such as that of a table that was dropped, is an answer.
      const late = hasNumber(error, serverErrors.lockWaitTimeout, serverErrors.deadlock, serverErrors.queryTimeout)
      return late ? '' : null
    }
  }
}

const clauseOf = (sentence: string): string => sentence.replace(/\s+/g, ' ').replace(/\.$/, '')

const nameOf = ({ schema, name }: ObjectName): string => (schema === null ? name : `${schema}.${name}`)

/** One table a read: of two, the one that is locked would keep the other from being changed. */
function readOf({ schema, name }: ObjectName): string {
  const table = schema === null ? quoteName(name) : quoteQualified(schema, name)
  return `SELECT /*+ QB_NAME(wwdb) MAX_EXECUTION_TIME(${longestRead}) */ 1 FROM ${table} LIMIT 1`
}
