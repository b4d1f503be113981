import type { ShardFamily } from '../../core/shard-family.ts'
import { readCreatedTable } from '../../ddl/created-table.ts'
import { isWord } from '../../sql/clauses.ts'

/** Why a family cannot be kept in a keyspace, and what to do. */
export interface FamilyRefusal {
  readonly why: string
  readonly next: string
}

const numbersItself = ({ template }: ShardFamily): boolean =>
  readCreatedTable(template.text)?.tokens.some((token) => isWord(token, 'AUTO_INCREMENT')) === true

/**
 * What of a family's header a keyspace has no counterpart for; null where it can be kept there. Pure.
 * @param isSharded by its VSchema
 */
export function refuseFamily(family: ShardFamily, isSharded: boolean): FamilyRefusal | null {
  const { division, template, policy, keeper, vindex, sequence, name } = family
  if (division.type === 'key')
    return {
      why: 'It has a table for each key, and in a keyspace one table with a vindex takes the place of all of them.',
      next: 'Create the table in a migration, with `ALTER VSCHEMA ... ADD VINDEX`; `wwdb shards move` brings the rows of shards on MySQL there.',
    }
  if (keeper === 'partition')
    return {
      why: 'Its shards are partitions, which are put on hold by `EXCHANGE PARTITION`, and Vitess does that to its copy of the table.',
      next: 'Write `-- wwdb:shards table`.',
    }
  if (policy.view !== null)
    return {
      why: 'It has a view over several shards, and vtgate knows no views unless it is told to keep them.',
      next: 'Write `-- wwdb:view none` for this environment, and read the tables themselves.',
    }
  if (template.siblings.length > 0 || (policy.references === 'physical' && template.sharedReferences.length > 0))
    return {
      why: 'Its template has foreign keys, and Vitess takes none in a definition that it runs as a migration.',
      next: 'Leave them out: `-- wwdb:references logical`, and no key to a sibling.',
    }
  if (!isSharded) return null
  if (vindex === undefined)
    return {
      why: 'The keyspace is sharded, and vtgate would not know the shard of a row.',
      next: `Write the vindex of its tables into \`${template.file}\`: \`-- wwdb:vindex by_account (account_id) USING xxhash\`.`,
    }
  if (sequence === undefined && numbersItself(family))
    return {
      why: 'The keyspace is sharded, and each shard would count `AUTO_INCREMENT` by itself and give the same id twice.',
      next: `Name a sequence in \`${template.file}\`: \`-- wwdb:sequence id USING user_db.${name}_ids\`.`,
    }
  return null
}
