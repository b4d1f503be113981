import { createHash, type Hash, hash } from 'node:crypto'

/**
 * A file's text without a byte order mark and with every line end (CRLF, CR) as LF. This text is hashed, and this text
 * runs.
 */
export function normalizeText(text: string): string {
  const start = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  return start.includes('\r') ? start.replace(/\r\n?/g, '\n') : start
}

/** SHA-256 (hex) of a normalized text: the same for every checkout of a file, with any line ends. */
export function checksumOf(normalText: string): string {
  return hash('sha256', normalText, 'hex')
}

/** A normalized text with its checksum. */
export interface HashedText {
  readonly text: string
  readonly checksum: string
}

/** Normalizes a file's text and hashes it. */
export function hashText(written: string): HashedText {
  const text = normalizeText(written)
  return { text, checksum: checksumOf(text) }
}

/** Computes the same for a text that arrives in chunks. Chunks may be cut anywhere, even between CR and LF. */
export class TextNormalizer {
  readonly #hash: Hash = createHash('sha256')
  #started = false
  #heldReturn = false

  /** The normalized text of a chunk; a CR at its end waits for the next one. */
  push(chunk: string): string {
    if (chunk === '') return ''
    let text = this.#heldReturn ? `\r${chunk}` : chunk
    if (!this.#started && text.charCodeAt(0) === 0xfeff) text = text.slice(1)
    this.#started = true
    this.#heldReturn = text.endsWith('\r')
    if (this.#heldReturn) text = text.slice(0, -1)
    return this.#hashed(text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text)
  }

  /** The text that was held back, and the checksum of the whole text. */
  end(): { readonly rest: string; readonly checksum: string } {
    const rest = this.#heldReturn ? this.#hashed('\n') : ''
    return { rest, checksum: this.#hash.digest('hex') }
  }

  #hashed(text: string): string {
    this.#hash.update(text, 'utf8')
    return text
  }
}
