/**
 * The text of the piece under way: what earlier windows hold of it, and its part of the present window. A window is one
 * chunk of the input, preceded by the few characters that the chunk before could not decide on.
 */
export class PendingText {
  #window = ''
  /** Where the piece goes on in the window. */
  #start = 0
  #held: string[] = []
  #heldLength = 0
  #codeBefore = Number.NaN

  get window(): string {
    return this.#window
  }

  /** The character before the window, NaN at the start of the input. */
  get codeBefore(): number {
    return this.#codeBefore
  }

  /** How far into the piece the window's `index` lies. */
  offsetOf(index: number): number {
    return this.#heldLength + index - this.#start
  }

  /** Keeps what was scanned of the window, up to `scanned`, and lets the rest be followed by `chunk`. */
  extend(scanned: number, chunk: string): void {
    this.hold(this.#window.slice(this.#start, scanned))
    if (scanned > 0) this.#codeBefore = this.#window.charCodeAt(scanned - 1)
    const rest = this.#window.slice(scanned)
    this.#window = rest === '' ? chunk : rest + chunk
    this.#start = 0
  }

  /** Adds text to the piece that is not in the window (any more). */
  hold(text: string): void {
    if (text === '') return
    this.#held.push(text)
    this.#heldLength += text.length
  }

  /** The piece's text up to the window's `index`. */
  peek(index: number): string {
    const tail = this.#window.slice(this.#start, index)
    return this.#held.length === 0 ? tail : this.#held.join('') + tail
  }

  /** The same, and lets the next piece begin there. */
  take(index: number): string {
    const text = this.peek(index)
    this.#held = []
    this.#heldLength = 0
    this.#start = index
    return text
  }
}
