import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | null = null

/**
 * Gives back at once what is not used any more. V8 waits until its heap has grown by a part of itself, and so keeps each text of 100 MB until there are
 * three or four of them: the pieces that it was read in, and what is left of an earlier reading of the file. Where nothing large is in use it takes some
 * 10 ms.
 */
export function releaseMemory(): void {
  collect ??= findCollector()
  collect()
}

/** Node has it on request alone; a new context is the only one that still gets it. */
function findCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const found: unknown = runInNewContext('gc')
  return typeof found === 'function' ? () => void found() : () => undefined
}
