import type { JournalState, Pass } from '../../migrations/journal/journal.ts'
import { type AdoptedRow, type JournalSnapshot, openRow } from '../../migrations/journal/rows.ts'
import type { AppliedMigration } from './contract.ts'
import type { AdoptedFile } from './plan-adoption.ts'

/** The name of the pass of an adopted baseline. */
const baselineName = (tool: string): string => `adopted from ${tool}`

/** The rows of applied files: one pass each, in the order in which they ran. Pure. */
export function rowsOfFiles(tool: string, files: readonly AdoptedFile[], first: number): readonly AdoptedRow[] {
  return files.flatMap(({ applied, version, name, checksum, from }, index): readonly AdoptedRow[] => {
    if (applied === null) return []
    const row = openRow({
      pass: first + index,
      version,
      name,
      kind: 'adopted',
      direction: 'up',
      checksum,
      class: 'record',
      summary: `adopted from ${tool}: ${from}`,
    })
    return [withOrigin(row, applied)]
  })
}

/** The rows of a baseline: one pass, with a row for each name in the history of the other tool. Pure. */
export function rowsOfBaseline(
  tool: string,
  version: string,
  applied: readonly AppliedMigration[],
  pass: number,
): readonly AdoptedRow[] {
  return applied.map((one, index) => {
    const row = openRow({
      pass,
      statement: index,
      version,
      name: baselineName(tool),
      kind: 'baseline',
      direction: 'up',
      checksum: '',
      total: applied.length,
      class: 'record',
      summary: one.id,
    })
    return withOrigin(row, one)
  })
}

function withOrigin(row: ReturnType<typeof openRow>, { at, by, milliseconds }: AppliedMigration): AdoptedRow {
  return { ...row, at, by, milliseconds: milliseconds ?? 0 }
}

/** The passes that an adoption created. */
export function findAdopted({ passes }: JournalSnapshot): readonly Pass[] {
  return passes.filter(
    ({ kind, name }) => kind === 'adopted' || (kind === 'baseline' && name.startsWith(baselineName(''))),
  )
}

/** The first pass of wwdb itself; seeds do not count. */
export function findOther(snapshot: JournalSnapshot): Pass | undefined {
  const adopted = new Set(findAdopted(snapshot))
  return snapshot.passes.find((pass) => !adopted.has(pass) && pass.kind !== 'seed')
}

/** Whether the journal already has all of these rows. */
export function hasRows({ states, baseline }: JournalState, rows: readonly AdoptedRow[]): boolean {
  return rows.every(({ version, checksum, kind }) => {
    if (kind === 'baseline') return baseline === version
    const state = states.get(version)
    return state?.type === 'applied' && state.pass.checksum === checksum
  })
}
