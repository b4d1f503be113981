import type { Migration, MigrationReference } from '../../core/migration.ts'
import type { Fault } from '../../core/tool-error.ts'
import { type Step, stepName } from '../plan.ts'

/** What the ordering of steps across targets needs to know beside the steps. */
export interface DependencyFacts {
  /** True when the migration is applied (or needs no applying here). */
  readonly isSatisfied: (reference: MigrationReference) => boolean
  /** Every migration of every database that is applied now. */
  readonly applied: readonly Migration[]
}

export interface OrderedSteps {
  readonly steps: readonly Step[]
  readonly faults: readonly Fault[]
}

const nameOf = (reference: MigrationReference): string => `${reference.database}/${reference.version}`

function unmet(step: Step, reference: MigrationReference): Fault {
  return {
    what: `${step.migration.file} needs ${nameOf(reference)}, which is not applied`,
    where: { file: step.migration.file, database: step.migration.database },
    why: 'it is not part of this run (see --target, --to and --steps)',
    next: `Run \`wwdb migrate\` for ${reference.database}, too.`,
  }
}

function stillNeeded(step: Step, dependent: Migration): Fault {
  return {
    what: `${step.migration.file} cannot be rolled back: ${dependent.database}/${dependent.version} needs it and is applied`,
    where: { file: step.migration.file, database: step.migration.database },
    next: `Roll back ${dependent.database}/${dependent.version} first, or with it.`,
  }
}

function orderUp(step: Step, planned: ReadonlySet<string>, facts: DependencyFacts): OrderedSteps {
  const after: string[] = []
  const faults: Fault[] = []
  for (const reference of step.migration.requires) {
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
