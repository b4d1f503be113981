import type { Context } from '../../command/context.ts'
import type { DatabaseConfig } from '../../config/config.ts'
import { inOneSentence, ToolError } from '../../core/tool-error.ts'
import type { RecordedDifference } from '../../ddl/recorded-schema.ts'
import type { ObjectSnapshot, RecordedSnapshot, SchemaSnapshot, TableSnapshot } from '../../ddl/snapshot.ts'
import type { OpenTarget } from '../../migrations/targets.ts'
import { unnamedImplicit } from '../foreign-key-indexes.ts'
import { schemaServers } from '../ports.ts'

export const isTable = (object: ObjectSnapshot | RecordedSnapshot | null): object is TableSnapshot =>
  object?.type === 'table'

/**
 * The current schema with the indexes that MySQL created for foreign keys, which the server is asked about: if they were written as ordinary indexes, a later one would not replace them.
 * @param isChosen the tables that are written
 */
export async function knowLive(
  { port, config, emit }: Context,
  database: DatabaseConfig,
  snapshot: SchemaSnapshot,
  isChosen: (table: TableSnapshot) => boolean,
): Promise<SchemaSnapshot> {
  const tables = snapshot.objects.filter(isTable).filter((one) => isChosen(one) && one.foreignKeys.length > 0)
  if (tables.length === 0) return snapshot
  try {
    const { timeouts } = await config()
    const implicit = await (await port(schemaServers)).findImplicit(database, timeouts, tables)
    return { ...snapshot, objects: snapshot.objects.map((one) => withImplicit(one, implicit.get(one.name))) }
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'SCRATCH_DENIED') throw error
    const message = `It is not known which indexes of \`${database.name}\` MySQL created for foreign keys, so they are written as explicit indexes: ${inOneSentence(error.faults[0] ?? { what: error.message })}`
    emit({ type: 'warning', message, target: null })
    return snapshot
  }
}

function withImplicit(object: ObjectSnapshot, names: readonly string[] | undefined): ObjectSnapshot {
  return object.type === 'table' && names !== undefined ? { ...object, implicit: names } : object
}

/**
 * The same for a recorded schema: the record does not contain it, but the files that created the tables name their own
 * indexes.
 */
export function knowRecorded(
  { all }: Pick<OpenTarget, 'all'>,
  differences: readonly RecordedDifference[],
): readonly RecordedDifference[] {
  return differences.map((one) => {
    const { wanted } = one
    if (!isTable(wanted) || wanted.foreignKeys.length === 0) return one
    const scripts = all.map(({ up }) => up)
    if (scripts.some(({ type }) => type === 'stream')) return one
    const statements = scripts.flatMap((script) => (script.type === 'statements' ? script.statements : []))
    const name = wanted.name.toLowerCase()
    const own = statements.filter(({ objects }) => objects.some((object) => object.name.toLowerCase() === name))
    return { ...one, wanted: { ...wanted, implicit: unnamedImplicit(wanted, own) } }
  })
}
