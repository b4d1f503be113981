import { quoteName } from '../sql/quote-name.ts'
import { backingOf, type SequenceName } from '../sql/vschema.ts'
import type { SchemaDiff, SchemaPair } from './diff.ts'

type DiffStatement = SchemaDiff['forward'][number]

/** A migration of one database among those of a difference, before it has a version. */
export interface SavedStep {
  readonly database: string
  readonly name: string
  readonly up: readonly DiffStatement[]
  readonly down: readonly DiffStatement[]
  /** The steps of other databases that must run first; they precede it in the list. */
  readonly after: readonly SavedStep[]
}

/**
 * A difference of several databases as migrations, in an order that runs: an object that another database references is created before the reference and dropped after it. One migration per database where that is possible; where databases depend on each other, up to three: what is dropped first, the tables, and what is created last. Pure.
 * @param name of the migrations; `NAME_before` and `NAME_after` where a database has several
 */
export function orderSaved(
  diffs: readonly SchemaDiff[],
  pairs: readonly SchemaPair[],
  name: string,
): readonly SavedStep[] {
  const changed = diffs.filter(({ forward }) => forward.length > 0)
  const steps = orderSteps(
    changed.map((one) => ({ database: one.database, name, up: one.forward, down: one.backward })),
    (one, other) =>
      makesOver(one.up, diffOf(changed, other)) ||
      letsGo(pairs, diffOf(changed, other), diffOf(changed, one)) ||
      stopsUsing(pairs, diffOf(changed, other), diffOf(changed, one)),
  )
  return steps ?? splitSteps(changed, name)
}

type LooseStep = Omit<SavedStep, 'after'>

/** Null where they depend on each other. @param waits whether the first must run after the second */
function orderSteps(
  steps: readonly LooseStep[],
  waits: (one: LooseStep, other: LooseStep) => boolean,
): readonly SavedStep[] | null {
  const ordered: SavedStep[] = []
  let left = steps
  while (left.length > 0) {
    const free = left.filter((one) => !left.some((other) => other !== one && waits(one, other)))
    if (free.length === 0) return null
    const before = [...ordered]
    ordered.push(...free.map((one) => ({ ...one, after: before.filter((other) => waits(one, other)) })))
    left = left.filter((one) => !free.includes(one))
  }
  return ordered
}

function diffOf(changed: readonly SchemaDiff[], { database }: { readonly database: string }): SchemaDiff {
  const diff = changed.find((one) => one.database === database)
  if (diff === undefined) throw new Error(`${database} was not compared`)
  return diff
}

/** Whether statements name an object of another database that also changes: by a foreign key to it, a view of it, or what takes numbers from its sequence. */
function makesOver(statements: readonly DiffStatement[], other: SchemaDiff, types?: ReadonlySet<string>): boolean {
  const names = other.differences
    .filter(({ type }) => types?.has(type) !== false)
    .flatMap(({ name, parts }) => [name, ...parts.flatMap((one) => (isRename(one) ? (one.wanted ?? []) : []))])
    .map((name) => `{{schema:${other.database}}}.${quoteName(name)}`)
  return statements.some(({ text }) => names.some((one) => text.includes(one)))
}

/** A table that is renamed. */
const isRename = ({ part, name }: SchemaDiff['differences'][number]['parts'][number]): boolean =>
  part === 'option' && name === 'name'

/**
 * Whether a database drops a foreign key to a table that another one changes: MySQL does not change a referenced table.
 */
function letsGo(pairs: readonly SchemaPair[], holder: SchemaDiff, parent: SchemaDiff): boolean {
  const tables = new Set(parent.differences.filter(({ type }) => type === 'table').map(({ name }) => name))
  const dropped = new Set(holder.forward.filter(({ place }) => place === 'first').map(({ text }) => text))
  const found = pairs.find((pair) => pair.found.database === holder.database)?.found.objects ?? []
  return found.some(
    (object) =>
      object.type === 'table' &&
      object.foreignKeys.some(
        (key) =>
          key.parentDatabase === parent.database &&
          tables.has(key.parent) &&
          dropped.has(`ALTER TABLE ${quoteName(object.name)} DROP FOREIGN KEY ${quoteName(key.name)}`),
      ),
  )
}

/**
 * Whether a database drops what takes numbers from a sequence, or keeps the rows of a lookup vindex in a table, that another one changes: Vitess does not look who uses what is dropped.
 */
function stopsUsing(pairs: readonly SchemaPair[], holder: SchemaDiff, parent: SchemaDiff): boolean {
  const names = new Set(parent.differences.map(({ name }) => name))
  const dropped = new Set(holder.forward.filter(({ place }) => place === 'first').map(({ text }) => text))
  const isOf = (used: SequenceName | null | undefined): boolean =>
    used?.keyspace === `{{schema:${parent.database}}}` && names.has(used.name)
  const found = pairs.find((pair) => pair.found.database === holder.database)?.found.vschema ?? []
  return found.some((part) => {
    if (part.type === 'vschema')
      return (
        isOf(part.autoIncrement?.sequence) &&
        dropped.has(`ALTER VSCHEMA ON ${quoteName(part.name)} DROP AUTO_INCREMENT`)
      )
    if (part.type !== 'vindex') return false
    return (
      isOf(backingOf({ ...part, type: part.kind })) && dropped.has(`ALTER VSCHEMA DROP VINDEX ${quoteName(part.name)}`)
    )
  })
}

/** What is made last, and may use each other. */
const late: ReadonlySet<string> = new Set(['view', 'function', 'procedure', 'vschema'])

/** Each phase of a database runs after the preceding phase of every other database. */
function splitSteps(changed: readonly SchemaDiff[], name: string): readonly SavedStep[] {
  const of = (
    statements: readonly DiffStatement[],
    ...places: readonly DiffStatement['place'][]
  ): readonly DiffStatement[] => statements.filter(({ place }) => places.includes(place))
  const parts = changed.map(({ database, forward, backward }) => {
    const first = of(forward, 'first')
    const back = of(backward, 'keys', 'last')
    // A file with an empty up part is refused: a view that replaces another has nothing to drop first.
    const late = first.length === 0 ? back : []
    return {
      before: { database, name: `${name}_before`, up: first, down: first.length === 0 ? [] : back },
      tables: { database, name, up: of(forward, 'tables'), down: [...of(backward, 'tables'), ...late] },
      after: { database, name: `${name}_after`, up: of(forward, 'keys', 'last'), down: of(backward, 'first') },
    }
  })
  const steps: SavedStep[] = []
  const others = (database: string): readonly SavedStep[] => {
    const own = steps.filter((one) => one.database !== database)
    return [...new Map(own.map((one) => [one.database, one])).values()]
  }
  for (const phase of ['before', 'tables'] as const)
    steps.push(
      ...parts.flatMap(({ [phase]: one }) => (one.up.length === 0 ? [] : [{ ...one, after: others(one.database) }])),
    )
  const last = parts.map(({ after }) => after).filter(({ up }) => up.length > 0)
  const ordered =
    orderSteps(last, (one, other) => makesOver(one.up, diffOf(changed, other), late)) ??
    last.map((one) => ({ ...one, after: [] }))
  return [...steps, ...ordered.map((one) => ({ ...one, after: [...others(one.database), ...one.after] }))]
}
