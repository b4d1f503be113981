import { setTimeout as pause } from 'node:timers/promises'
import { ToolError } from '../../core/tool-error.ts'
import type { Purpose, StoreContext } from '../contract.ts'
import type { Declaration } from './declaration.ts'
import { slotsOf } from './members.ts'
import type { CommandFacts, NodeObservation, ObservedNode, RedisDriver } from './ports.ts'

/** What the nodes have: those that answered, and why the others did not. */
export interface Observation {
  /** In the order of the configuration. */
  readonly nodes: readonly NodeObservation[]
  readonly commands: CommandsOf
}

/** The commands of each node that answered, by its name: the rules of users refer to them. */
export type CommandsOf = ReadonlyMap<string, readonly CommandFacts[]>

/**
 * Reads every node directly.
 * @throws ToolError of the nodes that do not answer, where none does.
 */
export async function observe(
  { declaration, driver }: StoreContext<Declaration, RedisDriver>,
  purpose: Purpose,
): Promise<Observation> {
  const nodes = await observeAgreed(declaration, driver, purpose === 'apply' ? mostLooks : 1)
  const observed = observedNodes(nodes)
  if (observed.length === 0) requireAll(nodes)
  return { nodes, commands: await readCommands(driver, observed) }
}

/** Looks at nodes of which two claim one slot: for a moment they do, after one has given it to the other. */
const mostLooks = 20

/** Milliseconds between two of them. */
const interval = 250

async function observeAgreed(
  declaration: Declaration,
  driver: RedisDriver,
  looks: number,
): Promise<readonly NodeObservation[]> {
  const nodes = await driver.observe(settingsOf(declaration))
  if (looks === 1 || !claimsTwice(observedNodes(nodes))) return nodes
  await pause(interval)
  return observeAgreed(declaration, driver, looks - 1)
}

function claimsTwice(nodes: readonly ObservedNode[]): boolean {
  const slots = nodes.flatMap(({ cluster }) => slotsOf(cluster?.slots ?? []))
  return new Set(slots).size < slots.length
}

/** The settings that are read: declared ones, and those that checks need. */
export function settingsOf({ settings }: Declaration): readonly string[] {
  return [...new Set([...settings.keys(), 'maxmemory-policy'])]
}

export function observedNodes(nodes: readonly NodeObservation[]): readonly ObservedNode[] {
  return nodes.filter((node) => node.type === 'observed')
}

export async function readCommands(driver: RedisDriver, nodes: readonly ObservedNode[]): Promise<CommandsOf> {
  return new Map(await Promise.all(nodes.map(async ({ node }) => [node, await driver.commands(node)] as const)))
}

function requireAll(nodes: readonly NodeObservation[]): void {
  const faults = nodes.flatMap((node) => (node.type === 'unreachable' ? [node.fault] : []))
  const [first] = faults
  if (first === undefined) return
  throw new ToolError(
    first.code,
    faults.flatMap((fault) => fault.faults),
    { exitCode: first.exitCode },
  )
}
