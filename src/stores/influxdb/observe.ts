import { ToolError } from '../../core/tool-error.ts'
import type { StoreContext } from '../contract.ts'
import type { Declaration } from './declaration.ts'
import { type OldPointsByBucket, shortenedBuckets } from './plan-buckets.ts'
import type { InfluxChange } from './plan-parts.ts'
import { planResources } from './plan-resources.ts'
import type { InfluxDriver, ServerState, ServerWrite } from './ports.ts'

/** What the server has. */
export interface Observation {
  readonly version: string
  readonly state: ServerState
  /** Points that a shorter retention would remove. */
  readonly old: OldPointsByBucket
}

type Context = StoreContext<Declaration, InfluxDriver>

/** Reads the server, and lets it parse every script that a plan would send. */
export async function observe(context: Context): Promise<Observation> {
  const observation = await observeState(context)
  const { state, old } = observation
  // A server that is not set up parses no scripts yet; each is parsed before it is written in any case.
  if (state.type !== 'fresh')
    await checkScripts(context, planResources(context.declaration, state, old, context.options?.prune).changes)
  return observation
}

/** The same without scripts. */
export async function observeState({ declaration, driver, run }: Context): Promise<Observation> {
  const version = await driver.version()
  const state = await driver.observe(declaration)
  return { version, state, old: await countOld(driver, declaration, state, run.now()) }
}

async function countOld(
  driver: InfluxDriver,
  declaration: Declaration,
  state: ServerState,
  now: number,
): Promise<OldPointsByBucket> {
  if (state.type !== 'content') return new Map()
  const { organization, buckets } = state.content
  const counted = shortenedBuckets(declaration.buckets, buckets).map(async ({ name, rule }) => {
    return [name, await driver.countBefore(organization.id, name, now - rule.seconds * 1000)] as const
  })
  return new Map(await Promise.all(counted))
}

/** The server parses every script before it becomes a task or a check: an invalid one never does. */
export async function checkScripts({ driver, server }: Context, changes: readonly InfluxChange[]): Promise<void> {
  for (const { change, operation } of changes) {
    for (const flux of operation.writes.flatMap(scriptsOf)) {
      const [fault] = await driver.analyze(flux)
      if (fault === undefined) continue
      const line = flux.split('\n')[fault.line - 1]?.trim() ?? ''
      throw new ToolError('STORE_REFUSED', {
        what: `InfluxDB does not accept the script of ${change.resource.kind} \`${change.resource.name}\`.`,
        where: { server, statement: line },
        why: `Line ${fault.line}, column ${fault.column} of the script: ${fault.message}.`,
        next: 'Correct the script in its declaration; of a downsampling task, check the names for unusual characters.',
      })
    }
  }
}

function scriptsOf(write: ServerWrite): readonly string[] {
  if (write.type === 'write-alert') return write.kind === 'check' ? [String(write.alert.values['query'])] : []
  return write.type === 'create-task' || write.type === 'update-task' ? [write.task.flux] : []
}
