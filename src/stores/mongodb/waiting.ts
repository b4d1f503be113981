import { setTimeout as pause } from 'node:timers/promises'
import { exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreSurroundings } from '../ports.ts'

/** What a wait needs of the world. */
export type Waiting = StoreSurroundings & {
  /** Milliseconds that a wait may take in which nothing gets better. */
  readonly patience: number
}

/** Not yet, and why: a sentence that is said when it changes. */
export interface NotYet {
  readonly why: string
  /** True while it gets on, however slowly, as in a first copy of all data: the time begins anew then. */
  readonly alive?: boolean
}

/** Milliseconds between two looks. */
const interval = 100

/**
 * Looks until there is a result, and says what it waits for.
 * @throws ToolError STOPPED when a stop is requested; whatever `giveUp` makes of the last reason when the time is over.
 */
export async function waitFor<T>(
  { say, stop, now, patience }: Waiting,
  look: () => Promise<{ readonly result: T } | NotYet>,
  giveUp: (why: string) => ToolError,
): Promise<T> {
  let end = now() + patience
  let said = ''
  for (;;) {
    const seen = await look()
    if ('result' in seen) return seen.result
    if (stop.requested) throw stopped(seen.why)
    if (seen.alive === true) end = now() + patience
    if (now() >= end) throw giveUp(seen.why)
    // A moment's wait is not worth a line.
    if (seen.why !== said && now() > end - patience + 1000) {
      say(seen.why)
      said = seen.why
    }
    await pause(interval)
  }
}

function stopped(why: string): ToolError {
  return new ToolError(
    'STOPPED',
    { what: 'Stopped while MongoDB was being waited for.', why, next: 'Run it again: it goes on where it was.' },
    { exitCode: exitCodes.interrupted },
  )
}
