import type { Emit } from '../command/event.ts'

/** Warns of notices. */
export type Announce = (notices: readonly string[]) => void

/** A lag grows from one connection to the next. */
const withoutLag = (message: string): string => message.replace(/\b\d+ s behind/, 'behind')

/** Warns of the notices of servers, of each once, however many connections are opened. */
export function announceOnce(emit: Emit): Announce {
  const said = new Set<string>()
  return (notices) => {
    for (const message of notices) {
      if (said.has(withoutLag(message))) continue
      said.add(withoutLag(message))
      emit({ type: 'warning', message, target: null })
    }
  }
}
