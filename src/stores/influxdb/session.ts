import type { StoreChange, StorePlan } from '../../core/store.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreSession } from '../contract.ts'
import { noteUndeclared, toUndeclaredFinding } from '../find-drift.ts'
import type { StoreSurroundings } from '../ports.ts'
import { clearPrefixed } from './clear.ts'
import type { InfluxDeclaration } from './declaration.ts'
import type { InfluxObservation } from './observation.ts'
import { type InfluxPlan, planInflux } from './plan.ts'
import { type OldPointsByBucket, shortenedBuckets } from './plan-buckets.ts'
import type { InfluxDeed, InfluxServer } from './ports.ts'
import type { InfluxStep } from './steps.ts'
import { verifyInflux } from './verify.ts'
import { withPrefix } from './with-prefix.ts'

export interface InfluxSessionOptions {
  /** With the names of its files. */
  readonly declaration: InfluxDeclaration
  /** Of the environment; may be empty. */
  readonly prefix: string
  readonly server: InfluxServer
  readonly surroundings: StoreSurroundings
}

/** How often a resource is brought to what is declared and found not to be, before the server is said not to keep it. */
const rounds = 3

/** One InfluxDB with what is declared for it. */
export function createInfluxSession(options: InfluxSessionOptions): StoreSession {
  const { server, prefix, surroundings } = options
  const declaration = withPrefix(options.declaration, prefix)
  const look = async (): Promise<InfluxPlan> => {
    const observation = await server.observe(declaration)
    const old = await countOld(server, declaration, observation, surroundings.now())
    return planInflux(declaration, observation, old)
  }
  const plan = async (): Promise<StorePlan> => {
    const version = await server.version()
    const found = await look()
    // A server that nobody has set up reads no scripts yet; each is read before it is written in any case.
    if (!found.steps.some(({ deeds }) => deeds.some(({ type }) => type === 'set-up'))) {
      await checkScripts(server, found.steps)
    }
    return publish(server.server, version, found)
  }
  return {
    store: 'influxdb',
    server: server.server,
    plan,
    compare: plan,
    apply: async (change) => {
      // Looked at afresh each time: ids exist now that did not when the plan was made, another run may have been here, and what
      // was done is seen to be there. A first start needs a second round: it cannot say everything.
      for (let round = 0; round < rounds; round++) {
        const { steps } = await look()
        const found = steps.find(({ change: { resource } }) => isSame(resource, change.resource))
        if (found === undefined) return
        if (round === 0) refuseNewLoss(found, change, server.server)
        await checkScripts(server, [found])
        for (const deed of found.deeds) await server.perform(deed)
      }
      throw notKept(change, server.server)
    },
    verify: () => verifyInflux(declaration, server, surroundings),
    clear: () => clearPrefixed(declaration, prefix, server),
    close: () => server.close(),
  }
}

function isSame(one: StoreChange['resource'], other: StoreChange['resource']): boolean {
  return one.kind === other.kind && one.name === other.name
}

async function countOld(
  server: InfluxServer,
  declaration: InfluxDeclaration,
  observation: InfluxObservation,
  now: number,
): Promise<OldPointsByBucket> {
  if (observation.type !== 'content') return new Map()
  const { organization, buckets } = observation.content
  const counted = shortenedBuckets(declaration.buckets, buckets).map(async ({ name, rule }) => {
    return [name, await server.countBefore(organization.id, name, now - rule.seconds * 1000)] as const
  })
  return new Map(await Promise.all(counted))
}

/** The server reads every script before it is given to it: what it cannot read never becomes a task. */
async function checkScripts(server: InfluxServer, steps: readonly InfluxStep[]): Promise<void> {
  for (const { change, deeds } of steps) {
    for (const flux of deeds.flatMap(scriptsOf)) {
      const [fault] = await server.analyze(flux)
      if (fault === undefined) continue
      const line = flux.split('\n')[fault.line - 1]?.trim() ?? ''
      throw new ToolError('STORE_REFUSED', {
        what: `InfluxDB does not accept the script of task ${change.resource.name}.`,
        where: { server: server.server, statement: line },
        why: `Line ${fault.line}, column ${fault.column} of the script: ${fault.message}.`,
        next: 'Look for odd characters in the names that the task is declared with.',
      })
    }
  }
}

function scriptsOf(deed: InfluxDeed): readonly string[] {
  return deed.type === 'create-task' || deed.type === 'update-task' ? [deed.task.flux] : []
}

/** What was approved is what was planned: a loss that came up since then was not. */
function refuseNewLoss(found: InfluxStep, approved: StoreChange, server: string): void {
  if (found.change.loss === null || found.change.loss.code === approved.loss?.code) return
  throw new ToolError('STORE_CHANGED', {
    what: `${found.change.resource.kind} ${found.change.resource.name} has changed since the plan was made.`,
    where: { server },
    why: found.change.loss.why,
    next: 'Run the command again and look at the new plan.',
  })
}

function notKept({ resource }: StoreChange, server: string): ToolError {
  return new ToolError('STORE_REFUSED', {
    what: `InfluxDB does not keep ${resource.kind} ${resource.name} as it is told.`,
    where: { server },
    why: 'It took every request and is still not as declared; somebody else may be changing it at the same time.',
    next: 'Run "wwdb setup plan" to see what differs.',
  })
}

function publish(server: string, version: string, { steps, unchanged, notes, undeclared }: InfluxPlan): StorePlan {
  const changes = steps.map(({ change }, number) => ({ number, ...change }))
  const findings = undeclared.map((one) => toUndeclaredFinding({ store: 'influxdb', server }, one))
  return {
    store: 'influxdb',
    server,
    version,
    changes,
    unchanged,
    notes: [...notes, ...noteUndeclared(findings)],
    findings,
  }
}
