import type { Writer } from '../terminal/reporter.ts'

/** A writer that gathers texts for a moment, and gives them on at once when told to. */
export interface PacedWriter extends Writer {
  readonly flush: () => void
}

const moment = 20

/**
 * A run of a thousand short migrations says a thousand lines; where nobody watches a terminal, one system call for all of
 * a moment's lines does. Whatever was gathered is written before anything else may be: see `flush`.
 */
export function paceWrites(writer: Writer): PacedWriter {
  let gathered = ''
  let timer: NodeJS.Timeout | null = null
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const text = gathered
    gathered = ''
    if (text !== '') writer.write(text)
  }
  return {
    write: (text) => {
      gathered += text
      if (timer === null) timer = setTimeout(flush, moment).unref()
    },
    flush,
  }
}
