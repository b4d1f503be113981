import { compileNaming } from '../calendar/naming.ts'
import { countOf } from '../core/plural.ts'
import type { ShardFamily } from '../core/shard-family.ts'

/** A shard family in place of its shards, which its template defines. */
export interface FoldedFamily {
  readonly family: string
  /** The name pattern of its shards: `messages_{YYYYMM}`. */
  readonly pattern: string
  /** The file of the template, relative to the project's folder. */
  readonly template: string
  /** The number of shards; null where the schema is not that of a database. */
  readonly shards: number | null
  /** The names of the first and the last shard by key; null where there is none. */
  readonly first: string | null
  readonly last: string | null
}

/**
 * The families of a database. Pure.
 * @param tables the names of existing tables; null where the schema is not that of a database
 */
export function foldFamilies(
  families: readonly ShardFamily[],
  database: string,
  tables: readonly string[] | null,
): readonly FoldedFamily[] {
  return families
    .filter((family) => family.database === database)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, pattern, division, template }) => {
      const naming = compileNaming(pattern, division)
      const keyed = (tables ?? []).flatMap((table) => {
        const key = naming.parse(table)
        return key === null ? [] : [{ key, table }]
      })
      const shards = keyed.toSorted((a, b) => compareKeys(a.key, b.key)).map(({ table }) => table)
      return {
        family: name,
        pattern,
        template: template.file,
        shards: tables === null ? null : shards.length,
        first: shards[0] ?? null,
        last: shards.at(-1) ?? null,
      }
    })
}

/** Keys of rows are numbers; keys of periods have a fixed length. */
function compareKeys(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1)
}

/** `Shard family messages: 3 shards, messages_202611 to messages_202701, made from shard-templates/message_db/messages.sql.` */
export function describeFamily({ family, pattern, template, shards, first, last }: FoldedFamily): string {
  const made = `made from ${template}`
  if (shards === null) return `Shard family ${family}: shards ${pattern}, ${made}.`
  const names = shards < 2 ? (first ?? pattern) : `${first} to ${last}`
  return `Shard family ${family}: ${countOf(shards, 'shard')}, ${names}, ${made}.`
}
