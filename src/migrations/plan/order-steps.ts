import { groupBy } from '../../core/group-by.ts'
import type { BlockedStep } from '../../core/target.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { Migration, MigrationReference } from '../migration.ts'
import { type Step, stepName } from '../plan.ts'

/** A database that was not reached, as far as other databases may depend on it. */
export interface UnreachedPlace {
  readonly name: string
  /** host:port */
  readonly server: string
  readonly migrations: readonly Migration[]
  /** What would let it be opened, according to its error. */
  readonly next?: string | undefined
}

export interface Sorted {
  readonly free: readonly Step[]
  readonly blocked: ReadonlyMap<Step, BlockedStep>
}

/** `user_db/20260101000000`. */
export const nameOf = (reference: MigrationReference): string => `${reference.database}/${reference.version}`

type Cause = Pick<BlockedStep, 'by' | 'database' | 'server' | 'next'>

/** The migrations that need another one, by its name, in their order: looked up for each of many steps. */
function listDependents(migrations: readonly Migration[]): ReadonlyMap<string, readonly Migration[]> {
  const links = migrations.flatMap((migration) =>
    [...new Set(migration.requires.map(nameOf))].map((needed) => ({ needed, migration })),
  )
  const groups = groupBy(links, ({ needed }) => needed)
  return new Map([...groups].map(([needed, found]) => [needed, found.map(({ migration }) => migration)]))
}

/** Which migration of an unreached database prevents a step. Its journal is unknown: every possibility counts. */
function ownCauses(direction: 'up' | 'down', places: readonly UnreachedPlace[]): (step: Step) => Cause | null {
  const known = places.map((place) => ({ ...place, dependents: listDependents(place.migrations) }))
  return (step) => {
    for (const { name, server, next, dependents } of known) {
      const needed = step.migration.requires.find((reference) => reference.database === name)
      const version = direction === 'up' ? needed?.version : dependents.get(stepName(step))?.[0]?.version
      if (version !== undefined)
        return { by: `${name}/${version}`, database: name, server, ...(next !== undefined && { next }) }
    }
    return null
  }
}

/** Where the steps of other databases are for which a step has to wait: those that it needs, in a rollback those that need it. */
function linkedPlaces(steps: readonly Step[], direction: 'up' | 'down'): (step: Step) => readonly number[] {
  const places = new Map(steps.map((step, at) => [stepName(step), at]))
  const dependents = direction === 'up' ? null : listDependents(steps.map(({ migration }) => migration))
  return (step) => {
    const linked = dependents === null ? step.migration.requires : (dependents.get(stepName(step)) ?? [])
    const others = linked.filter(({ database }) => database !== step.migration.database)
    return others.flatMap((one) => places.get(nameOf(one)) ?? [])
  }
}

/** Sets aside the steps that depend on a database that was not reached, directly or through other steps. Pure. */
export function blockSteps(
  steps: readonly Step[],
  direction: 'up' | 'down',
  places: readonly UnreachedPlace[],
): Sorted {
  if (places.length === 0) return { free: steps, blocked: new Map() }
  const causes = new Map<Step, Cause>()
  const findOwn = ownCauses(direction, places)
  const linked = linkedPlaces(steps, direction)
  /** The first step of each database that is blocked: later ones are blocked, too. */
  const first = new Map<string, number>()
  const findInherited = (step: Step, at: number): Cause | null => {
    const earlier = first.get(step.migration.database) ?? at
    const all = [...linked(step), ...(earlier < at ? [earlier] : [])].toSorted((one, other) => one - other)
    for (const place of all) {
      const found = steps[place]
      const cause = found === undefined ? undefined : causes.get(found)
      if (found !== undefined && cause !== undefined) return { ...cause, by: stepName(found) }
    }
    return null
  }
  for (let before = -1; before < causes.size; ) {
    before = causes.size
    for (const [at, step] of steps.entries()) {
      if (causes.has(step)) continue
      const cause = findOwn(step) ?? findInherited(step, at)
      if (cause === null) continue
      causes.set(step, cause)
      first.set(step.migration.database, Math.min(at, first.get(step.migration.database) ?? at))
    }
  }
  const describe = ({ migration: { version, name } }: Step, cause: Cause): BlockedStep => ({ version, name, ...cause })
  return {
    free: steps.filter((step) => !causes.has(step)),
    blocked: new Map([...causes].map(([step, cause]) => [step, describe(step, cause)])),
  }
}

/** Why migrations of a database were left out. */
export function explainBlocked(database: string, blocked: readonly BlockedStep[]): Fault | null {
  const [first] = blocked
  if (first === undefined) return null
  return {
    what: `\`${database}/${first.version}\` depends on \`${first.by}\`, but the journal of \`${first.database}\` could not be read.`,
    where: { database, server: first.server },
    why: 'It is not known what ran there.',
    next: `${first.next ?? `Make ${first.server} reachable.`} Then run the command again.`,
  }
}

/** What ordering steps across targets needs besides the steps. */
interface DependencyFacts {
  /** True when the migration is applied (or need not be applied here). */
  readonly isSatisfied: (reference: MigrationReference) => boolean
  /** What counts in place of a migration whose file a squashed one replaced. */
  readonly counterpartOf?: (reference: MigrationReference) => MigrationReference
  /** Every migration of every database that is applied now. */
  readonly applied: readonly Migration[]
}

interface OrderedSteps {
  readonly steps: readonly Step[]
  readonly faults: readonly Fault[]
}

function unmet(step: Step, reference: MigrationReference): Fault {
  return {
    what: `\`${step.migration.file}\` needs ${nameOf(reference)}, which is not applied.`,
    where: { file: step.migration.file, database: step.migration.database },
    why: 'It is not part of this run (see `--target`, `--to` and `--steps`).',
    next: `Run \`wwdb migrate\` for \`${reference.database}\` as well.`,
  }
}

function stillNeeded(step: Step, dependent: Migration): Fault {
  return {
    what: `\`${step.migration.file}\` cannot be rolled back: \`${dependent.database}/${dependent.version}\` needs it and is applied.`,
    where: { file: step.migration.file, database: step.migration.database },
    next: `Roll back \`${dependent.database}/${dependent.version}\` first, or together with it.`,
  }
}

function orderUp(step: Step, planned: ReadonlySet<string>, facts: DependencyFacts): OrderedSteps {
  const after: string[] = []
  const faults: Fault[] = []
  for (const written of step.migration.requires) {
    const reference = facts.counterpartOf?.(written) ?? written
    if (planned.has(nameOf(reference))) {
      if (reference.database !== step.migration.database) after.push(nameOf(reference))
    } else if (!facts.isSatisfied(reference)) faults.push(unmet(step, reference))
  }
  return { steps: [{ ...step, after }], faults }
}

function orderDown(step: Step, planned: ReadonlySet<string>, dependents: readonly Migration[]): OrderedSteps {
  const after: string[] = []
  const faults: Fault[] = []
  for (const dependent of dependents) {
    const name = nameOf(dependent)
    if (!planned.has(name)) faults.push(stillNeeded(step, dependent))
    else if (dependent.database !== step.migration.database) after.push(name)
  }
  return { steps: [{ ...step, after }], faults }
}

/** Gives every step the steps of other targets that must be complete before it, and refuses what can't be ordered. */
export function orderSteps(steps: readonly Step[], direction: 'up' | 'down', facts: DependencyFacts): OrderedSteps {
  const planned = new Set(steps.map(stepName))
  const dependents = direction === 'up' ? null : listDependents(facts.applied)
  const ordered = steps.map((step) =>
    dependents === null
      ? orderUp(step, planned, facts)
      : orderDown(step, planned, dependents.get(stepName(step)) ?? []),
  )
  return { steps: ordered.flatMap((one) => one.steps), faults: ordered.flatMap((one) => one.faults) }
}
