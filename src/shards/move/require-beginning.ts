import { type MoveRequest, refused } from './move-request.ts'
import type { MovePlan } from './plan-move.ts'
import { planTablets, typesOf } from './plan-tablets.ts'
import { readTabletTypes, type SeenWorkflow } from './read-workflows.ts'
import type { AskVtctld } from './vtctldclient.ts'
import { type MovePlace, showTablets } from './workflow-commands.ts'

/** Whether the table of the keyspace has a row. */
export async function hasRows(
  { keyspace, table, column }: MoveRequest,
  { id }: Pick<MovePlan, 'id'>,
): Promise<boolean> {
  return (await keyspace.readPage({ table, columns: [column], id, where: null, after: null, size: 1 })).length > 0
}

/** Vitess creates no workflow for a table that has rows: that is said before anything is written. */
export async function requireEmpty(
  request: MoveRequest,
  plan: Pick<MovePlan, 'id'>,
  seen: ReadonlyMap<string, SeenWorkflow>,
): Promise<void> {
  if (seen.size > 0 || !(await hasRows(request, plan))) return
  throw refused(
    request,
    `\`${request.table}\` has rows, and no workflow of this move exists: Vitess creates none for a table that has rows.`,
    `Nothing was written. Delete the rows of \`${request.table}\` in the keyspace, and run the command again.`,
  )
}

/** Compares the kinds of tablets that are asked for with those of the source. Returns what to know about them, as sentences. */
export async function requireTablets(
  request: MoveRequest,
  vtctld: AskVtctld,
  place: MovePlace,
): Promise<readonly string[]> {
  const present = readTabletTypes(await vtctld(showTablets(place.source)))
  const { refusal, notes } = planTablets(place.source, typesOf(place.tabletTypes), present)
  if (refusal !== null) throw refused(request, refusal.why, refusal.next)
  return notes
}
