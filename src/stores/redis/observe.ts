import { ToolError } from '../../core/tool-error.ts'
import type { StoreContext } from '../contract.ts'
import type { Declaration } from './declaration.ts'
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
export async function observe({ declaration, driver }: StoreContext<Declaration, RedisDriver>): Promise<Observation> {
  const nodes = await driver.observe(settingsOf(declaration))
  const observed = observedNodes(nodes)
  if (observed.length === 0) requireAll(nodes)
  return { nodes, commands: await readCommands(driver, observed) }
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
