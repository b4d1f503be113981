import { compileNaming } from '../../calendar/naming.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { FamilyView } from '../family-view.ts'
import type { LiveTable, TableToCreate } from '../ports.ts'
import type { KeySources } from '../rotation/read-target.ts'
import { indexRecords } from '../rotation/target-run.ts'
import type { FamilyRecord, Registry, Shard } from '../shard.ts'
import type { InspectionRequest } from './request.ts'

/** A family as it is looked at, with what could not be. */
export interface ViewedFamily {
  readonly view: FamilyView
  readonly record: FamilyRecord | null
  readonly unchecked: readonly string[]
}

/** Puts together what is known of every family of a schema. A key source that cannot be read is told, not thrown. */
export async function viewFamilies(
  target: Target,
  families: readonly ShardFamily[],
  read: { readonly registry: Registry; readonly tables: readonly LiveTable[] },
  sources: KeySources,
): Promise<readonly ViewedFamily[]> {
  const tables = new Map(read.tables.map(({ name, type }) => [name, type]))
  const records = indexRecords(read.registry, families)
  const viewed: ViewedFamily[] = []
  for (const family of families) {
    const { census, unchecked } = await readCensus(family, sources)
    const view: FamilyView = {
      family,
      target,
      naming: compileNaming(family.pattern, family.division),
      records: records.get(family.name) ?? new Map(),
      findings: read.registry.findings.filter((one) => one.family === family.name),
      tables,
      census,
      present: new Set(census?.present),
    }
    const record = read.registry.families.find((one) => one.family === family.name) ?? null
    viewed.push({ view, record, unchecked })
  }
  return viewed
}

async function readCensus(
  family: ShardFamily,
  sources: KeySources,
): Promise<{ readonly census: FamilyView['census']; readonly unchecked: readonly string[] }> {
  if (family.division.type === 'period') return { census: null, unchecked: [] }
  const { database, table } = family.division.source
  try {
    return { census: await sources.read(family.division.source), unchecked: [] }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return { census: null, unchecked: [`The keys in ${database}.${table} could not be read: ${error.message}`] }
  }
}

/** The family with the template that its shards are made from by now: a file that was edited counts once a fan-out has carried it. */
export function asRecorded({ view: { family }, record }: ViewedFamily): ShardFamily {
  if (record === null || record.checksum === family.template.checksum) return family
  return { ...family, template: { ...family.template, text: record.template, checksum: record.checksum } }
}

/** The tables that a shard refers to, those that they refer to first: what a scratch schema needs before it. */
export function siblingTables(
  viewed: readonly ViewedFamily[],
  family: ShardFamily,
  key: string,
  render: InspectionRequest['render'],
): readonly TableToCreate[] {
  return viewed
    .filter(({ view }) => family.template.siblings.includes(view.family.name))
    .flatMap((sibling) => {
      const parent = asRecorded(sibling)
      const shard: Shard = { family: parent.name, key, table: sibling.view.naming.name(key), from: null, to: null }
      return [...siblingTables(viewed, parent, key, render), render(parent, shard)]
    })
}

/** What the tables that a shard refers to are called in its template, for taking its definition apart. */
export function siblingNames(
  viewed: readonly ViewedFamily[],
  { siblings }: ShardFamily['template'],
  key: string,
): ReadonlyMap<string, string> {
  return new Map(
    viewed
      .filter(({ view }) => siblings.includes(view.family.name))
      .map(({ view }) => [view.naming.name(key), `{{sibling:${view.family.name}}}`]),
  )
}
