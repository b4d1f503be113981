import type { StoreChange, StorePlan } from '../../core/store.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreSession } from '../contract.ts'
import { noteUndeclared, toUndeclaredFinding } from '../find-drift.ts'
import type { StoreSurroundings } from '../ports.ts'
import { type DesiredState, simulationBody, writeBodies } from './bodies.ts'
import { checkInForce } from './check-in-force.ts'
import { type ChosenAnalysis, chooseAnalysis } from './choose-analysis.ts'
import type { ElasticsearchDeclaration } from './declaration.ts'
import { type PlannedState, planState } from './make-plan.ts'
import { nameResources, wantedNames } from './name-resources.ts'
import type { ElasticsearchObservation, IndexFacts, Simulation } from './observation.ts'
import { findUndeclared, writeNotes } from './plan-notes.ts'
import type { PlannedChange } from './planned-change.ts'
import type { ElasticsearchDriver } from './ports.ts'
import { verifyStore } from './verify-store.ts'

export interface SessionOptions {
  readonly declaration: ElasticsearchDeclaration
  readonly prefix: string
  readonly driver: ElasticsearchDriver
  readonly surroundings: StoreSurroundings
}

/** What is declared, on one server: all that a plan is made of. */
export interface View {
  readonly desired: DesiredState
  readonly observed: ElasticsearchObservation
  readonly chosen: ReadonlyMap<string, ChosenAnalysis>
  readonly simulations: ReadonlyMap<string, Simulation>
}

/** Puts planning and a driver together. */
export function createElasticsearchSession(options: SessionOptions): StoreSession {
  const { driver, prefix } = options
  const declaration = nameResources(options.declaration, prefix)
  let latest: { readonly changes: readonly PlannedChange[]; readonly view: View } = { changes: [], view: emptyView }
  const plan = async (): Promise<StorePlan> => {
    const view = await lookAround(declaration, prefix, driver)
    const state = await planWithFacts(view, options)
    latest = { changes: state.changes, view }
    const { server } = driver
    const changes = state.changes.map(toStoreChange)
    const findings = findUndeclared(view).map((one) => toUndeclaredFinding({ store: 'elasticsearch', server }, one))
    return {
      store: 'elasticsearch',
      server,
      version: view.observed.version,
      changes,
      unchanged: state.unchanged,
      notes: [...writeNotes(view), ...noteUndeclared(findings)],
      findings,
    }
  }
  const apply = async (change: StoreChange): Promise<void> => {
    const planned = latest.changes[change.number]
    if (planned === undefined) throw new Error(`change ${change.number} is of no plan`)
    await driver.perform(planned.deed)
    if (planned.deed.type === 'put-template') await checkInForce(planned.deed.name, latest.view, driver)
  }
  return {
    store: 'elasticsearch',
    server: driver.server,
    plan,
    compare: plan,
    apply,
    verify: async () => verifyStore(await lookAround(declaration, prefix, driver), options),
    clear: async () => {
      if (prefix === '') throw refuseWithoutPrefix(driver.server)
      return driver.clear(prefix)
    },
    close: () => driver.close(),
  }
}

const emptyView: View = {
  desired: { policies: [], components: [], templates: [] },
  observed: {
    version: '',
    nodes: [],
    policies: new Map(),
    components: new Map(),
    templates: new Map(),
    series: new Map(),
    leftovers: [],
  },
  chosen: new Map(),
  simulations: new Map(),
}

async function lookAround(
  declaration: ElasticsearchDeclaration,
  prefix: string,
  driver: ElasticsearchDriver,
): Promise<View> {
  const observed = await driver.observe(wantedNames(declaration, prefix))
  const chosen = new Map(
    declaration.components.flatMap(({ name, chinese }) =>
      chinese === null ? [] : [[name, chooseAnalysis(chinese, observed.nodes)] as const],
    ),
  )
  const analyses = new Map([...chosen].map(([name, { analysis }]) => [name, analysis]))
  const desired = writeBodies(declaration, analyses, prefix)
  const simulated = desired.templates.map(
    async (template) => [template.name, await driver.simulate(template.name, simulationBody(template))] as const,
  )
  return { desired, observed, chosen, simulations: new Map(await Promise.all(simulated)) }
}

/** Plans twice where something would be lost: which indices a loss concerns is known only when it is. */
async function planWithFacts(view: View, { driver, surroundings }: SessionOptions): Promise<PlannedState> {
  const plan = (facts: ReadonlyMap<string, IndexFacts>): PlannedState =>
    planState({ ...view, facts, now: surroundings.now() })
  const first = plan(new Map())
  const concerned = new Set(first.changes.flatMap((change) => change.concerned))
  if (concerned.size === 0) return first
  const facts = await driver.describeIndices([...concerned])
  return plan(new Map(facts.map((index) => [index.name, index])))
}

function toStoreChange({ deed: _, concerned: __, ...change }: PlannedChange, number: number): StoreChange {
  return { number, ...change }
}

function refuseWithoutPrefix(server: string): ToolError {
  return new ToolError('STORE_PREFIX_MISSING', {
    what: 'Nothing is removed from Elasticsearch without a prefix.',
    where: { server },
    why: 'Without one, everything on the server would be meant.',
    next: 'Set "prefix" in the configuration, WWDB_PREFIX or --prefix.',
  })
}
