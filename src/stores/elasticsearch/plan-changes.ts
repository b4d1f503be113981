import type { PlanOptions } from '../contract.ts'
import type { StoreResource } from '../store-plan.ts'
import type { ElasticsearchChange } from './apply.ts'
import type { DesiredState, DesiredTemplate } from './bodies.ts'
import type { JsonObject } from './declaration.ts'
import { seriesNames, type TemplateContent } from './declaration.ts'
import { findObstacles, type Obstacle } from './judge-obstacles.ts'
import { planPlain } from './plain-resources.ts'
import { planAccess } from './plan-access.ts'
import { findPlaces, planAlias } from './plan-aliases.ts'
import { noMovesYet, noteBesides } from './plan-index-moves.ts'
import { type DesiredIndex, type FixedIndex, type IndexPlan, planIndex } from './plan-indices.ts'
import { planStreamLifecycle } from './plan-lifecycle.ts'
import { planMappings } from './plan-mappings.ts'
import { planPrune } from './plan-prune.ts'
import { planComponent, planPolicy, planTemplate } from './plan-resources.ts'
import { noteUncopied, planSeries } from './plan-series.ts'
import { planSnapshots } from './plan-snapshots.ts'
import type { IndexFacts, ServerState, Simulation } from './ports.ts'

export interface PlanInput {
  readonly desired: DesiredState
  readonly observed: ServerState
  /** What the server makes of each template, by its name. */
  readonly simulations: ReadonlyMap<string, Simulation>
  /** What it makes of each index that nothing rolls over. */
  readonly contents: ReadonlyMap<string, TemplateContent>
  readonly facts: ReadonlyMap<string, IndexFacts>
  readonly now: number
  readonly options: PlanOptions
  /** The user that logs in. */
  readonly self?: string | null
}

export interface PlannedChanges {
  /** In the order in which the server accepts them: a resource before those that name it. */
  readonly changes: readonly ElasticsearchChange[]
  readonly unchanged: readonly StoreResource[]
  /** What stays otherwise than declared, as sentences. */
  readonly notes: readonly string[]
  /** Indices that no change brings to their declaration. */
  readonly fixed: readonly FixedIndex[]
  /** Names for which nothing is planned before a person has decided. */
  readonly obstacles: readonly Obstacle[]
}

interface ResourcePlan {
  readonly resource: StoreResource
  readonly changes: readonly ElasticsearchChange[]
  readonly notes?: readonly string[]
}

/** Compares the declaration with the server. The same input gives the same plan. */
export function planChanges(input: PlanInput): PlannedChanges {
  const { desired, observed, facts, now } = input
  const obstacles = findObstacles(observed, (name) => desired.indices.some((one) => one.name === name))
  const isOpen = (name: string): boolean => obstacles.every(({ resource }) => resource.name !== name)
  const indices = planIndices(input, isOpen)
  const aliases = desired.aliases.filter(({ name, members }) =>
    [name, ...members.map(({ index }) => index)].every(isOpen),
  )
  const places = findPlaces(observed.plainIndices, indices)
  const resources: readonly ResourcePlan[] = [
    ...planPlain(desired.plain, observed.plain, desired.access.prefix).map(({ resource, change }) => ({
      resource,
      changes: change === null ? [] : [change],
    })),
    ...planSnapshots(desired.snapshots, observed.snapshots, desired.access.prefix),
    ...desired.policies.map((policy) =>
      planOne('lifecycle policy', policy.name, planPolicy(policy, observed.policies.get(policy.name), facts, now)),
    ),
    ...desired.components.map((component) =>
      planOne('component template', component.name, planComponent(component, observed.components.get(component.name))),
    ),
    ...desired.templates.map((template) =>
      planOne('index template', template.name, planTemplate(template, observed.templates.get(template.name))),
    ),
    ...desired.templates.flatMap((template) =>
      seriesNames(template.source).map((name) => planOneSeries(name, template, input)),
    ),
    ...indices,
    ...aliases.map((alias) =>
      planAlias(alias, observed.plainIndices.aliases.get(alias.name) ?? [], { facts, now, places }),
    ),
    ...[
      ...planAccess(desired.access, observed.access),
      ...planMappings(desired.access.mappings, observed.access, desired.access.prefix),
    ].map(({ resource, change }) => ({
      resource,
      changes: change === null ? [] : [change],
    })),
  ]
  return {
    changes: [...resources.flatMap(({ changes }) => changes), ...planPrune(input)],
    unchanged: resources.filter(({ changes }) => changes.length === 0).map(({ resource }) => resource),
    notes: resources.flatMap(({ notes = [] }) => notes),
    fixed: indices.flatMap(({ fixed }) => fixed ?? []),
    obstacles,
  }
}

/** Indices that nothing rolls over, with each reindex what this run moves besides. */
function planIndices(input: PlanInput, isOpen: (name: string) => boolean): readonly IndexPlan[] {
  const { observed, facts, now, options } = input
  const { reindex, rate, prune } = options
  const templates = input.desired.templates.map(({ source }) => source)
  const desired = desiredIndices(input).filter(({ name }) => isOpen(name))
  const plans = desired.map((index) => {
    const others = desired.flatMap(({ name }) => (name === index.name ? [] : [name]))
    const moves = observed.moves.get(index.name) ?? noMovesYet
    return planIndex(index, observed.plainIndices, { moves, others, facts, now, reindex, rate, prune, templates })
  })
  // What was moved before it in the same run is not wanted any more.
  const from = (at: number) =>
    noteBesides(
      desired.slice(at).map(({ name, source }, place) => ({
        name,
        declared: source,
        changes: plans[at + place]?.changes ?? [],
      })),
    )
  return plans.map((plan, at) => ({
    ...plan,
    changes: plan.changes.map((one) => {
      const { write } = one.operation
      if (write.type !== 'reindex') return one
      return { ...one, operation: { ...one.operation, write: { ...write, besides: from(at) } } }
    }),
  }))
}

/** Indices that nothing rolls over, each with what the server makes of its content. One that it would refuse is told apart. */
export function desiredIndices({
  desired,
  contents,
}: Pick<PlanInput, 'desired' | 'contents'>): readonly DesiredIndex[] {
  return desired.indices.flatMap((index) => {
    const content = contents.get(index.name)
    return content === undefined ? [] : [{ ...index, content }]
  })
}

function planOne(kind: string, name: string, change: ElasticsearchChange | null): ResourcePlan {
  return { resource: { kind, name }, changes: change === null ? [] : [change] }
}

function planOneSeries(name: string, template: DesiredTemplate, input: PlanInput): ResourcePlan {
  const { observed, desired, simulations, facts, now, options } = input
  const simulation = simulations.get(template.name)
  if (simulation === undefined) throw new Error(`the template ${template.name} was not simulated`)
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
    moves: observed.moves.get(name) ?? noMovesYet,
    reindex: options.reindex,
    rate: options.rate,
    prune: options.prune,
  }
  const kind = template.source.series.type === 'streams' ? 'data stream' : 'write alias'
  return {
    resource: { kind, name },
    changes: [...planSeries(situation), ...planStreamLifecycle(situation)],
    notes: noteUncopied(situation),
  }
}
