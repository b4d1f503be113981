import type { ModuleConnection, ModuleQuery } from '../../user-code.ts'
import { packAnswer, type ToUserCode } from './messages.ts'

/**
 * Answers the queries of users' code one after the other, part by part: the next part is read when the one before was taken,
 * so that neither process holds more of a large result than its code asks for.
 */
export class AnswerSender {
  readonly #connection: ModuleConnection
  readonly #send: (message: ToUserCode) => void
  #turn: Promise<void> = Promise.resolve()
  #underWay = 0
  #lastHeard = performance.now()
  #closed = false
  #next: { readonly id: number; readonly go: () => void } | null = null

  constructor(connection: ModuleConnection, send: (message: ToUserCode) => void) {
    this.#connection = connection
    this.#send = send
  }

  answer(id: number, query: ModuleQuery): void {
    this.touch()
    this.#underWay += 1
    this.#turn = this.#turn.then(async () => {
      await this.#answer(id, query)
      this.#underWay -= 1
      this.touch()
    })
  }

  taken(id: number): void {
    if (this.#next?.id !== id) return
    const { go } = this.#next
    this.#next = null
    go()
  }

  touch(): void {
    this.#lastHeard = performance.now()
  }

  /** How long the code has asked for nothing and waited for nothing of the database, in milliseconds. */
  silentFor(): number {
    return this.#underWay > 0 ? 0 : performance.now() - this.#lastHeard
  }

  /** Nothing more is sent to the server; an answer that is under way is given up. */
  close(): void {
    this.#closed = true
    this.#next?.go()
  }

  async #answer(id: number, query: ModuleQuery): Promise<void> {
    if (this.#closed) return
    try {
      for await (const part of this.#connection.query(query)) {
        const taken = new Promise<void>((go) => {
          this.#next = { id, go }
        })
        this.#send({ type: 'part', id, part })
        await taken
        if (this.#closed) return
      }
      this.#send({ type: 'end', id })
    } catch (error) {
      this.#send({ type: 'error', id, error: packAnswer(error) })
    }
  }
}
