import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { ToolError } from '../../../core/tool-error.ts'
import { checksumOf, normalizeText } from '../../../files/checksum.ts'
import { beginningOf } from '../../../sql/mask-passwords.ts'
import type { AnswerPart, ModuleQuery } from '../../user-code.ts'
import { type DataModule, type FromUserCode, type FunctionName, type ToUserCode, unpackError } from '../../user-code.ts'

/** The receiver of the answer to a query, part by part. */
interface Receiver {
  /** `next` requests the next part. */
  readonly part: (part: AnswerPart, next: () => void) => void
  readonly end: () => void
  readonly fail: (error: Error) => void
}

/** Rows and columns of an answer, or the header of an answer without rows: as mysql2 gives them to knex. */
export type Answer = readonly [result: unknown, fields: unknown]

/** Runs in the process of users' code: sends queries to the tool and passes their answers on. */
export class ModuleClient {
  readonly #send: (message: FromUserCode) => void
  readonly #waits: (waits: boolean) => void
  readonly #receivers = new Map<number, Receiver>()
  #lastId = 0
  /** The rows that the code reads one by one; meanwhile, other queries wait. */
  readonly #streams = new Set<Readable>()
  #whenIdle: (() => void)[] = []

  /** @param waits called with whether an answer is awaited, which keeps the process alive */
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

  /** Returns when no query is in progress. */
  async idle(): Promise<void> {
    while (this.#receivers.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
  }

  /** The whole answer to a query. Throws the server's error. */
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

  /** The rows of an answer; no more are fetched than are read. */
  stream(query: ModuleQuery, options: { readonly highWaterMark?: number }): Readable {
    let more: (() => void) | null = null
    const go = (): void => {
      const next = more
      more = null
      next?.()
    }
    const stream = new Readable({ ...options, objectMode: true, read: go })
    // Rows that nobody reads any more are still arriving: they are fetched so that the next query can run.
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
    what: 'A query was sent while a stream of rows was still being read.',
    where: { statement: beginningOf(sql) },
    why: 'The code has one connection, which is busy until the last row of the stream is read.',
    next: 'Read the rows first, or read them in portions: where id > the last one, limit 1000.',
  })
}

function notSendable({ sql }: ModuleQuery, error: unknown): ToolError {
  return new ToolError('DATA_MIGRATION_REFUSED', {
    what: 'A value or an option of a query is a function.',
    where: { statement: beginningOf(sql) },
    why: `${error instanceof Error ? error.message : String(error)} The code runs in a separate process, and functions cannot be sent to another process.`,
    next: 'Give it plain values: text, numbers, dates, buffers; leave out `typeCast`.',
  })
}

/** What a migration is given beside knex; a seed gets none. */
type UserFunction = (knex: unknown, tools?: { readonly batch: unknown }) => unknown

/**
 * The function of that name, from the file as it was checked. Called in the process of users' code.
 * Throws ToolError `FILE_CHANGED`, `MODULE_FAULTY` (it cannot be imported) or `MODULE_INCOMPLETE` (no such function).
 */
export async function loadFunction(module: DataModule, name: FunctionName): Promise<UserFunction> {
  const { file } = module
  const found = findFunction(await loadModule(module), name)
  if (found !== null) return found
  throw new ToolError('MODULE_INCOMPLETE', {
    what: `The file exports no function \`${name}\`.`,
    where: { file },
    next: `Write: \`export async function ${name}(knex) { ... }\`.`,
  })
}

/** What the file exports, as it was checked. Throws ToolError `FILE_CHANGED`, `MODULE_FAULTY`. */
export async function loadModule({ path, file, checksum }: DataModule): Promise<unknown> {
  if (checksumOf(normalizeText(readFileSync(path, 'utf8'))) !== checksum) {
    throw new ToolError('FILE_CHANGED', {
      what: 'The file changed after it was checked.',
      where: { file },
      why: 'None of its statements ran.',
      next: 'Run the command again.',
    })
  }
  return importModule(path, file)
}

async function importModule(path: string, file: string): Promise<unknown> {
  try {
    if (!path.endsWith('.ts')) return await import(pathToFileURL(path).href)
    const { createJiti } = await import('jiti')
    return await createJiti(import.meta.url, { interopDefault: false }).import(path)
  } catch (error) {
    throw new ToolError(
      'MODULE_FAULTY',
      {
        what: 'The file cannot be imported.',
        where: { file },
        why: error instanceof Error ? error.message : String(error),
        next: 'Fix this, then run the command again; none of its code ran.',
      },
      { cause: error },
    )
  }
}

/** A named export, or a property of the default export, as CommonJS modules have it. */
function findFunction(module: unknown, name: FunctionName): UserFunction | null {
  if (typeof module !== 'object' || module === null) return null
  const own: unknown = Reflect.get(module, name)
  if (typeof own === 'function') return (...given) => own(...given)
  return 'default' in module && module.default !== module ? findFunction(module.default, name) : null
}
