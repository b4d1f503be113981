import { ToolError } from '../core/tool-error.ts'
import type { FamilyView } from './family-view.ts'

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
