import { compileNaming } from '../../calendar/naming.ts'
import { closestName } from '../../core/closest-name.ts'
import type { Division, PeriodKind, ShardFamily } from '../../core/shard-family.ts'
import type { Fault } from '../../core/tool-error.ts'
import { findCycles, type Link } from '../../migrations/files/dependencies.ts'
import { headerFault } from './header.ts'
import type { FamilyDraft } from './template-file.ts'
import type { NamedSibling } from './template-statement.ts'

/** A family together with its source, so that faults can be located. */
export interface DraftedFamily {
  readonly draft: FamilyDraft
  readonly family: ShardFamily
}

/** A database of the configuration, as far as references need it. */
export interface KnownDatabase {
  readonly name: string
  readonly server: { readonly label: string }
}

/** Faults between families, and between a family and the databases it names. `names` are those of all templates. */
export function checkFamilies(
  drafted: readonly DraftedFamily[],
  names: readonly string[],
  databases: readonly KnownDatabase[],
): readonly Fault[] {
  return [
    ...drafted.flatMap((one) => checkSiblings(one, drafted, names)),
    ...findCycles(siblingLinks(drafted)).map(cycleFault),
    ...drafted.flatMap((one) => checkDatabases(one, databases)),
    ...checkNames(drafted),
  ]
}

/** Sorts families so that siblings precede those that reference them; otherwise the order stays. */
export function sortSiblingsFirst(families: readonly ShardFamily[]): readonly ShardFamily[] {
  const sorted = new Set<ShardFamily>()
  const entered = new Set<ShardFamily>()
  const visit = (family: ShardFamily): void => {
    // Families that reference each other in a circle are refused elsewhere.
    if (entered.has(family)) return
    entered.add(family)
    for (const name of family.template.siblings) {
      const sibling = families.find((each) => each.name === name)
      if (sibling !== undefined) visit(sibling)
    }
    sorted.add(family)
  }
  for (const family of families) visit(family)
  return [...sorted]
}

function checkSiblings(
  { draft, family }: DraftedFamily,
  all: readonly DraftedFamily[],
  names: readonly string[],
): readonly Fault[] {
  return draft.content.siblings.flatMap((sibling) => {
    const found = all.find((one) => one.family.name === sibling.family)
    if (sibling.family === family.name) {
      const what = `\`{{sibling:${family.name}}}\` is the family itself.`
      return [{ what, where: sibling.where, next: 'Write {{table}} for its own shard.' }]
    }
    if (found === undefined) return names.includes(sibling.family) ? [] : [unknownSibling(sibling, names)]
    const differs = differenceOf(family, found.family)
    if (differs === null) return []
    return [
      {
        what: `\`${sibling.family}\` is not a sibling of \`${family.name}\`: ${differs}.`,
        where: sibling.where,
        why: 'Both families must have shards for the same keys or periods.',
        next: 'Partition both the same way, or remove the foreign key.',
      },
    ]
  })
}

function unknownSibling({ family, where }: NamedSibling, names: readonly string[]): Fault {
  const close = closestName(family, names)
  const next = close === null ? `The families are \`${names.join('`, `')}\`.` : `Did you mean \`{{sibling:${close}}}\`?`
  return { what: `\`{{sibling:${family}}}\` names a family that has no template.`, where, next }
}

function differenceOf(one: ShardFamily, other: ShardFamily): string | null {
  if (one.database !== other.database) return `it is in \`${other.database}\`, not in \`${one.database}\``
  const [own, its] = [describeDivision(one.division), describeDivision(other.division)]
  return own === its ? null : `it is partitioned by ${its}, not by ${own}`
}

function describeDivision(division: Division): string {
  if (division.type === 'period') return `${division.kind} in ${division.zone}`
  const { database, table, column, deletedAt } = division.source
  return `${database}.${table}(${column})${deletedAt === null ? '' : ` deleted ${deletedAt}`}`
}

function siblingLinks(drafted: readonly DraftedFamily[]): ReadonlyMap<DraftedFamily, readonly Link<DraftedFamily>[]> {
  return new Map(
    drafted.map((one) => [
      one,
      one.draft.content.siblings.flatMap(({ family, where }) => {
        const to = drafted.find((other) => other.family.name === family)
        return to === undefined || to === one ? [] : [{ to, reason: 'refers' as const, line: where.line ?? null }]
      }),
    ]),
  )
}

function cycleFault(cycle: readonly (Link<DraftedFamily> & { readonly from: DraftedFamily })[]): Fault {
  const [first] = cycle
  const names = cycle.map(({ from }) => from.family.name)
  return {
    what: `These families refer to each other in a circle: ${[...names, names[0]].join(' to ')}.`,
    where: { file: first?.from.draft.file ?? '', ...(first?.line == null ? {} : { line: first.line }) },
    why: 'Whichever is created first, the table that it refers to does not exist yet.',
    next: 'Remove one of the foreign keys.',
  }
}

function checkDatabases({ draft, family }: DraftedFamily, databases: readonly KnownDatabase[]): readonly Fault[] {
  const { headers } = draft
  const keys = headers.get('keys')
  const named = [...(keys === null ? [] : [keys]), ...headers.all('reference'), ...headers.all('sequence')]
  const unknown = named.flatMap(({ value, place }) => {
    if (databases.some(({ name }) => name === value.database)) return []
    const names = databases.map(({ name }) => name)
    const close = closestName(value.database, names)
    const says = `names the database \`${value.database}\`, which is not in the configuration`
    return [
      headerFault(place, {
        says,
        next: close === null ? `It has \`${names.join('`, `')}\`.` : `Did you mean \`${close}\`?`,
      }),
    ]
  })
  return [...unknown, ...(family.policy.references === 'physical' ? checkServers(draft, family, databases) : [])]
}

/** A foreign key cannot reference another server. */
function checkServers(
  { headers }: FamilyDraft,
  family: ShardFamily,
  databases: readonly KnownDatabase[],
): readonly Fault[] {
  const serverOf = (database: string) => databases.find(({ name }) => name === database)?.server.label
  const own = serverOf(family.database)
  return headers.all('reference').flatMap(({ value, place }) => {
    const its = serverOf(value.database)
    if (its === undefined || its === own) return []
    const says = `cannot be physical: \`${value.database}\` is on ${its}, and \`${family.database}\` on ${own}`
    return [headerFault(place, { says, next: 'Write "-- wwdb:references logical".' })]
  })
}

const examples: Readonly<Record<PeriodKind | 'key', string>> = {
  day: '2026-11-11',
  week: '2026-W11',
  month: '2026-11',
  quarter: '2026-Q1',
  year: '2026',
  key: '202611',
}

/** Two families of one database must never claim the same table, nor may a view be named like a shard. */
function checkNames(drafted: readonly DraftedFamily[]): readonly Fault[] {
  return drafted.flatMap((one, index) => {
    const earlier = drafted.slice(0, index)
    const twin = earlier.find((other) => other.family.name.toLowerCase() === one.family.name.toLowerCase())
    if (twin !== undefined) return [twinFault(one, twin)]
    const local = earlier.filter((other) => other.family.database === one.family.database)
    const rival = local.find((other) => claims(one.family, other.family) || claims(other.family, one.family))
    return [...(rival === undefined ? [] : [rivalFault(one, rival)]), ...checkView(one, drafted)]
  })
}

function twinFault(one: DraftedFamily, twin: DraftedFamily): Fault {
  const what = `A family called \`${one.family.name}\` is already in \`${twin.draft.file}\`.`
  return {
    what,
    where: { file: one.draft.file },
    next: 'Rename one of the files: commands refer to a family without its database.',
  }
}

/** Whether a name of one family would also be a name of the other. */
function claims(one: ShardFamily, other: ShardFamily): boolean {
  const key = examples[one.division.type === 'key' ? 'key' : one.division.kind]
  const name = compileNaming(one.pattern, one.division).name(key)
  return compileNaming(other.pattern, other.division).parse(name) !== null
}

function rivalFault({ draft }: DraftedFamily, rival: DraftedFamily): Fault {
  const place = draft.headers.get('name')?.place ?? { subject: 'The pattern', where: { file: draft.file } }
  const says = `produces names that also match \`${rival.family.name}\` (\`${rival.draft.file}\`)`
  return headerFault(place, { says, next: 'Use different literal text in the two patterns.' })
}

function checkView({ draft, family }: DraftedFamily, all: readonly DraftedFamily[]): readonly Fault[] {
  const view = draft.headers.get('view')
  if (view === null || view.value === null) return []
  const { name } = view.value
  const owner = all.find(
    (other) =>
      other.family.database === family.database &&
      (compileNaming(other.family.pattern, other.family.division).parse(name) !== null ||
        (other.draft !== draft && other.family.policy.view?.name === name)),
  )
  if (owner === undefined) return []
  const says = `names the view \`${name}\`, which matches the pattern of the family \`${owner.family.name}\``
  return [headerFault(view.place, { says, next: 'Choose another name.' })]
}
