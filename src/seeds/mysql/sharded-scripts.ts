import type { Fault } from '../../core/tool-error.ts'
import { type RoutedTables, refuseRows } from '../../migrations/vitess/refuse-rows.ts'
import type { Statement } from '../../sql/statement.ts'
import type { VschemaTable } from '../../sql/vschema.ts'
import type { SeedColumn, SeedTableShape } from '../ports.ts'
import { refuseRepeats } from '../refuse-repeats.ts'
import type { RepeatedKey, RepeatedTable } from '../repeated-table.ts'
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
    const { shape, vschema } = find(name) ?? {}
    if (shape === undefined) return null
    return toRepeated(shape, routed.vindexesOf(name)[0] ?? [], vschema?.autoIncrement?.column ?? null)
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

function toRepeated(
  { columns, uniqueKeys, looseKeys }: SeedTableShape,
  vindex: readonly string[],
  numbered: string | null,
): RepeatedTable {
  const named = (chosen: (column: SeedColumn) => boolean): readonly string[] =>
    columns.filter(chosen).map(({ name }) => name.toLowerCase())
  const generated = new Set(named((column) => column.generated))
  const toKey = (name: string, given: readonly (string | null)[], type: 'whole' | 'prefix'): RepeatedKey => {
    const known = given.flatMap((column) => (column === null ? [] : [column.toLowerCase()]))
    const isComputed = known.length < given.length || known.some((column) => generated.has(column))
    return { name, columns: known, type: isComputed ? 'computed' : type }
  }
  return {
    keys: [
      ...uniqueKeys.map((key) => toKey(key.join(', '), key, 'whole')),
      ...looseKeys.map((key) => toKey(key.name, key.columns, 'prefix')),
    ],
    vindex,
    numbered: numbered?.toLowerCase() ?? null,
    following: named((column) => column.generated || column.following),
    computedDefaults: named((column) => column.computedDefault),
  }
}

function describe(
  { file, line, column, verb, index }: Statement,
  does: string,
  { why, next }: Pick<Fault, 'why' | 'next'>,
): Fault {
  const what = `Statement ${index + 1} of \`${file}\` (${verb}) ${does}.`
  return { what, where: { file, line, column }, ...(why !== undefined && { why }), ...(next !== undefined && { next }) }
}
