import { migrationLabel } from '../core/migration-label.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import { ToolError } from '../core/tool-error.ts'
import type { Migration } from '../migrations/migration.ts'
import type { FamilyView } from './family-view.ts'
import type { Registry } from './shard.ts'

/** The table of a keyspace that took the place of a family, as the registry has it; null where the family was not switched, or the switch was taken back. */
export const movedTo = ({ findings }: Pick<FamilyView, 'findings'>): string | null =>
  findings.find(({ kind, closed }) => kind === 'moved' && closed === null)?.table ?? null

/** Why nothing is done about the shards of a family that has moved. */
export const describeMoved = (family: string, to: string): string =>
  `\`${family}\` has moved to \`${to}\`: no shard is made, changed or retired. Remove its template before the old shards are dropped, or take the switch back with \`wwdb shards move --undo\`.`

/** Throws ToolError `MOVE_REFUSED` where the family has moved. @param what is not done, as a sentence */
export function refuseMoved({ family, findings }: Pick<FamilyView, 'family' | 'findings'>, what: string): void {
  const moved = movedTo({ findings })
  if (moved === null) return
  throw new ToolError('MOVE_REFUSED', {
    what,
    why: `\`${family.name}\` has moved to \`${moved}\`, and such a shard would take writes beside it.`,
    next: 'Let the application write to that table, or take the switch back with `wwdb shards move --undo`.',
  })
}

/** Neither in a plan nor in a run, in neither direction: the shards refuse changes of rows, and a column that they lose or get is missing on the way back. Throws ToolError `MOVE_REFUSED`. */
export function refuseMovedChange(
  { name, database }: Pick<ShardFamily, 'name' | 'database'>,
  { findings }: Pick<Registry, 'findings'>,
  migration: Migration,
): void {
  const moved = movedTo({ findings: findings.filter(({ family }) => family === name) })
  if (moved === null) return
  throw new ToolError('MOVE_REFUSED', {
    what: `The migration \`${migrationLabel(migration)}\` does not run on the shards of \`${name}\`.`,
    where: { file: migration.file, database },
    why: `The family has moved to \`${moved}\`: its shards refuse writes, and \`wwdb shards move --undo\` needs the columns that they have.`,
    next: `Nothing was changed. Write the change as a migration of that keyspace, and record this one with \`wwdb mark ${migration.version} --applied -t ${database}\` (in place of a rollback, \`--pending\`); or take the switch back first.`,
  })
}
