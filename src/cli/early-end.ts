import { exitCodes } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'

/** The part of `process` that says how it ends. */
interface EndSource {
  exitCode?: number | string | null | undefined
  readonly on: (event: 'beforeExit' | 'exit', listener: (code: number) => void) => unknown
}

/**
 * Whoever ends the process before the command has answered (a library that exits, a promise that nothing can resolve
 * anymore), it is a failure with a sentence: an exit code of 0 would say that all was done.
 * @param report writes at once
 * @param surrender reports and ends the process, as after any other defect
 * @returns to be called when the exit code is known
 */
export function watchEarlyEnd(
  source: EndSource,
  report: (error: unknown) => void,
  surrender: (error: unknown) => void,
): () => void {
  let answered = false
  source.on('beforeExit', () => {
    if (!answered)
      surrender(endedEarly('it waits for something that can no longer happen: no connection and no timer is left'))
  })
  source.on('exit', (code) => {
    if (answered) return
    answered = true
    source.exitCode = exitCodes.failed
    report(endedEarly(`something in its process called process.exit(${code}), which wwdb itself does only at its end`))
  })
  return () => {
    answered = true
  }
}

function endedEarly(why: string): ToolError {
  return new ToolError('ENDED_EARLY', {
    what: 'wwdb ended before the command had finished.',
    why,
    next: 'Run the command again: it goes on where this run stopped. If it ends like this again, report it with the output of --debug.',
  })
}
