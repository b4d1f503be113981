import { momentOf, timestampOf } from './migration-name.ts'

/** How far behind the clock a journal's newest version may lie to be of this clock: runs of one second, or of clocks that differ a little. */
const toleratedMilliseconds = 60_000

/** What a journal holds of its passes. */
interface Recorded {
  readonly snapshot: { readonly passes: readonly { readonly version: string }[] }
}

/**
 * The moment whose timestamp is the version of a migration that wwdb makes itself: `now`, or the second after the newest version in these journals.
 * Two answers to drift in one second would have one version, and the second of them would count as applied already.
 * @param now milliseconds since the epoch, as is what is returned
 */
export function freeMoment(now: number, journals: readonly Recorded[]): number {
  const [from, to] = [timestampOf(new Date(now)), timestampOf(new Date(now + toleratedMilliseconds))]
  const taken = journals
    .flatMap(({ snapshot }) => snapshot.passes.map(({ version }) => version))
    .filter((version) => version.length === from.length && version >= from && version <= to)
    .toSorted()
    .at(-1)
  return taken === undefined ? now : momentOf(taken).getTime() + 1000
}
