import type { StorePlan } from '../../core/store.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreSession } from '../contract.ts'
import { noteUndeclared, toUndeclaredFinding } from '../find-drift.ts'
import type { StoreFinding } from '../finding.ts'
import type { StoreSurroundings } from '../ports.ts'
import { clearPrefix } from './clear-prefix.ts'
import { compareNodes } from './compare-nodes.ts'
import type { RedisDeclaration } from './declaration.ts'
import { type NodesPlan, planNodes } from './plan-nodes.ts'
import type { CommandsOf } from './plan-users.ts'
import type { Look, RedisNodes } from './ports.ts'
import type { NodeSight, SeenNode } from './sight.ts'
import type { Step } from './step.ts'
import { findUndeclaredUsers } from './undeclared-users.ts'
import { verifyRedis } from './verify.ts'
import { waitUntilAgreed } from './waiting.ts'

export interface RedisSessionOptions {
  readonly declaration: RedisDeclaration
  readonly nodes: RedisNodes
  readonly surroundings: StoreSurroundings
  /** What names of users and keys of this environment begin with; empty for none. */
  readonly prefix: string
  /** Milliseconds that nodes may take to agree. */
  readonly patience?: number
}

const defaultPatience = 90_000

/** Redis with what is declared for it. */
export function openRedisSession(options: RedisSessionOptions): StoreSession {
  const { declaration, nodes, surroundings, prefix, patience = defaultPatience } = options
  const server = nodes.names.join(',')
  const what: Look = {
    settings: [...new Set([...declaration.settings.keys(), 'maxmemory-policy'])],
  }
  const undeclared = (seen: readonly SeenNode[], commands: CommandsOf): readonly StoreFinding[] =>
    findUndeclaredUsers(declaration.users, seen, commands, prefix).map((one) =>
      toUndeclaredFinding({ store: 'redis', server }, one),
    )
  let steps: readonly Step[] = []
  return {
    store: 'redis',
    server,
    plan: async () => {
      const seen = requireAll(await nodes.look(what))
      const commands = await readCommands(nodes, seen)
      const plan = planNodes(declaration, seen, commands)
      steps = plan.steps
      return toStorePlan(server, seen, { ...plan, findings: undeclared(seen, commands) })
    },
    compare: async () => {
      const sights = await nodes.look(what)
      const seen = sights.filter((sight): sight is SeenNode => sight.type === 'seen')
      if (seen.length === 0) requireAll(sights)
      const commands = await readCommands(nodes, seen)
      const comparison = compareNodes(declaration, sights, commands)
      const findings = [...comparison.findings, ...undeclared(seen, commands)]
      return toStorePlan(server, seen, { ...comparison, findings, notes: [] })
    },
    apply: async ({ number }) => {
      const step = steps[number]
      if (step === undefined) throw new Error(`the plan has no change ${number}`)
      const perform = async (): Promise<void> => {
        for (const action of step.actions) await nodes.perform(action)
      }
      await perform()
      if (step.until === 'at-once' || declaration.cluster === null) return
      await waitUntilAgreed(step.until, {
        nodes,
        declaration: declaration.cluster,
        surroundings,
        patience,
        again: perform,
      })
    },
    verify: async () =>
      verifyRedis({ declaration, nodes, what, prefix, commandsOf: (seen) => readCommands(nodes, seen) }),
    clear: () => clearPrefix(nodes, prefix),
    close: nodes.close,
  }
}

/** A plan needs every node: what is not seen cannot be compared. */
function requireAll(sights: readonly NodeSight[]): readonly SeenNode[] {
  const unseen = sights.flatMap((sight) => (sight.type === 'unseen' ? [sight.fault] : []))
  const [first] = unseen
  if (first !== undefined) {
    throw new ToolError(
      first.code,
      unseen.flatMap(({ faults }) => faults),
      { exitCode: first.exitCode },
    )
  }
  return sights.filter((sight): sight is SeenNode => sight.type === 'seen')
}

async function readCommands(nodes: RedisNodes, seen: readonly SeenNode[]): Promise<CommandsOf> {
  return new Map(await Promise.all(seen.map(async ({ node }) => [node, await nodes.commands(node)] as const)))
}

function toStorePlan(
  server: string,
  seen: readonly SeenNode[],
  { steps, unchanged, notes, findings }: NodesPlan & Pick<StorePlan, 'findings'>,
): StorePlan {
  const versions = [...new Set(seen.map(({ version }) => version))]
  return {
    store: 'redis',
    server,
    version: versions[0] ?? null,
    changes: steps.map(({ change }, number) => ({ ...change, number })),
    unchanged,
    notes: [...notes, ...noteUndeclared(findings)],
    findings,
  }
}
