import { ToolError } from '../core/tool-error.ts'
import { describeUneven } from '../ddl/merge-shards.ts'
import type { UnevenObject } from '../ddl/snapshot.ts'

/** An object of a keyspace that is not the same on all of its shards. */
export interface UnevenLine {
  readonly database: string
  /** `table \`messages\`: one definition on shard -80, another one on shard 80-`. */
  readonly object: string
}

interface ReadKeyspace {
  readonly database: { readonly name: string }
  readonly uneven?: readonly UnevenObject[]
}

export function listUneven(schemas: readonly ReadKeyspace[]): readonly UnevenLine[] {
  return schemas.flatMap(({ database, uneven = [] }) =>
    uneven.map((one) => ({ database: database.name, object: describeUneven(one) })),
  )
}

/** A statement runs on every shard, so none leads from shards that differ to one definition. Throws ToolError `SHARDS_DIFFER`. */
export function refuseUneven(uneven: readonly UnevenLine[]): void {
  if (uneven.length === 0) return
  throw new ToolError(
    'SHARDS_DIFFER',
    uneven.map(({ database, object }) => ({
      what: `The shards of \`${database}\` differ: ${object}.`,
      why: 'A statement is run on every shard of a keyspace, so it would fail on one of them, or change it twice.',
      next: "Change the shards that differ by themselves: `USE keyspace:shard` selects one, and its session needs `SET @@ddl_strategy='direct'`. Then run this command again.",
    })),
  )
}
