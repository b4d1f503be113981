/** Cuts a stream of MySQL's protocol into packets: three bytes of length, a sequence number, the payload. */
export class PacketCutter {
  #rest: Buffer = Buffer.alloc(0)

  /** The packets that are complete now, with their heads, in order. */
  take(data: Buffer): readonly Buffer[] {
    let rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data])
    const packets: Buffer[] = []
    while (rest.length >= 4 && rest.length >= 4 + rest.readUIntLE(0, 3)) {
      const end = 4 + rest.readUIntLE(0, 3)
      packets.push(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
    this.#rest = rest
    return packets
  }
}

/** The first byte of a command (MySQL internals manual, "Command Phase"). */
export const commandBytes = { quit: 0x01, query: 0x03, ping: 0x0e } as const

const moreResults = 0x0008
const deprecateEof = 0x0100_0000

/** True when the client's answer to the greeting announces that it takes OK instead of EOF behind rows. */
export function wantsNoEof(handshakePayload: Buffer): boolean {
  return (handshakePayload.readUInt32LE(0) & deprecateEof) !== 0
}

/** The connection's number on the server, as the greeting of protocol 10 has it. */
export function readThreadId(greetingPayload: Buffer): number {
  return greetingPayload.readUInt32LE(greetingPayload.indexOf(0, 1) + 1)
}

/** The text of a query: behind the command's byte, and behind two more where the client speaks of query attributes (8.0.23). */
export function readText(payload: Buffer): string {
  const hasAttributes = payload[1] === 0 && payload[2] === 1
  return payload.toString('utf8', hasAttributes ? 3 : 1)
}

type Expecting = 'result' | 'columns' | 'columns-end' | 'rows' | 'nothing'

/** Follows the answer to one command of the text protocol, and knows when it is complete. */
export class AnswerReader {
  readonly #noEof: boolean
  #expecting: Expecting = 'result'
  #columns = 0
  #status = 0

  /** The status flags of the last result; 0 before the first one, and where an error ended the answer. */
  get status(): number {
    return this.#status
  }

  constructor(noEof: boolean) {
    this.#noEof = noEof
  }

  /** Returns true when this packet was the last one of the answer. */
  read(payload: Buffer): boolean {
    const first = payload[0] ?? 0
    if (first === 0xff) [this.#expecting, this.#status] = ['nothing', 0]
    else if (this.#expecting === 'result') this.#beginResult(payload)
    else if (this.#expecting === 'columns') this.#passColumn()
    else if (this.#expecting === 'columns-end') this.#expecting = 'rows'
    else if (first === 0xfe && payload.length < 0xff_ffff && (this.#noEof || payload.length < 9))
      this.#endResult(this.#statusOfEnd(payload))
    return this.#expecting === 'nothing'
  }

  #beginResult(payload: Buffer): void {
    if (payload[0] === 0x00) this.#endResult(statusOfOk(payload))
    // The answer to COM_SET_OPTION, which switches several statements on and off, is an EOF; a count of columns is longer.
    else if (payload[0] === 0xfe && payload.length < 9) this.#endResult(this.#statusOfEnd(payload))
    else if (payload[0] === 0xfb) throw new Error('LOAD DATA LOCAL is not understood')
    else {
      this.#columns = readLength(payload, 0).value
      this.#expecting = 'columns'
    }
  }

  #statusOfEnd(payload: Buffer): number {
    return this.#noEof ? statusOfOk(payload) : payload.readUInt16LE(3)
  }

  #passColumn(): void {
    this.#columns -= 1
    if (this.#columns === 0) this.#expecting = this.#noEof ? 'rows' : 'columns-end'
  }

  #endResult(status: number): void {
    this.#status = status
    this.#expecting = (status & moreResults) === 0 ? 'nothing' : 'result'
  }
}

/** OK: a byte, rows changed and last id as lengths, then the status. */
function statusOfOk(payload: Buffer): number {
  const changed = readLength(payload, 1)
  const lastId = readLength(payload, changed.end)
  return payload.readUInt16LE(lastId.end)
}

/** A number of 1, 3, 4 or 9 bytes. */
function readLength(payload: Buffer, at: number): { readonly value: number; readonly end: number } {
  const first = payload[at] ?? 0
  if (first === 0xfc) return { value: payload.readUInt16LE(at + 1), end: at + 3 }
  if (first === 0xfd) return { value: payload.readUIntLE(at + 1, 3), end: at + 4 }
  if (first === 0xfe) return { value: Number(payload.readBigUInt64LE(at + 1)), end: at + 9 }
  return { value: first, end: at + 1 }
}
