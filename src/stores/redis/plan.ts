import type { InBoth } from '../../core/in-both.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Declared, Plan, Purpose } from '../contract.ts'
import { type SaidFinding, toErrorFindings, toNotComparedFinding, toUndeclaredFinding } from '../find-drift.ts'
import type { StoreResource } from '../store-plan.ts'
import type { Operation, RedisChange } from './apply.ts'
import type { Declaration } from './declaration.ts'
import { checkNodes } from './members.ts'
import { type Observation, observedNodes } from './observe.ts'
import { type ClusterSteps, planCluster } from './plan-cluster.ts'
import { hasPrimary, planFunctions, pruneFunctions, undeclaredFunctions } from './plan-functions.ts'
import { planSettings } from './plan-settings.ts'
import { findUndeclaredUsers, planUsers } from './plan-users.ts'
import type { ObservedNode } from './ports.ts'

type Part = Pick<Plan<Operation>, 'changes' | 'unchanged' | 'findings' | 'left'>

/**
 * The changes that bring the nodes to their declaration, in this order: settings, so that nothing is written before persistence is as declared; the
 * cluster; functions; users.
 * @throws ToolError of its parts, to apply; to compare, they are findings.
 */
export function plan(declared: Declared<Declaration>, observation: Observation, purpose: Purpose): Plan<Operation> {
  const { declaration, prefix, server } = declared
  const removed = declaration.cluster?.remove ?? []
  const nodes = observedNodes(observation.nodes)
  const pruned = declared.options?.prune === true ? pruneFunctions(declaration.functions, nodes, prefix) : []
  const functions = { prefix, pruned }
  const part =
    purpose === 'apply' ? planAll(declaration, observation, functions) : compareEach(declared, observation, functions)
  const uncompared = hasPrimary(nodes) ? [] : [...declaration.functions.keys()]
  const undeclared = [
    ...findUndeclaredUsers(declaration.users, nodes, observation.commands, prefix),
    ...undeclaredFunctions(declaration.functions, nodes, pruned),
  ].map((one) => toUndeclaredFinding({ store: 'redis', server }, one))
  return {
    version: nodes[0]?.version ?? null,
    changes: withPruned(part.changes, pruned),
    unchanged: part.unchanged.filter(({ kind, name }) => kind !== libraryKind || !uncompared.includes(name)),
    notes: [
      ...(purpose === 'apply' ? findNotes(nodes, part.changes) : []),
      ...noteUncompared(uncompared),
      ...noteRemoved(removed, nodes),
    ],
    ...(part.left === undefined ? {} : { left: part.left }),
    findings: [...part.findings, ...uncompared.map((name) => withoutPrimary(name, server)), ...undeclared],
  }
}

const libraryKind = 'function library'

/** Before the libraries that are loaded, which may have a function of a removed one. */
function withPruned(changes: readonly RedisChange[], pruned: readonly RedisChange[]): readonly RedisChange[] {
  const first = changes.findIndex(
    ({ change: { resource } }) => resource.kind === libraryKind || resource.kind === 'user',
  )
  const at = first === -1 ? changes.length : first
  return [...changes.slice(0, at), ...pruned, ...changes.slice(at)]
}

/** Until both lists are shorter, the node is asked in each run. */
function noteRemoved(removed: readonly string[], nodes: readonly ObservedNode[]): readonly string[] {
  const unknown = removed.filter((name) => !nodes.some(({ node }) => node === name))
  const gone = nodes.flatMap(({ node, cluster }) =>
    removed.includes(node) && cluster?.others.length === 0
      ? [`${node} is in no cluster: take it out of \`stores.redis.url\` and of \`cluster.remove\`.`]
      : [],
  )
  const missing = unknown.map(
    (node) => `${node} is in \`cluster.remove\`, and no node of \`stores.redis.url\` with this name answers.`,
  )
  return [...gone, ...missing]
}

function noteUncompared(libraries: readonly string[]): readonly string[] {
  if (libraries.length === 0) return []
  return [`Not compared, because no primary answers: function library \`${libraries.join('`, `')}\`.`]
}

function withoutPrimary(name: string, server: string): SaidFinding {
  const why = { en: 'None of the nodes that answer is a primary.', zh: '有应答的节点中没有主节点。' }
  const next = {
    en: 'List the primaries in `stores.redis.url`, and run the command again.',
    zh: '请在 `stores.redis.url` 中列出主节点，然后再次执行该命令。',
  }
  return toNotComparedFinding({ store: 'redis', server }, { kind: libraryKind, name }, { why, next })
}

type FunctionOptions = Parameters<typeof planFunctions>[2]

const noSteps: ClusterSteps = { joining: [], moving: [] }

/** Settings and users of the nodes that answer; the cluster concerns all of them. */
function planAll(declaration: Declaration, observation: Observation, options: FunctionOptions): Part {
  const nodes = observedNodes(observation.nodes)
  const silent = observation.nodes.flatMap((node) => (node.type === 'unreachable' ? [node] : []))
  const settings = planSettings(declaration, nodes)
  const isWhole = silent.length === 0
  const isPlanned = declaration.cluster !== null && isWhole
  const { joining, moving } = isPlanned ? planCluster(declaration.cluster, checkNodes(nodes)) : noSteps
  const users = planUsers(declaration.users, nodes, observation.commands)
  const removed = declaration.cluster?.remove ?? []
  const staying = nodes.filter(({ node }) => !removed.includes(node))
  const functions = planFunctions(declaration.functions, staying, options)
  // A node has its settings, functions and users before clients are sent to it.
  const changes = [...settings, ...joining, ...functions, ...users, ...moving]
  const settled = isWhole && joining.length + moving.length === 0
  const left = silent.map(
    ({ node, fault }) =>
      `The settings and users of ${node} are left as they are. ${fault.faults[0]?.what ?? fault.message}`,
  )
  if (!isWhole && declaration.cluster !== null)
    left.push('The members and slots of the cluster are left as they are: only all nodes together show them.')
  return {
    changes,
    unchanged: findUnchanged(declaration, changes, settled),
    findings: [],
    ...(isWhole ? {} : { left }),
  }
}

function findUnchanged(
  declaration: Declaration,
  changes: readonly RedisChange[],
  settled: boolean,
): readonly StoreResource[] {
  const changing = new Set(changes.map(({ change }) => `${change.resource.kind} ${change.resource.name}`))
  const declared: readonly StoreResource[] = [
    ...[...declaration.settings.keys()].map((name) => ({ kind: 'setting', name })),
    ...[...declaration.functions.keys()].map((name) => ({ kind: libraryKind, name })),
    ...declaration.users.map(({ name }) => ({ kind: 'user', name })),
  ]
  const cluster = declaration.cluster !== null && settled ? [{ kind: 'cluster', name: 'members' }] : []
  return [...cluster, ...declared.filter(({ kind, name }) => !changing.has(`${kind} ${name}`))]
}

function findNotes(nodes: readonly ObservedNode[], changes: readonly RedisChange[]): readonly string[] {
  const lasting = changes.flatMap(({ operation }) =>
    operation.writes.filter(({ type }) => type === 'configure' || type === 'set-user'),
  )
  const written = new Set(lasting.map(({ node }) => node))
  const forgetful = nodes.filter(({ node, hasConfigurationFile }) => written.has(node) && !hasConfigurationFile)
  if (forgetful.length === 0) return []
  const names = forgetful.map(({ node }) => node).join(', ')
  return [`${names}: started without a configuration file, so changed settings are lost on restart.`]
}

/** Compares the nodes that answered, each resource separately: a refusal for one of them does not stop the comparison of the others. */
function compareEach(
  { declaration, server }: Declared<Declaration>,
  { nodes, commands }: Observation,
  options: FunctionOptions,
): Part {
  const observed = observedNodes(nodes)
  const staying = observed.filter(({ node }) => declaration.cluster?.remove?.includes(node) !== true)
  const silent = nodes.flatMap((node) => (node.type === 'unreachable' ? [node] : []))
  const parts = [
    ...[...declaration.settings].map(([name, value]) =>
      compare({ kind: 'setting', name }, () => planSettings({ settings: new Map([[name, value]]) }, observed), server),
    ),
    ...compareCluster(declaration, observed, silent.length, server),
    ...[...declaration.functions].map(([name, code]) =>
      compare({ kind: libraryKind, name }, () => planFunctions(new Map([[name, code]]), staying, options), server),
    ),
    ...declaration.users.map((user) =>
      compare({ kind: 'user', name: user.name }, () => planUsers([user], observed, commands), server),
    ),
  ]
  const findings = silent.map(({ node, fault }) =>
    toNotComparedFinding({ store: 'redis', server }, { kind: 'node', name: node }, reasonOf(fault)),
  )
  return {
    changes: parts.flatMap(({ changes }) => changes),
    unchanged: parts.flatMap(({ unchanged }) => unchanged),
    findings: [...findings, ...parts.flatMap((part) => part.findings)],
  }
}

/** The cluster needs every node. */
function compareCluster(
  { cluster }: Declaration,
  nodes: readonly ObservedNode[],
  silent: number,
  server: string,
): readonly Part[] {
  if (cluster === null) return []
  const resource = { kind: 'cluster', name: 'members' }
  const planBoth = () => {
    const { joining, moving } = planCluster(cluster, checkNodes(nodes))
    return [...joining, ...moving]
  }
  if (silent === 0) return [compare(resource, planBoth, server)]
  const why = { en: 'This requires that every node answers.', zh: '比较需要每个节点都有应答。' }
  const next = {
    en: 'Start the nodes that do not answer, and run `wwdb setup verify` again.',
    zh: '请启动没有应答的节点，然后再次执行 `wwdb setup verify`。',
  }
  const finding = toNotComparedFinding({ store: 'redis', server }, resource, { why, next })
  return [{ changes: [], unchanged: [], findings: [finding] }]
}

function compare(resource: StoreResource, makeChanges: () => readonly RedisChange[], server: string): Part {
  try {
    const changes = makeChanges()
    return { changes, unchanged: changes.length === 0 ? [resource] : [], findings: [] }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return { changes: [], unchanged: [], findings: toErrorFindings({ store: 'redis', server }, error) }
  }
}

function reasonOf({ faults, message }: ToolError): { readonly why: InBoth; readonly next: InBoth } {
  const [fault] = faults
  const why = (fault?.why ?? message).replace(/\.$/, '')
  const en = 'Start it, and run `wwdb setup verify` again.'
  return {
    why: { en: `It could not be read: ${why}.`, zh: `无法读取：${why}。` },
    next: {
      en: fault?.next ?? en,
      zh: `请启动它，然后再次执行 \`wwdb setup verify\`。${fault?.next === undefined ? '' : `原文：${fault.next}`}`,
    },
  }
}
