import { parseAge, sayAge } from './ages.ts'
import type { Desired } from './bodies.ts'
import { compareTrees } from './compare-trees.ts'
import type { LifecyclePolicy } from './declaration.ts'
import { childOf } from './normal-form.ts'
import type { IndexFacts, ObservedPolicy } from './observation.ts'
import { noLoss, type PlannedChange } from './planned-change.ts'
import { actionOf, ageOf, comparePhases, describePolicy } from './policies.ts'
import { judgePhases } from './policy-losses.ts'

/** What brings a policy to its declaration; null when it is there. */
export function planPolicy(
  desired: Desired<LifecyclePolicy>,
  observed: ObservedPolicy | undefined,
  facts: ReadonlyMap<string, IndexFacts>,
  now: number,
): PlannedChange | null {
  const { name, body, source } = desired
  const resource = { kind: 'lifecycle policy', name }
  const deed = { type: 'put-policy', name, body } as const
  const what = `lifecycle policy ${name}: ${describePolicy(source.phases)}`
  if (observed === undefined) {
    return { resource, action: 'create', summary: `create ${what}`, differences: [], deed, ...noLoss }
  }
  const differences = [
    ...comparePhases(source, observed.phases),
    ...compareTrees(childOf(body, '_meta'), observed.meta, '_meta'),
  ]
  if (differences.length === 0) return null
  const indices = observed.indices.flatMap((index) => facts.get(index) ?? [])
  const loss = judgePhases(observed.phases, source.phases, indices, now)
  const concerned = loss === null ? [] : observed.indices
  return { resource, action: 'update', summary: `change ${what}`, differences, deed, loss, concerned }
}

/** How long a document of this policy really lives; null where nothing is deleted or the ages speak for themselves. */
export function explainRetention({ name, phases }: LifecyclePolicy): string | null {
  const age = ageOf(phases, 'delete')
  const rollover = actionOf(phases, 'hot', 'rollover')
  if (age === null || rollover === null) return null
  const longest = parseAge(rollover['max_age'])
  if (longest === null) {
    return `${name} keeps a document at least ${sayAge(age)}, and longer by as long as its index took to fill: rollover has no max_age, and ages count from the rollover.`
  }
  return `${name} keeps a document at least ${sayAge(age)} and at most ${sayAge(age + longest)}: ages count from the rollover of its index, which comes within ${sayAge(longest)}.`
}
