/** One procedure calls another. */
export interface Call {
  readonly from: string
  readonly to: string
  readonly isLoop: boolean
}

/** The procedures that are called in a loop, or by themselves, with those that they call. */
export function findRepeated(calls: readonly Call[]): ReadonlySet<string> {
  const reach = (starts: readonly string[]): ReadonlySet<string> => {
    const found = new Set(starts)
    for (const one of found) for (const { from, to } of calls) if (from === one) found.add(to)
    return found
  }
  const callsItself = ({ from, to }: Call): boolean => reach([to]).has(from)
  return reach(calls.flatMap((call) => (call.isLoop || callsItself(call) ? [call.to] : [])))
}
