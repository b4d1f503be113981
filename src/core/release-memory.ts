import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | null = null

/**
 * Frees unused memory at once. V8 waits until its heap has grown by a part of itself, and so keeps each text of 100 MB until there are three or four of
 * them: the pieces that it was read in, and the remains of an earlier reading of the file. Where nothing large is in use this takes about 10 ms.
 */
export function releaseMemory(): void {
  collect ??= findCollector()
  collect()
}

/** Node exposes the collector only on request, and only in a new context. */
function findCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const found: unknown = runInNewContext('gc')
  return typeof found === 'function' ? () => void found() : () => undefined
}
