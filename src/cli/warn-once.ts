import type { Emit } from '../command/event.ts'

/** Warns about notices. */
export type Announce = (notices: readonly string[]) => void

/** A replica's lag changes from one connection to the next. */
const withoutLag = (message: string): string => message.replace(/\b\d+ s behind/, 'behind')

/** Warns about notices of servers, once for each, however many connections are opened. */
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
