import type { FieldPacket, QueryOptions, Connection as RawConnection } from 'mysql2'
import { type Connection, hearLoss } from '../../mysql/connection.ts'
import type { AnswerPart, ModuleField } from '../user-code.ts'

/** Rows that wait here before the connection is paused, and rows of one part. */
const mostWaiting = 512
const rowsOfPart = 128

/** What mysql2 says of a column. */
type Field = FieldPacket & Omit<ModuleField, 'encoding'> & { readonly encoding?: string }

/** The answer to one query as it arrives. A large one waits at the server until what came before was taken. */
export class QueryAnswer {
  readonly #raw: RawConnection
  readonly #parts: AnswerPart[] = []
  #rows: unknown[] = []
  #waiting = 0
  #end: { readonly error: unknown } | null = null
  #wake = (): void => {}
  /** When the server has said its last word about the query, be it an error. */
  readonly over: Promise<void>

  constructor({ raw, runRaw }: Pick<Connection, 'raw' | 'runRaw'>, options: QueryOptions) {
    this.#raw = raw
    this.over = new Promise((resolve) => {
      const end = (error: unknown): void => {
        deafen()
        this.#end ??= { error }
        resolve()
        this.#wake()
      }
      const deafen = hearLoss(raw, end)
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

  /** Reads what is left, for nobody, so that the connection can be used again. */
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

/** mysql2 reads most of them from a buffer when they are asked for: they must be copied one by one. */
function copyField(field: Field): ModuleField {
  const { catalog, schema, table, orgTable, name, orgName } = field
  const { characterSet, encoding = '', columnLength, columnType, type, flags, decimals } = field
  const names = { catalog, schema, table, orgTable, name, orgName }
  return { ...names, characterSet, encoding, columnLength, columnType, type, flags, decimals }
}
