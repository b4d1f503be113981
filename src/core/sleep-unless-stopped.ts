import type { StopRequest } from './stop-request.ts'

/** Waits, at most until a person asks the run to stop: nobody waits for the next look at a server then. */
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
