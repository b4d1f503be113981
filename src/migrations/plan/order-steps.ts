import type { Migration, MigrationReference } from '../../core/migration.ts'
import type { BlockedStep } from '../../core/target.ts'
import type { Fault } from '../../core/tool-error.ts'
import { type Step, stepName } from '../plan.ts'

/** A database that was not reached, as far as other databases may depend on it. */
export interface UnreachedPlace {
  readonly name: string
  /** host:port */
  readonly server: string
  readonly migrations: readonly Migration[]
}

export interface Sorted {
  readonly free: readonly Step[]
  readonly blocked: ReadonlyMap<Step, BlockedStep>
}

type Cause = Pick<BlockedStep, 'by' | 'database' | 'server'>

/** What of an unreached database keeps this step from running. Its journal is not known: what may be, counts. */
function findOwnCause(step: Step, direction: 'up' | 'down', places: readonly UnreachedPlace[]): Cause | null {
  const { requires } = step.migration
  for (const { name, server, migrations } of places) {
    const needed = requires.find((reference) => reference.database === name)
    const dependent = migrations.find(({ requires: needs }) =>
      needs.some(({ database, version }) => `${database}/${version}` === stepName(step)),
    )
    const version = direction === 'up' ? needed?.version : dependent?.version
    if (version !== undefined) return { by: `${name}/${version}`, database: name, server }
  }
  return null
}

/** What the steps that are blocked already keep from running: later ones of their database, and those that need them. */
function findInherited(
  step: Step,
  direction: 'up' | 'down',
  steps: readonly Step[],
  blocked: ReadonlyMap<Step, Cause>,
): Cause | null {
  const { database, requires } = step.migration
  const position = steps.indexOf(step)
  const found = steps.find((other, index) => {
    if (!blocked.has(other)) return false
    if (other.migration.database === database) return index < position
    const [needing, needed] = direction === 'up' ? [requires, other] : [other.migration.requires, step]
    return needing.some((reference) => `${reference.database}/${reference.version}` === stepName(needed))
  })
  const cause = found === undefined ? undefined : blocked.get(found)
  return found === undefined || cause === undefined ? null : { ...cause, by: stepName(found) }
}

/** Sets aside the steps that depend on a database that was not reached, be it through other steps. Pure. */
export function blockSteps(
  steps: readonly Step[],
  direction: 'up' | 'down',
  places: readonly UnreachedPlace[],
): Sorted {
  const causes = new Map<Step, Cause>()
  let before = -1
  while (before < causes.size) {
    before = causes.size
    for (const step of steps) {
      if (causes.has(step)) continue
      const cause = findOwnCause(step, direction, places) ?? findInherited(step, direction, steps, causes)
      if (cause !== null) causes.set(step, cause)
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
    what: `\`${database}/${first.version}\` depends on \`${first.by}\`, and the journal of \`${first.database}\` could not be read.`,
    where: { database, server: first.server },
    why: 'What ran there is not known.',
    next: `Make ${first.server} reachable, then run the command again.`,
  }
}

/** What the ordering of steps across targets needs to know beside the steps. */
interface DependencyFacts {
  /** True when the migration is applied (or needs no applying here). */
  readonly isSatisfied: (reference: MigrationReference) => boolean
  /** What counts in place of a migration whose file a squashed one took the place of. */
  readonly counterpartOf?: (reference: MigrationReference) => MigrationReference
  /** Every migration of every database that is applied now. */
  readonly applied: readonly Migration[]
}

interface OrderedSteps {
  readonly steps: readonly Step[]
  readonly faults: readonly Fault[]
}

const nameOf = (reference: MigrationReference): string => `${reference.database}/${reference.version}`

function unmet(step: Step, reference: MigrationReference): Fault {
  return {
    what: `\`${step.migration.file}\` needs ${nameOf(reference)}, which is not applied.`,
    where: { file: step.migration.file, database: step.migration.database },
    why: 'It is not part of this run (see `--target`, `--to` and `--steps`).',
    next: `Run \`wwdb migrate\` for \`${reference.database}\`, too.`,
  }
}

function stillNeeded(step: Step, dependent: Migration): Fault {
  return {
    what: `\`${step.migration.file}\` cannot be rolled back: \`${dependent.database}/${dependent.version}\` needs it and is applied.`,
    where: { file: step.migration.file, database: step.migration.database },
    next: `Roll back \`${dependent.database}/${dependent.version}\` first, or with it.`,
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

function orderDown(step: Step, planned: ReadonlySet<string>, facts: DependencyFacts): OrderedSteps {
  const after: string[] = []
  const faults: Fault[] = []
  const self = stepName(step)
  for (const dependent of facts.applied) {
    if (!dependent.requires.some((reference) => nameOf(reference) === self)) continue
    const name = nameOf(dependent)
    if (!planned.has(name)) faults.push(stillNeeded(step, dependent))
    else if (dependent.database !== step.migration.database) after.push(name)
  }
  return { steps: [{ ...step, after }], faults }
}

/** Gives every step the steps of other targets that must be complete before it, and refuses what can't be ordered. */
export function orderSteps(steps: readonly Step[], direction: 'up' | 'down', facts: DependencyFacts): OrderedSteps {
  const planned = new Set(steps.map(stepName))
  const order = direction === 'up' ? orderUp : orderDown
  const ordered = steps.map((step) => order(step, planned, facts))
  return { steps: ordered.flatMap((one) => one.steps), faults: ordered.flatMap((one) => one.faults) }
}
