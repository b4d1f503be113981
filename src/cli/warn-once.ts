import type { Emit } from '../command/event.ts'

/** Warns of notices. */
export type Announce = (notices: readonly string[]) => void

/** Warns of the notices of servers, of each once, however many connections are opened. */
export function announceOnce(emit: Emit): Announce {
  const said = new Set<string>()
  return (notices) => {
    for (const message of notices) {
      if (said.has(message)) continue
      said.add(message)
      emit({ type: 'warning', message, target: null })
    }
  }
}
