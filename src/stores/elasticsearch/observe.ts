import { ToolError } from '../../core/tool-error.ts'
import { noOptions, type PlanOptions, type StoreContext } from '../contract.ts'
import { unknownSecret } from '../import-items.ts'
import { type ChosenAnalysis, chooseAnalysis, type DesiredState, simulationBody, writeBodies } from './bodies.ts'
import { childOf } from './compare-trees.ts'
import { type Declaration, seriesNames, type TemplateContent } from './declaration.ts'
import { inGroups } from './in-groups.ts'
import { planChanges } from './plan-changes.ts'
import type { ElasticsearchDriver, IndexFacts, ServerState, Simulation, WantedNames } from './ports.ts'
import { refuseLaterParts } from './since.ts'

/** What the server has, and what it would make of the declaration. */
export interface Observation {
  readonly observed: ServerState
  /** The bodies of everything that is declared, with the analysis that the nodes allow. */
  readonly desired: DesiredState
  readonly chosen: ReadonlyMap<string, ChosenAnalysis>
  /** What the server makes of each template, by its name. */
  readonly simulations: ReadonlyMap<string, Simulation>
  /** What the server makes of each index that nothing rolls over, by its name. */
  readonly contents: ReadonlyMap<string, TemplateContent>
  /** Why the server would make none of the others. */
  readonly refusals: ReadonlyMap<string, ToolError>
  /** The facts of the indices that a loss affects. */
  readonly facts: ReadonlyMap<string, IndexFacts>
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly options: PlanOptions
  /** The user that logs in. */
  readonly self?: string | null
}

type Context = StoreContext<Declaration, ElasticsearchDriver>

/** Reads the server. Where something would be lost, the affected indices are read, too. */
export async function observe(context: Context): Promise<Observation> {
  const state = await observeState(context)
  const affected = new Set(planChanges(state).changes.flatMap(({ operation }) => operation.affected))
  if (affected.size === 0) return state
  const facts = await context.driver.describeIndices([...affected])
  return { ...state, facts: new Map(facts.map((index) => [index.name, index])) }
}

/** The same without facts of indices. */
export async function observeState({
  declaration,
  prefix,
  driver,
  run,
  user,
  server,
  options = noOptions,
}: Context): Promise<Observation> {
  const observed = await driver.observe({ ...wantedNames(declaration, prefix), older: options.reindex })
  const chosen = new Map(
    declaration.components.flatMap(({ name, chinese }) =>
      chinese === null ? [] : [[name, chooseAnalysis(chinese, observed.nodes)] as const],
    ),
  )
  const analyses = new Map([...chosen].map(([name, { analysis }]) => [name, analysis]))
  refuseMissing(declaration, observed, server)
  refuseNowhere(declaration, observed, server)
  refuseLaterParts(declaration, observed.version, server)
  const desired = writeBodies(declaration, analyses, { prefix, existing: observed.existing })
  const simulated = await inGroups(
    desired.templates,
    async (template) => [template.name, await driver.simulate(template.name, simulationBody(template))] as const,
  )
  const simulations = new Map(simulated)
  const made = await simulateContents(desired, driver)
  return { observed, desired, chosen, simulations, ...made, facts: new Map(), now: run.now(), options, self: user }
}

/** One that the server would refuse hides nothing of the others. */
async function simulateContents(
  { indices }: DesiredState,
  driver: ElasticsearchDriver,
): Promise<Pick<Observation, 'contents' | 'refusals'>> {
  const contents = new Map<string, TemplateContent>()
  const refusals = new Map<string, ToolError>()
  await inGroups(indices, async ({ name, source }) => {
    try {
      contents.set(name, await driver.simulateContent(name, source))
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== 'STORE_REFUSED') throw error
      refusals.set(name, error)
    }
  })
  return { contents, refusals }
}

/** @throws ToolError STORE_REFUSED: the server would refuse the template, and nothing could be said of its indices. */
function refuseMissing({ templates }: Declaration, { existing }: ServerState, server: string): void {
  for (const template of templates) {
    const missing = template.existing.find((name) => !existing.has(name))
    if (missing === undefined) continue
    throw new ToolError('STORE_REFUSED', {
      what: `Index template \`${template.name}\` is composed of \`${missing}\`, which does not exist.`,
      where: { server },
      why: 'A component template that is marked as `existing` is made elsewhere.',
      next: 'Create it first, correct its name, or declare it under `component_templates`.',
    })
  }
}

/** Repositories that are made elsewhere, and the policies that name them. */
function elsewhere({ policies }: Declaration['snapshots']) {
  return policies.flatMap(({ isElsewhere, name, repository }) =>
    isElsewhere ? [{ name: repository, policy: name }] : [],
  )
}

/** @throws ToolError STORE_REFUSED: the server would refuse the policy, after other writes. */
function refuseNowhere({ snapshots }: Declaration, observed: ServerState, server: string): void {
  const missing = elsewhere(snapshots).find(({ name }) => !observed.snapshots.repositories.has(name))
  if (missing === undefined) return
  throw new ToolError('STORE_REFUSED', {
    what: `Snapshot policy \`${missing.policy}\` names repository \`${missing.name}\`, which does not exist.`,
    where: { server },
    why: 'A repository that is marked as `existing` is made elsewhere.',
    next: 'Create it first, correct its name, or declare it under `snapshot_repositories`.',
  })
}

function wantedNames(
  { policies, components, templates, indices, aliases, roles, users, mappings, plain, snapshots }: Declaration,
  prefix: string,
): Omit<WantedNames, 'older'> {
  const of = (type: 'streams' | 'alias'): readonly string[] =>
    templates.filter(({ series }) => series.type === type).flatMap(seriesNames)
  return {
    prefix,
    policies: policies.map(({ name }) => name),
    components: components.map(({ name }) => name),
    templates: templates.map(({ name }) => name),
    streams: of('streams'),
    aliases: of('alias'),
    passwords:
      roles.length + users.length + mappings.length === 0
        ? null
        : new Map(
            users.flatMap(({ name, password }) =>
              password === '' || password === unknownSecret ? [] : [[name, password] as const],
            ),
          ),
    plain: {
      synonyms: plain.synonyms.map(({ name }) => name),
      pipelines: plain.pipelines.map(({ name }) => name),
      clusterSettings: Object.keys(plain.clusterSettings).length > 0,
    },
    plainIndices: indices.map(({ name }) => name),
    plainAliases: aliases.map(({ name }) => name),
    snapshots: {
      repositories: [...snapshots.repositories, ...elsewhere(snapshots)].map(({ name }) => name),
      policies: snapshots.policies.map(({ name }) => name),
      retentions: snapshots.policies
        .filter(({ content }) => Object.keys(childOf(content, 'retention')).length > 0)
        .map(({ name, repository }) => ({ policy: name, repository })),
    },
    existing: [...new Set(templates.flatMap(({ existing }) => existing))],
  }
}
