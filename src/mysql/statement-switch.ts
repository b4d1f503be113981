import { EventEmitter } from 'node:events'
import type { Connection as RawConnection } from 'mysql2'
import type { UnderWay } from './under-way.ts'

/** COM_SET_OPTION, and its values MYSQL_OPTION_MULTI_STATEMENTS_ON and _OFF (manual, "mysql_set_server_option()"). */
const setOption = 0x1b
const values = { on: 0, off: 1 } as const

/** The packets that a command of mysql2 reads and writes; its published types do not have them. */
interface AnswerPacket {
  readonly isError: () => boolean
  readonly asError: (encoding: string) => Error
}

interface RequestPacket {
  readonly buffer: Buffer
  readonly length: () => number
  readonly writeHeader: (sequenceId: number) => void
}

interface CommandQueue {
  readonly addCommand: (command: SetOption) => unknown
  readonly writePacket: (packet: RequestPacket) => void
  readonly _resetSequenceId: () => void
}

/** A command for mysql2's queue: mysql2 itself has none for COM_SET_OPTION. */
class SetOption extends EventEmitter {
  readonly #value: number
  readonly onResult: (error: Error | null) => void
  #isSent = false

  constructor(value: number, onResult: (error: Error | null) => void) {
    super()
    this.#value = value
    this.onResult = onResult
  }

  /** Called by mysql2 to begin, and with each packet of the answer; true at its end. */
  execute(packet: AnswerPacket | undefined, connection: CommandQueue): boolean {
    if (!this.#isSent) {
      this.#isSent = true
      const buffer = Buffer.from([3, 0, 0, 0, setOption, this.#value, 0])
      connection._resetSequenceId()
      connection.writePacket({ buffer, length: () => buffer.length - 4, writeHeader: () => undefined })
      return false
    }
    this.onResult(packet?.isError() === true ? packet.asError('utf8') : null)
    this.emit('end')
    return true
  }
}

function hasQueue(raw: object): raw is CommandQueue {
  return 'addCommand' in raw && 'writePacket' in raw
}

/**
 * Switches whether the server accepts several statements in one packet, as each packet needs it. A connection starts with
 * single statements; queries with the same need follow one another without a round trip in between.
 */
export class StatementSwitch {
  readonly #raw: RawConnection
  readonly #underWay: UnderWay
  /** The state after the last switch in the queue; null when it is unknown. */
  #several: boolean | null = false
  #turn: Promise<void> | null = null

  constructor(raw: RawConnection, underWay: UnderWay) {
    this.#raw = raw
    this.#underWay = underWay
  }

  /** Queues a query after the switch that it needs; rejects when the server does not switch, and then sends nothing. */
  queue(several: boolean, send: () => void): Promise<void> {
    if (this.#turn === null && this.#several === several) {
      send()
      return Promise.resolve()
    }
    const turn = (this.#turn ?? Promise.resolve()).then(async () => {
      if (this.#several !== several) await this.#set(several)
      send()
    })
    const settled = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#turn === settled) this.#turn = null
      })
    this.#turn = settled
    return turn
  }

  /** Queues a query that works in either state, after those that wait for a switch. */
  queueAnyway(send: () => void): Promise<void> {
    if (this.#turn !== null) return this.#turn.then(send)
    send()
    return Promise.resolve()
  }

  #set(several: boolean): Promise<void> {
    const raw: object = this.#raw
    if (!hasQueue(raw)) return Promise.reject(new Error('this version of mysql2 has no queue of commands'))
    this.#several = null
    return new Promise((resolve, reject) => {
      // What is sent on a connection that was destroyed must not wait for a switch that never comes: mysql2 refuses it.
      const leave = this.#underWay.add(reject)
      const command = new SetOption(several ? values.on : values.off, (error) => {
        leave()
        if (error !== null) return reject(error)
        this.#several = several
        resolve()
      })
      raw.addCommand(command)
    })
  }
}
