import { migrationLabel } from '../../core/migration-label.ts'
import { countOf } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import type { UndoRecord } from '../../operate/undo/undo-record.ts'
import type { Pass } from '../journal/journal.ts'
import type { Plan } from '../plan.ts'
import type { OpenTarget } from '../targets.ts'
import { readUndoRecords } from './read-records.ts'

/**
 * Throws ToolError `PLAN_IMPOSSIBLE` where a down part of the plan is that of a migration whose rows `wwdb undo` has put back: it would take them back again. Only
 * a rollback asks the servers.
 */
export async function refuseUndone(plan: Plan, targets: readonly OpenTarget[]): Promise<void> {
  for (const { target, steps } of plan.targets) {
    const reverted = steps.filter(({ type }) => type === 'revert')
    const open = targets.find(({ database }) => database.name === target.database)
    if (open === undefined || reverted.length === 0) continue
    const records = await readUndoRecords(open.session.readRows)
    // Under autocommit=0 it would go on seeing what it saw.
    await open.session.rollback()
    for (const { migration } of reverted) {
      const record = findStanding(records, open.snapshot.passes, migration.version)
      if (record === null) continue
      const { version } = migration
      const part = record.direction === 'down' ? 'its down part' : 'it'
      throw new ToolError('PLAN_IMPOSSIBLE', {
        what: `\`${migrationLabel(migration)}\` cannot be rolled back: \`wwdb undo\` has put back ${countOf(record.undone, 'row')} that a batch of ${part} changed.`,
        where: { database: target.database, server: target.server, file: migration.file },
        why: `Its down part would change these rows of \`${record.kept.table}\` a second time.`,
        next: `Where it did nothing else, record with \`wwdb mark ${version} --pending\` that it has not run, or with \`--applied\` that it has, as the rows are now; take back by hand what else it did. After \`wwdb mark\` it is rolled back as any other.`,
      })
    }
  }
}

/** The record of the last run of a migration with rows that are put back; null where there is none. What a person marked since, or a later run did, stands. Pure. */
export function findStanding(
  records: readonly UndoRecord[],
  passes: readonly Pass[],
  version: string,
): UndoRecord | null {
  const own = records.filter((one) => compareVersions(one.version.split('/')[0] ?? '', version) === 0)
  const marks = passes.filter((one) => one.kind === 'mark' && compareVersions(one.version, version) === 0)
  const marked = Math.max(0, ...marks.map(({ openedAt }) => Date.parse(`${openedAt.replace(' ', 'T')}Z`)))
  const standing = own.find((one, at) => {
    const isReplaced = own.slice(at + 1).some((later) => replaces(later, one))
    return one.undone > 0 && one.since > marked && !isReplaced
  })
  return standing ?? null
}

/** Whether a later batch is of another run of the same: of the other part, or of the same statement. */
function replaces(later: UndoRecord, { version, direction, statement, kept }: UndoRecord): boolean {
  if (later.version !== version) return false
  if (later.direction !== direction) return true
  return later.statement === statement && later.kept.table === kept.table && later.kept.schema === kept.schema
}
