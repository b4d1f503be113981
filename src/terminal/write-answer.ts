import type { Writer } from './reporter.ts'

/**
 * In characters: a longer text is not held as a text and as bytes at once. V8 frees texts of 128 KiB and more only in a full collection.
 */
const longestWrite = 64 * 1024

/**
 * Writes an answer in pieces. Pieces that the reader has not taken yet would stay in memory, so it waits for the reader; a reader that went away ends the
 * answer.
 */
export async function writeAnswer(writer: Writer, pieces: Iterable<string>): Promise<void> {
  for (const text of gather(pieces)) {
    const isTaken = writer.write(text) !== false || ((await writer.taken?.()) ?? true)
    if (!isTaken) return
  }
}

/** Writes what is reported during the run: a run does not wait for its display. */
export function writeAtOnce(writer: Writer, pieces: Iterable<string>): void {
  for (const text of gather(pieces)) writer.write(text)
}

function* gather(pieces: Iterable<string>): Generator<string> {
  let text = ''
  for (const piece of pieces) {
    text += piece
    if (text.length < longestWrite) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

/** A long text in pieces; none ends between the two halves of a character. */
export function* piecesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const end = from + longestWrite
    const to = isHighSurrogate(text.charCodeAt(end - 1)) ? end + 1 : end
    yield text.slice(from, to)
    from = to
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff
}
