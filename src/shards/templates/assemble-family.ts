import { compileNaming } from '../../calendar/naming.ts'
import { longestName, readPattern } from '../../calendar/pattern.ts'
import type { Division, FamilyPolicy, RowTime, ShardFamily } from '../../core/shard-family.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { readColumnType } from '../../ddl/column-type.ts'
import { readSchemaWideNames } from '../../ddl/created-table.ts'
import { checksumOf } from '../../files/checksum.ts'
import { checkIds, checkPolicy, defaultPremake } from './check-headers.ts'
import { checkPartition } from './check-partition.ts'
import { type HeaderSet, headerFault } from './header.ts'
import type { FamilyDraft } from './template-file.ts'

export interface AssembledFamily {
  /** Null where its partitioning or its names are unknown. */
  readonly family: ShardFamily | null
  readonly faults: readonly Fault[]
}

/** Combines headers and statement and checks them against each other. */
export function assembleFamily(draft: FamilyDraft): AssembledFamily {
  const faults: Fault[] = []
  const division = readDivision(draft, faults)
  const pattern = division === null ? null : readNaming(draft, division, faults)
  const policy = readPolicy(draft.headers, division)
  faults.push(...checkPolicy(draft, division), ...checkColumns(draft), ...checkIds(draft, division))
  if (division === null || pattern === null) return { family: null, faults }
  faults.push(...checkNameLengths(draft, pattern))
  const { name, database } = draft
  const time = readRowTime(draft, division, faults)
  const formerly = draft.headers.get('formerly')?.value
  const names = formerly === undefined ? {} : { formerNames: formerly }
  const isPartition = draft.headers.get('shards')?.value === 'partition'
  if (isPartition) faults.push(...checkPartition(draft, division, time))
  const keeper = isPartition ? ({ keeper: 'partition' } as const) : {}
  const [vindex, sequence] = [draft.headers.get('vindex')?.value, draft.headers.get('sequence')?.value]
  const vschema = { ...(vindex !== undefined && { vindex }), ...(sequence !== undefined && { sequence }) }
  const optional = { ...(time === null ? {} : { time }), ...keeper, ...vschema, ...names }
  return { family: { name, database, division, pattern, template: templateOf(draft), policy, ...optional }, faults }
}

/** The column of `-- wwdb:time`, with what the table says of it. */
function readRowTime({ headers, content }: FamilyDraft, division: Division, faults: Fault[]): RowTime | null {
  const header = headers.get('time')
  if (header === null || division.type === 'key' || content.created === null) return null
  const { column, zone } = header.value
  const found = content.created.columns.find(({ name }) => name.toLowerCase() === column.toLowerCase())
  const type = found === undefined ? null : readColumnType(found.definition.slice(1))
  const objectTo = (says: string, next: string): null => {
    faults.push(headerFault(header.place, { says, next }))
    return null
  }
  if (found === undefined) {
    const known = content.created.columns.map(({ name }) => `\`${name}\``).join(', ')
    return objectTo(`names the column \`${column}\`, which does not exist in the table`, `It has ${known}.`)
  }
  if (type?.base !== 'datetime' && type?.base !== 'timestamp') {
    const says = `names \`${column}\`, which is neither a DATETIME nor a TIMESTAMP`
    return objectTo(says, 'Name the column that says when a row was made, or remove the header.')
  }
  const precision = Number(type.arguments[0] ?? 0)
  return { column: found.name, type: type.base, precision, zone: zone ?? division.zone }
}

function templateOf({ file, content, headers }: FamilyDraft): ShardFamily['template'] {
  const { text, line } = content.statement
  return {
    file,
    text,
    line,
    checksum: checksumOf(text),
    siblings: [...new Set(content.siblings.map(({ family }) => family))],
    sharedReferences: headers
      .all('reference')
      .map(({ value, place }) => ({ ...value, line: place.where?.line ?? line })),
    idBase: headers.get('ids')?.value ?? null,
  }
}

function readPolicy(headers: HeaderSet, division: Division | null): FamilyPolicy {
  const premake = headers.get('premake')?.value ?? defaultPremake(division)
  return {
    premake: {
      periods: premake.periods ?? 0,
      days: premake.days ?? 0,
      ...(premake.none === true ? { none: true } : {}),
    },
    late: headers.get('late')?.value ?? 2 * day,
    keep: headers.get('keep')?.value ?? null,
    grace: headers.get('grace')?.value ?? 14 * day,
    archive: headers.get('archive')?.value ?? 'none',
    references: headers.get('references')?.value ?? 'logical',
    view: headers.get('view')?.value ?? null,
    cap: headers.get('cap')?.value ?? 40,
    share: headers.get('share')?.value ?? 0.25,
  }
}

const day = 86_400_000

function readDivision({ headers, unreadable, file }: FamilyDraft, faults: Fault[]): Division | null {
  const [period, keys] = [headers.get('period'), headers.get('keys')]
  if (period !== null && keys !== null) {
    const says = 'contradicts `period`: a family can be partitioned by only one of the two'
    faults.push(headerFault(keys.place, { says, next: 'Remove one of the two.' }))
    return null
  }
  if (period !== null) return { type: 'period', ...period.value }
  if (keys !== null) return { type: 'key', source: keys.value }
  if (unreadable.some((name) => name === 'period' || name === 'keys')) return null
  const what = 'The template does not define how it is partitioned.'
  const next = 'Write `-- wwdb:period month`, or `-- wwdb:keys database.table(column)`.'
  faults.push({ what, where: { file, line: 1 }, next })
  return null
}

function readNaming({ name, headers, file }: FamilyDraft, division: Division, faults: Fault[]): string | null {
  const pattern = headers.get('name')
  if (pattern === null) {
    const next = `Write a pattern: \`-- wwdb:name ${name}_{${division.type === 'key' ? 'key' : 'YYYYMM'}}\`.`
    faults.push({ what: 'The template does not define the names of its shards.', where: { file, line: 1 }, next })
    return null
  }
  try {
    compileNaming(pattern.value, division)
    return pattern.value
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    const { where, excerpt } = pattern.place
    const place = { ...(where === undefined ? {} : { where }), ...(excerpt === undefined ? {} : { excerpt }) }
    faults.push(...error.faults.map((fault) => ({ ...fault, ...place })))
    return null
  }
}

/** Columns that headers name must be in the table. MySQL compares their names without regard to case. */
function checkColumns({ headers, content }: FamilyDraft): readonly Fault[] {
  if (content.created === null) return []
  const known = content.created.columns.map(({ name }) => name)
  const has = (column: string): boolean => known.some((name) => name.toLowerCase() === column.toLowerCase())
  const named = [
    ...headers.all('reference').map(({ value, place }) => ({ columns: value.columns, place })),
    ...headers.all('vindex').map(({ value, place }) => ({ columns: value.columns, place })),
    ...headers.all('sequence').map(({ value, place }) => ({ columns: [value.column], place })),
  ]
  return named.flatMap(({ columns, place }) =>
    columns
      .filter((column) => !has(column))
      .map((column) =>
        headerFault(place, {
          says: `names the column \`${column}\`, which does not exist in the table`,
          next: `It has \`${known.join('`, `')}\`.`,
        }),
      ),
  )
}

const longestIdentifier = 64

function checkNameLengths({ content }: FamilyDraft, pattern: string): readonly Fault[] {
  if (content.created === null) return []
  const longest = 'x'.repeat(longestName(readPattern(pattern)))
  const { text, file, line, column } = content.statement
  return readSchemaWideNames(content.created).flatMap((token) => {
    const length = [...token.text.replaceAll('{{table}}', longest)].length
    if (length <= longestIdentifier) return []
    const lines = text.slice(0, token.start).split('\n')
    const at = {
      line: line + lines.length - 1,
      column: (lines.at(-1) ?? '').length + (lines.length === 1 ? column : 1),
    }
    return [
      {
        what: `The constraint name ${token.text} has up to ${length} characters; MySQL allows ${longestIdentifier}.`,
        where: { file, ...at },
        next: 'Shorten it, or leave it out: the server then names it after the table.',
      },
    ]
  })
}
