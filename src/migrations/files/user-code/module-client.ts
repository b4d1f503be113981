import { Readable } from 'node:stream'
import { ToolError } from '../../../core/tool-error.ts'
import type { AnswerPart, ModuleQuery } from '../../user-code.ts'
import { type FromUserCode, type ToUserCode, unpackError } from './messages.ts'

/** Who gets the answer to a query, part by part. */
interface Receiver {
  /** `next` asks for the part behind this one. */
  readonly part: (part: AnswerPart, next: () => void) => void
  readonly end: () => void
  readonly fail: (error: Error) => void
}

/** Rows and columns of an answer, or the header of one that has none: as mysql2 gives them to knex. */
export type Answer = readonly [result: unknown, fields: unknown]

/** In the process of users' code: sends queries to the tool and gives their answers to those who asked. */
export class ModuleClient {
  readonly #send: (message: FromUserCode) => void
  readonly #waits: (waits: boolean) => void
  readonly #receivers = new Map<number, Receiver>()
  #lastId = 0
  /** The rows that the code reads one by one; while it does, no other query has its turn. */
  readonly #streams = new Set<Readable>()
  #whenIdle: (() => void)[] = []

  /** @param waits told whether an answer is awaited, which keeps the process alive */
  constructor(send: (message: FromUserCode) => void, waits: (waits: boolean) => void) {
    this.#send = send
    this.#waits = waits
  }

  hear(message: Exclude<ToUserCode, { readonly type: 'run' }>): void {
    const { id } = message
    const receiver = this.#receivers.get(id)
    if (receiver === undefined) return
    if (message.type === 'part') {
      receiver.part(message.part, () => this.#send({ type: 'taken', id }))
      return
    }
    this.#forget(id)
    if (message.type === 'end') receiver.end()
    else receiver.fail(unpackError(message.error))
  }

  /** Returns when no query is under way. */
  async idle(): Promise<void> {
    while (this.#receivers.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
  }

  /** The whole answer to a query. Throws what the server threw. */
  ask(query: ModuleQuery): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const rows: unknown[] = []
      let header: unknown
      let fields: unknown
      this.#ask(query, {
        part: (part, next) => {
          if (part.type === 'header') header = part.header
          else if (part.type === 'fields') fields = part.fields
          else for (const row of part.rows) rows.push(row)
          next()
        },
        end: () => resolve([header ?? rows, fields]),
        fail: reject,
      })
    })
  }

  /** The rows of an answer, of which no more are fetched than are read. */
  stream(query: ModuleQuery, options: { readonly highWaterMark?: number }): Readable {
    let more: (() => void) | null = null
    const go = (): void => {
      const next = more
      more = null
      next?.()
    }
    const stream = new Readable({ ...options, objectMode: true, read: go })
    // What nobody reads anymore is still on its way: it is fetched for the next query to have its turn.
    stream.once('close', () => {
      this.#streams.delete(stream)
      go()
    })
    this.#ask(query, {
      part: (part, next) => {
        const rows = part.type === 'rows' ? part.rows : []
        const wanted = rows.map((row) => stream.destroyed || stream.push(row))
        if (stream.destroyed || wanted.every(Boolean)) next()
        else more = next
      },
      end: () => {
        this.#streams.delete(stream)
        stream.push(null)
      },
      fail: (error) => {
        stream.destroy(error)
      },
    })
    this.#streams.add(stream)
    return stream
  }

  #ask(query: ModuleQuery, receiver: Receiver): void {
    this.#lastId += 1
    const id = this.#lastId
    this.#receivers.set(id, receiver)
    this.#waits(true)
    const fail = (error: ToolError): void => {
      this.#forget(id)
      receiver.fail(error)
    }
    const send = (): void => {
      try {
        this.#send({ type: 'query', id, query })
      } catch (error) {
        fail(notSendable(query, error))
      }
    }
    const before = [...this.#streams]
    const isRead = (): boolean => before.some((stream) => this.#streams.has(stream))
    // A loop that was left closes its stream a moment later.
    if (isRead()) setImmediate(() => (isRead() ? fail(besideStream(query)) : send()))
    else send()
  }

  #forget(id: number): void {
    this.#receivers.delete(id)
    if (this.#receivers.size > 0) return
    this.#waits(false)
    const waiting = this.#whenIdle
    this.#whenIdle = []
    for (const resolve of waiting) resolve()
  }
}

function besideStream({ sql }: ModuleQuery): ToolError {
  return new ToolError('DATA_MIGRATION_REFUSED', {
    what: 'A query was sent while a stream of rows was still being read',
    where: { statement: sql.slice(0, 200) },
    why: 'the code has one connection, and it is taken until the last row of the stream is read',
    next: 'Read the rows first, or read them in portions: where id > the last one, limit 1000.',
  })
}

function notSendable({ sql }: ModuleQuery, error: unknown): ToolError {
  return new ToolError('DATA_MIGRATION_REFUSED', {
    what: 'A query has a value or an option that is a function',
    where: { statement: sql.slice(0, 200) },
    why: `${error instanceof Error ? error.message : String(error)} The code runs in a process of its own, and functions stay there`,
    next: 'Give it plain values: text, numbers, dates, buffers; leave out `typeCast`.',
  })
}
