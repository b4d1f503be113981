import type { StoreResource } from '../../core/store.ts'
import type { DesiredState, DesiredTemplate } from './bodies.ts'
import type { JsonObject } from './declaration.ts'
import { seriesNames } from './name-resources.ts'
import type { ElasticsearchObservation, IndexFacts, Simulation } from './observation.ts'
import { planPolicy } from './plan-policy.ts'
import { planSeries } from './plan-series.ts'
import { planComponent, planTemplate } from './plan-template.ts'
import type { PlannedChange } from './planned-change.ts'

export interface PlanInput {
  readonly desired: DesiredState
  readonly observed: ElasticsearchObservation
  /** What the server makes of each template, by its name. */
  readonly simulations: ReadonlyMap<string, Simulation>
  readonly facts: ReadonlyMap<string, IndexFacts>
  readonly now: number
}

export interface PlannedState {
  /** In the order in which the server takes them: what is named comes before what names it. */
  readonly changes: readonly PlannedChange[]
  readonly unchanged: readonly StoreResource[]
}

interface Finding {
  readonly resource: StoreResource
  readonly changes: readonly PlannedChange[]
}

/** Compares what is declared with what is there. The same input gives the same plan. */
export function planState(input: PlanInput): PlannedState {
  const { desired, observed, facts, now } = input
  const findings: readonly Finding[] = [
    ...desired.policies.map((policy) =>
      find('lifecycle policy', policy.name, planPolicy(policy, observed.policies.get(policy.name), facts, now)),
    ),
    ...desired.components.map((component) =>
      find('component template', component.name, planComponent(component, observed.components.get(component.name))),
    ),
    ...desired.templates.map((template) =>
      find('index template', template.name, planTemplate(template, observed.templates.get(template.name))),
    ),
    ...desired.templates.flatMap((template) =>
      seriesNames(template.source).map((name) => lookAt(name, template, input)),
    ),
  ]
  return {
    changes: findings.flatMap(({ changes }) => changes),
    unchanged: findings.filter(({ changes }) => changes.length === 0).map(({ resource }) => resource),
  }
}

function find(kind: string, name: string, change: PlannedChange | null): Finding {
  return { resource: { kind, name }, changes: change === null ? [] : [change] }
}

function lookAt(name: string, template: DesiredTemplate, input: PlanInput): Finding {
  const { observed, desired, simulations, facts, now } = input
  const simulation = simulations.get(template.name)
  if (simulation === undefined) throw new Error(`nobody simulated ${template.name}`)
  const phasesNow = (policy: string): JsonObject | null => observed.policies.get(policy)?.phases ?? null
  const phasesSoon = (policy: string): JsonObject | null =>
    desired.policies.find((one) => one.name === policy)?.source.phases ?? phasesNow(policy)
  const situation = {
    name,
    template,
    simulation,
    observed: observed.series.get(name),
    phasesNow,
    phasesSoon,
    facts,
    now,
  }
  const kind = template.source.series.type === 'streams' ? 'data stream' : 'write alias'
  return { resource: { kind, name }, changes: planSeries(situation) }
}
