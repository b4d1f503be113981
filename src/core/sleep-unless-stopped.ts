import type { StopRequest } from './stop-request.ts'

/** Waits, or returns early when a person asks the run to stop: nobody waits then for the next check of a server. */
export function sleepUnlessStopped(milliseconds: number, stop: StopRequest): Promise<void> {
  return new Promise((resolve) => {
    let unsubscribe = (): void => undefined
    const wake = (): void => {
      clearTimeout(timer)
      unsubscribe()
      resolve()
    }
    const timer = setTimeout(wake, milliseconds)
    unsubscribe = stop.onStop(wake)
  })
}
