import { timeText } from '../core/instant.ts'
import { countOf } from '../core/plural.ts'
import type { Division, ShardFamily } from '../core/shard-family.ts'
import type { Target } from '../core/target.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import { type FamilyView, nameSome, shardOf } from './family-view.ts'
import type { Registry, Shard, ShardRecord, ShardTrace } from './shard.ts'

/**
 * Two records of one family that cannot both be true:
 * - `renamed`    another family is recorded with tables that this one names
 * - `header`     its shards differ from what its header says
 * - `protection` an event protects a table, and the registry does not
 * - `keys`       it has shards, and the table that its keys come from does not exist
 */
export interface Contradiction {
  readonly kind: 'renamed' | 'header' | 'protection' | 'keys'
  readonly tables: readonly string[]
  /** What each of the two says, and what can be done. */
  readonly fault: Fault
}

/** What is compared of a family. */
export type ComparedFamily = Pick<FamilyView, 'family' | 'target' | 'naming' | 'tables' | 'census'>

/** What is compared of a record. `state` is a text: a later wwdb may write unknown states. */
type ComparedRecord = Shard & Pick<ShardRecord, 'archive' | 'protection'> & { readonly state: string }

interface RegistryRows extends Pick<Registry, 'traces'>, Partial<Pick<Registry, 'families'>> {
  readonly shards: readonly ComparedRecord[]
}

const codes = {
  renamed: 'FAMILY_RENAMED',
  header: 'FAMILY_HEADER_CHANGED',
  protection: 'PROTECTION_CONTRADICTED',
  keys: 'KEY_SOURCE_MISSING',
} as const satisfies Record<Contradiction['kind'], string>

/**
 * Compares wwdb's record of a family with the existing tables, before anything is concluded from either. Pure.
 * @param all every family of the target's database that has a template
 */
export function findContradictions(
  one: ComparedFamily,
  registry: RegistryRows,
  all: readonly ShardFamily[],
): readonly Contradiction[] {
  return [
    ...findRenamed(one, registry, all),
    ...findSameTemplate(one, registry, all),
    ...findMisfits(one, registry),
    ...findUnprotected(one, registry),
    ...findKeyless(one, registry),
  ]
}

/** What stops the work on a family. */
export function contradicted([first, ...others]: readonly Contradiction[]): ToolError | null {
  if (first === undefined) return null
  return new ToolError(codes[first.kind], [first.fault, ...others.map(({ fault }) => fault)])
}

const nothing = ({ name }: ShardFamily): string => `Nothing was done to \`${name}\`.`

function placeOf(family: ShardFamily, { database, server }: Target) {
  return { database, server, file: family.template.file }
}

const isGone = (state: string): boolean => state === 'dropped' || state === 'lost'

/** A shard of which something exists: a mere record contradicts nothing. */
function isLeft(record: ComparedRecord): boolean {
  return !isGone(record.state) || record.archive !== null
}

/** Tables that are missing from the registry, under their names in events. */
function tracedTables(
  { tables }: Pick<ComparedFamily, 'tables'>,
  { shards, traces }: RegistryRows,
): readonly ShardTrace[] {
  const known = new Set(shards.map(({ table }) => table))
  return traces.filter(({ table }) => !known.has(table) && tables.get(table) === 'table')
}

/** Another family's tables, by the registry or by events, under names of this family. */
function findRenamed(
  one: ComparedFamily,
  registry: RegistryRows,
  all: readonly ShardFamily[],
): readonly Contradiction[] {
  const { family, naming, target } = one
  const isForeign = (other: { readonly family: string; readonly table: string }): boolean =>
    other.family !== family.name && naming.parse(other.table) !== null
  const rows = registry.shards.filter((record) => isForeign(record) && isLeft(record))
  const traced = tracedTables(one, registry).filter(isForeign)
  const owners = [...new Set([...rows, ...traced].map((other) => other.family))]
  return owners.map((owner) => {
    const own = [...rows, ...traced].filter((other) => other.family === owner)
    const source = rows.some((record) => record.family === owner) ? 'wwdb_shards' : 'wwdb_shard_events'
    const tables = own.map(({ table }) => table)
    const its = all.find(({ name }) => name === owner)
    const renamed = `If \`${owner}\` was renamed, \`wwdb shards rename-family ${owner} ${family.name}\` moves its records (preview with \`--dry-run\`).`
    const other = `If \`${family.name}\` is another family, give it another pattern in its \`-- wwdb:name\` line${its === undefined ? `, or restore the template of \`${owner}\`` : ''}.`
    return {
      kind: 'renamed',
      tables,
      fault: {
        what: `\`${family.name}\` names ${countOf(tables.length, 'table')} that ${tables.length === 1 ? 'is' : 'are'} recorded as ${tables.length === 1 ? 'a shard' : 'shards'} of \`${owner}\`: ${nameSome(tables)}.`,
        where: placeOf(family, target),
        why: `\`${source}\` has ${tables.length === 1 ? 'it' : 'them'} under \`${owner}\`, ${its === undefined ? 'which has no template any more' : `whose pattern is now ${its.pattern}`}, and the pattern ${family.pattern} of \`${family.name}\` matches the same tables.`,
        next: (its === undefined ? [nothing(family), renamed, other] : [nothing(family), other]).join(' '),
      },
    }
  })
}

/** A family without a record whose definition matches a recorded family without a template: its file was renamed, its pattern changed. */
function findSameTemplate(
  one: ComparedFamily,
  registry: RegistryRows,
  all: readonly ShardFamily[],
): readonly Contradiction[] {
  const { family, target, naming } = one
  const { families = [], shards } = registry
  if (families.some((known) => known.family === family.name)) return []
  const twins = families.filter(
    (known) => known.checksum === family.template.checksum && !all.some(({ name }) => name === known.family),
  )
  return twins.flatMap(({ family: owner }): readonly Contradiction[] => {
    const isIts = (other: { readonly family: string }): boolean => other.family === owner
    const own = [
      ...shards.filter((record) => isIts(record) && isLeft(record)),
      ...tracedTables(one, registry).filter(isIts),
    ]
    const [first] = own
    if (first === undefined || own.some(({ table }) => naming.parse(table) !== null)) return []
    const steps = `write its old pattern, which gave \`${first.table}\`, into \`${family.template.file}\`, then \`wwdb shards rename-family ${owner} ${family.name}\`.`
    return [
      {
        kind: 'renamed',
        tables: own.map(({ table }) => table),
        fault: {
          what: `\`${family.name}\` has the definition of \`${owner}\`, of which ${countOf(own.length, 'shard')} ${own.length === 1 ? 'is' : 'are'} recorded.`,
          where: placeOf(family, target),
          why: `\`${owner}\` has no template any more, and there are no records of \`${family.name}\`: it may be \`${owner}\` under another name and another pattern.`,
          next: `${nothing(family)} If it is, ${steps} If \`${family.name}\` is another family, restore the template of \`${owner}\`, with \`-- wwdb:premake none\` if it should get no more shards.`,
        },
      },
    ]
  })
}

/** What a header says about a shard, where the record differs; null where both agree. */
export function describeMisfit(
  one: Pick<ComparedFamily, 'family' | 'naming'>,
  record: Pick<Shard, 'key' | 'table' | 'from' | 'to'>,
): string | null {
  const wanted = readKey(one, record.key)
  if (wanted === null) return `${record.key} is not the key of ${describeDivision(one.family.division)}`
  if (wanted.table !== record.table) return `${record.key} is \`${wanted.table}\``
  if (wanted.from !== record.from || wanted.to !== record.to) return `${record.key} is ${describeBounds(wanted)}`
  return null
}

/** The shard of a key, according to the header; null for a key that the header does not allow. */
export function readKey(one: Pick<ComparedFamily, 'family' | 'naming'>, key: string): Shard | null {
  try {
    return shardOf(one, key)
  } catch (error) {
    if (error instanceof ToolError && error.code === 'KEY_INVALID') return null
    throw error
  }
}

function describeBounds({ from, to }: Pick<Shard, 'from' | 'to'>): string {
  return from === null || to === null ? 'without a period' : `${timeText(from)} to ${timeText(to)}`
}

function describeDivision(division: Division): string {
  return division.type === 'key'
    ? `keys of ${division.source.database}.${division.source.table}`
    : `a period of one ${division.kind} in the zone ${division.zone}`
}

/** Shards that differ from the header: its pattern, its period or its zone was changed. */
function findMisfits(one: ComparedFamily, registry: RegistryRows): readonly Contradiction[] {
  const { family, target } = one
  const rows: readonly Shard[] = registry.shards.filter(
    (record) => record.family === family.name && !isGone(record.state),
  )
  const traced = tracedTables(one, registry)
    .filter((trace) => trace.family === family.name)
    .map(({ key, table }) => ({
      family: family.name,
      key,
      table,
      from: readKey(one, key)?.from ?? null,
      to: readKey(one, key)?.to ?? null,
    }))
  const misfits = [...rows, ...traced].flatMap((record) => {
    const says = describeMisfit(one, record)
    return says === null ? [] : [{ record, says }]
  })
  const [first] = misfits
  if (first === undefined) return []
  const { record, says } = first
  const recorded = record.from === null ? '' : ` (${describeBounds(record)})`
  return [
    {
      kind: 'header',
      tables: misfits.map((misfit) => misfit.record.table),
      fault: {
        what: `The header of \`${family.name}\` no longer matches ${countOf(misfits.length, 'shard')} that ${misfits.length === 1 ? 'is' : 'are'} recorded: ${nameSome(misfits.map((misfit) => misfit.record.table))}.`,
        where: placeOf(family, target),
        why: `Recorded is \`${record.table}\` for ${record.key}${recorded}; by the header, ${describeHeader(family)}, ${says}.`,
        next: [
          nothing(family),
          adviseOnHeader(
            one,
            misfits.map((misfit) => misfit.record),
          ),
        ].join(' '),
      },
    },
  ]
}

function describeHeader({ pattern, division }: ShardFamily): string {
  const period = division.type === 'period' ? `\`period ${division.kind} zone ${division.zone}\` and ` : ''
  return `${period}\`name ${pattern}\``
}

/** The two ways: the old shards stay what they are until they are retired, or are changed to match the header. */
function adviseOnHeader(one: ComparedFamily, misfits: readonly Shard[]): string {
  const { family } = one
  const keep =
    `To keep the old shards until they are retired, write the header of \`${family.template.file}\` as it was, with \`-- wwdb:premake none\`, and put the new ` +
    'header into a template of its own, under a pattern of its own.'
  const renames = misfits.flatMap((record) => {
    const wanted = readKey(one, record.key)
    return wanted === null || wanted.table === record.table
      ? []
      : [`RENAME TABLE \`${record.table}\` TO \`${wanted.table}\``]
  })
  const [example] = renames
  if (misfits.some(({ key }) => readKey(one, key) === null)) return keep
  if (example === undefined)
    return `${keep} If the rows of these shards always belonged to the periods that the header says, \`wwdb shards adopt --family ${family.name}\` records those (preview with \`--dry-run\`).`
  return `${keep} To give them the new names, rename each table with a migration (\`${example}\`), then \`wwdb shards adopt --family ${family.name}\` records that.`
}

/** Tables that an event protects but the registry does not: it has no row, or a row without the protection. */
function findUnprotected(one: ComparedFamily, registry: RegistryRows): readonly Contradiction[] {
  const { family, target, tables } = one
  const rows = new Map(registry.shards.map((record) => [record.table, record]))
  return registry.traces.flatMap((trace): readonly Contradiction[] => {
    const row = rows.get(trace.table)
    if (trace.protectedFor === null || trace.family !== family.name) return []
    if (row === undefined && tables.get(trace.table) !== 'table') return []
    const command = `--family ${family.name} --key ${trace.key}`
    const kept = `\`wwdb shards protect ${command} --reason ${JSON.stringify(trace.protectedFor)}\``
    const ended = `\`wwdb shards unprotect ${command} --reason TEXT\``
    const missing = row === undefined
    return [
      {
        kind: 'protection',
        tables: [trace.table],
        fault: {
          what: `\`${trace.table}\` is protected (${trace.protectedFor}) by \`wwdb_shard_events\`, but \`wwdb_shards\` has ${missing ? 'no row of it' : 'its row without that'}.`,
          where: placeOf(family, target),
          why: 'Only `wwdb shards unprotect` ends a protection, and it writes to both: so one of the two tables was changed, restored or lost.',
          next: missing
            ? `Nothing was done to \`${family.name}\`. \`wwdb shards adopt --family ${family.name}\` adds the table to the registry with its protection; if it no longer needs protection, ${ended} after that.`
            : `Nothing was done to \`${family.name}\`. If it is still protected, or you do not know, confirm it: ${kept}. If it is not: ${ended}.`,
        },
      },
    ]
  })
}

/** Shards whose key table does not exist: which of them are needed is unknown. */
function findKeyless({ family, target, census }: ComparedFamily, { shards }: RegistryRows): readonly Contradiction[] {
  if (family.division.type !== 'key' || census !== null) return []
  const own = shards.filter((record) => record.family === family.name && !isGone(record.state))
  if (own.length === 0) return []
  const { database, table, column } = family.division.source
  return [
    {
      kind: 'keys',
      tables: own.map((record) => record.table),
      fault: {
        what: `\`${family.name}\` has ${countOf(own.length, 'shard')}, but \`${database}.${table}\`, which has their keys, does not exist.`,
        where: placeOf(family, target),
        why: `Without \`${table}\` it is not known which shards are needed and which keys were deleted.`,
        next: `Nothing was done to \`${family.name}\`. If the table was renamed, write its new name into the line \`-- wwdb:keys ${database}.${table}(${column})\`; if it was lost, restore it.`,
      },
    },
  ]
}
