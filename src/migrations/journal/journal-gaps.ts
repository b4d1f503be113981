import type { Fault } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import type { OpenTarget } from '../targets.ts'

const restore = (database: string): string =>
  `Bring the rows of \`wwdb_journal\` back from a backup; where they were removed on purpose, see \`wwdb history --target ${database}\` for what is left, and do not remove any more.`

function fault(target: OpenTarget, what: string, next: string): Fault {
  const { database, session } = target
  return {
    what,
    where: { database: database.name, server: session.target.server },
    why: 'wwdb numbers passes and statements without gaps, and removes no row of what ran',
    next,
  }
}

/** Rows that the journal must have had and has no more. The last pass, removed as a whole, leaves no trace. Pure. */
export function findJournalGaps(target: OpenTarget): readonly Fault[] {
  const { passes, gaps = [] } = target.snapshot
  const { name } = target.database
  const numbers = new Set(passes.map(({ pass }) => pass))
  const last = passes.at(-1)?.pass ?? 0
  const missing = Array.from({ length: last }, (_, index) => index + 1).filter((number) => !numbers.has(number))
  const faults: Fault[] = []
  if (missing.length > 0) {
    const list =
      missing.length > 5 ? `${missing.slice(0, 5).join(', ')} and ${missing.length - 5} more` : missing.join(', ')
    faults.push(fault(target, `The journal of ${name} lacks pass ${list} of ${last}`, restore(name)))
  }
  for (const gap of gaps) {
    const of = passes.find(({ pass }) => pass === gap.pass)
    const rows = gap.missing === 1 ? '1 statement' : `${gap.missing} statements`
    faults.push(
      fault(target, `The journal of ${name} lacks ${rows} of ${of?.version ?? `pass ${gap.pass}`}`, restore(name)),
    )
  }
  return [...faults, ...findCutPasses(target)]
}

/**
 * Migrations that the journal has in part although later ones ran: rows of what ran are gone, and `migrate` would run its statements a second
 * time. It stops instead. Pure.
 */
export function findCutPasses(target: OpenTarget): readonly Fault[] {
  const { passes } = target.snapshot
  const { name } = target.database
  const faults: Fault[] = []
  for (const [version, state] of target.state.states) {
    if (state.type !== 'partial' || version.startsWith('R__')) continue
    const { pass, closed, total, open } = state.pass
    // A killed run leaves rows open behind which the next migration had begun: they are settled first.
    if (open > 0) continue
    const after = passes.find(
      (one) =>
        one.pass > pass &&
        one.closed > 0 &&
        one.direction === 'up' &&
        (one.kind === 'versioned' || one.kind === 'data') &&
        compareVersions(one.version, version) > 0,
    )
    if (after === undefined) continue
    const what = `The journal of ${name} has ${closed} of the ${total} statements of ${version}, and ${after.version} ran after it`
    const next = `Look whether all of ${version} ran: if so, \`wwdb mark ${version} --applied --target ${name}\`; else bring its rows back from a backup.`
    faults.push(fault(target, what, next))
  }
  return faults
}
