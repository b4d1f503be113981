import type { Fault } from '../../core/tool-error.ts'
import { type RoutedTables, refuseRows } from '../../migrations/vitess/refuse-rows.ts'
import type { Statement } from '../../sql/statement.ts'
import type { VschemaTable } from '../../sql/vschema.ts'
import type { SeedTableShape } from '../ports.ts'
import { type RepeatedTable, refuseRepeats } from '../refuse-repeats.ts'
import type { SeedScript } from '../seed.ts'

/** A table that programs write to. */
export interface ScriptTable {
  readonly vschema: VschemaTable
  /** Undefined where the server does not have it. */
  readonly shape: SeedTableShape | undefined
}

/** The tables that programs write to, by the names in their statements. */
export const tablesOfScripts = (scripts: readonly SeedScript[]): readonly string[] => [
  ...new Set(statementsOf(scripts).flatMap(({ objects }) => objects.map(({ name }) => name))),
]

const statementsOf = (scripts: readonly SeedScript[]): readonly Statement[] =>
  scripts.flatMap(({ body }) => (body.type === 'statements' ? body.statements : []))

/** What vtgate cannot send to a shard, and what a run that is repeated might do twice, each as a sentence. Pure. */
export function refuseShardedScripts(
  keyspace: string,
  scripts: readonly SeedScript[],
  tables: ReadonlyMap<string, ScriptTable>,
): readonly Fault[] {
  const find = (name: string): ScriptTable | undefined =>
    [...tables].find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1]
  const routed: RoutedTables = {
    keyspace,
    vindexesOf: (name) => {
      const { takesRows = false, vindexes = [] } = find(name)?.vschema ?? {}
      if (!takesRows) return []
      return vindexes.length === 0 ? [[]] : vindexes.map(({ columns }) => columns.toLowerCase().split(', '))
    },
  }
  const repeated = (name: string): RepeatedTable | null => {
    const shape = find(name)?.shape
    if (shape === undefined) return null
    const uniqueKeys = shape.uniqueKeys.map((key) => key.map((column) => column.toLowerCase()))
    return { uniqueKeys, vindex: routed.vindexesOf(name)[0] ?? [] }
  }
  const statements = statementsOf(scripts)
  const unrouted = statements.flatMap((statement): readonly Fault[] => {
    const refusal = refuseRows(statement, routed)
    return refusal === null ? [] : [describe(statement, refusal.does, refusal)]
  })
  if (unrouted.length > 0) return unrouted
  const does = 'cannot run in a sharded keyspace, where a run that ended between two shards is repeated'
  return refuseRepeats(statements, repeated).map(({ statement, ...reason }) => describe(statement, does, reason))
}

function describe(
  { file, line, column, verb, index }: Statement,
  does: string,
  { why, next }: Pick<Fault, 'why' | 'next'>,
): Fault {
  const what = `Statement ${index + 1} of \`${file}\` (${verb}) ${does}.`
  return { what, where: { file, line, column }, ...(why !== undefined && { why }), ...(next !== undefined && { next }) }
}
