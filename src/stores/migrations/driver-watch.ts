import { setTimeout as pause } from 'node:timers/promises'
import type { MongoClient } from 'mongodb'

/** What a server answered instead of doing it. */
export interface Refusal {
  /** The server's number; 0 where no answer came. */
  readonly code: number
  readonly error: Error
}

/** Commands that the client library sends by itself: their failure is none of the code, and nobody waits for them. */
const ownCommands: ReadonlySet<string> = new Set(['killCursors', 'abortTransaction', 'endSessions'])

/** Milliseconds that operations may take to end once nothing waits for them any more: longer than a transaction lives. */
const patience = 70_000

/**
 * What the client of user code sends, and what is refused. Code may catch an error of the server; in a transaction that error has ended it all the same,
 * and what fails afterwards says nothing of the cause.
 */
export class CommandWatch {
  #first: Refusal | null = null
  #open = 0
  #harmless = 0
  #latest = performance.now()

  constructor(client: MongoClient) {
    client.on('commandStarted', ({ commandName }) => {
      if (ownCommands.has(commandName)) this.#harmless += 1
    })
    client.on('commandSucceeded', ({ commandName, reply }) => {
      if (ownCommands.has(commandName)) this.#harmless -= 1
      else this.#readWriteErrors(reply)
    })
    client.on('commandFailed', ({ commandName, failure }) => {
      if (ownCommands.has(commandName)) this.#harmless -= 1
      else this.#first ??= { code: Number(Reflect.get(failure, 'code') ?? 0), error: failure }
    })
    client.on('connectionCheckOutStarted', () => this.#move(1))
    client.on('connectionCheckOutFailed', () => this.#move(-1))
    client.on('connectionCheckedIn', () => this.#move(-1))
  }

  /** A new attempt begins: nothing is refused yet. */
  begin(): void {
    this.#first = null
    this.#latest = performance.now()
  }

  /** The first refusal of the attempt: what came behind it may follow from it. */
  get first(): Refusal | null {
    return this.#first
  }

  get busy(): boolean {
    return this.#open > this.#harmless
  }

  /** Milliseconds for which nothing was asked and nothing was answered. */
  get silence(): number {
    return this.#open > 0 ? 0 : performance.now() - this.#latest
  }

  /** Returns when nothing is under way; false where that does not come. */
  async settle(): Promise<boolean> {
    const end = performance.now() + patience
    while (this.busy) {
      if (performance.now() >= end) return false
      await pause(5)
    }
    return true
  }

  #move(by: number): void {
    this.#open = Math.max(0, this.#open + by)
    this.#latest = performance.now()
  }

  /** A duplicate key is an answer, not a failure of the command. */
  #readWriteErrors(reply: unknown): void {
    if (typeof reply !== 'object' || reply === null) return
    const list: unknown = Reflect.get(reply, 'writeErrors')
    const one: unknown = Array.isArray(list) ? list[0] : undefined
    if (typeof one !== 'object' || one === null) return
    const error = new Error(String(Reflect.get(one, 'errmsg') ?? 'A write was refused.'))
    this.#first ??= { code: Number(Reflect.get(one, 'code') ?? 0), error }
  }
}
