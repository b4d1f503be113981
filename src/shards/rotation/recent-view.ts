import { periodAt, shiftPeriod } from '../../calendar/period.ts'
import { ToolError } from '../../core/tool-error.ts'
import { writeView } from '../view-columns.ts'
import type { FamilyWork, TargetRun } from './target-run.ts'

/** The tables that a family's view reads, oldest first: of the current period and `periods` before it, as far as they exist. */
function membersOf(target: TargetRun, { family, view }: FamilyWork): readonly string[] {
  const { division, policy } = family
  if (policy.view === null || division.type !== 'period') return []
  const current = periodAt(target.clocks.now, division.kind, division.zone)
  const tables = Array.from({ length: policy.view.periods + 1 }, (_, back) =>
    view.naming.name(shiftPeriod(current, -back).key),
  )
  return tables.filter((table) => target.tables.get(table) === 'table').toReversed()
}

/**
 * Takes a table out of its family's view, before it is renamed; gives what puts it back. One RENAME of the view and the table
 * would not do: a reader that has the view's definition and waits for its tables is sent back by MySQL to tables that are no
 * longer there, and ends with error 1356 (measured: docs/internals/decisions/0001-before-2026-11.md).
 */
export async function leaveView(target: TargetRun, work: FamilyWork, table: string): Promise<() => Promise<void>> {
  const nothing = async (): Promise<void> => {}
  const name = work.family.policy.view?.name
  if (name === undefined || target.tables.get(name) !== 'view') return nothing
  const present = await target.store.readViewTables(name)
  const members = present.filter((member) => target.tables.has(member))
  const others = members.filter((member) => member !== table)
  if (others.length === members.length || others.length === 0) return nothing
  const show = async (tables: readonly string[]): Promise<void> =>
    target.createView(name, (await writeView(target.store, tables)).text)
  await show(others)
  return () => show(members)
}

/** Brings the view up to the present period. Throws ToolError `VIEW_NAME_TAKEN` where a table has its name. */
export async function refreshView(target: TargetRun, work: FamilyWork): Promise<void> {
  const name = work.family.policy.view?.name
  const members = membersOf(target, work)
  if (name === undefined || members.length === 0) return
  if (target.tables.get(name) === 'table') throw nameTaken(name, work)
  const { columns, text } = await writeView(target.store, members)
  if (await isAsWanted(target, name, members, columns)) return
  await target.createView(name, text)
}

async function isAsWanted(
  target: TargetRun,
  name: string,
  members: readonly string[],
  columns: readonly string[],
): Promise<boolean> {
  if (target.tables.get(name) !== 'view') return false
  const present = await target.store.readViewTables(name)
  if (present.join('\n') !== members.join('\n')) return false
  return (await target.store.readColumns(name)).join('\n') === columns.join('\n')
}

function nameTaken(name: string, { family }: FamilyWork): ToolError {
  return new ToolError('VIEW_NAME_TAKEN', {
    what: `The view ${name} of ${family.name} cannot be created: a table has its name.`,
    where: { file: family.template.file },
    next: 'Give the view another name in its `-- wwdb:view` line, or rename the table.',
  })
}
