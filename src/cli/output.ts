import type { Writable } from 'node:stream'

/** What becomes of the process's two output streams. */
export interface OutputWatch {
  /** True when something could not be written although somebody wanted it: a full disk, not a closed pipe. */
  readonly hasFailed: () => boolean
  /** Returns when all that was written has left the process, or cannot. */
  readonly drain: () => Promise<void>
}

/**
 * A reader that closes its end (`| head`) is no error: a run goes on without it, and says nothing. Whatever else keeps an
 * answer from being written is told on the other stream.
 */
export function watchOutput(out: Writable, err: Writable): OutputWatch {
  let failed = false
  const listen = (stream: Writable, other: Writable): void => {
    stream.on('error', (error: Error & { readonly code?: string }) => {
      if (isClosedPipe(error.code) || failed) return
      failed = true
      other.write(`wwdb: the output could not be written: ${error.message}\n`)
    })
  }
  listen(out, err)
  listen(err, out)
  return {
    hasFailed: () => failed,
    drain: async () => {
      await Promise.all([drained(out), drained(err)])
    },
  }
}

function isClosedPipe(code: string | undefined): boolean {
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || code === 'EIO'
}

/** An empty write calls back when everything before it is written; on a broken stream it calls back with an error. */
function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve()
    else stream.write('', () => resolve())
  })
}
