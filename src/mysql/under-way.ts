/** What waits for an answer on a connection. */
export class UnderWay {
  readonly #ends = new Set<(error: unknown) => void>()

  /**
   * @param end takes the error that ends the wait
   * @returns what is called when the answer has come
   */
  add(end: (error: unknown) => void): () => void {
    this.#ends.add(end)
    return () => this.#ends.delete(end)
  }

  /**
   * Ends every wait with the error of a connection that was lost. mysql2 forgets what waits on a connection that it destroys, and takes no notice of the end of its socket
   * any more: where the server died a moment before, nothing would ever come.
   */
  endAll(): void {
    const text = 'The connection was closed before the server answered.'
    const error = Object.assign(new Error(text), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true })
    for (const end of this.#ends) end(error)
  }
}
