import type { Declared, Plan, Purpose } from '../contract.ts'
import { toUndeclaredFinding, type Undeclared } from '../find-drift.ts'
import { refuseOwnUser } from '../own-user.ts'
import { isSameResource } from '../store-plan.ts'
import type { ElasticsearchChange, Operation } from './apply.ts'
import type { ChosenAnalysis } from './bodies.ts'
import type { Declaration } from './declaration.ts'
import { findClosed, noteClosed, noteRefusals } from './judge-indices.ts'
import { noteObstacles, refuseObstacles } from './judge-obstacles.ts'
import { refuseHiddenSource } from './judge-source.ts'
import { isPrunable } from './leftovers.ts'
import type { Observation } from './observe.ts'
import { findNotCompared, findUndeclaredAccess, noteAccess } from './plan-access.ts'
import { desiredIndices, planChanges } from './plan-changes.ts'
import { noteFixed, refuseFixed } from './plan-indices.ts'
import { findUndeclaredMappings, givesOwnRole } from './plan-mappings.ts'
import { notePrune } from './plan-prune.ts'
import { noteReindex } from './plan-reindex.ts'
import { refuseSharedPlaces } from './plan-repositories.ts'
import { explainRetention } from './plan-resources.ts'
import type { ObservedLeftover, ServerState } from './ports.ts'
import { describeStray } from './strays.ts'

/**
 * Compares what is declared with what the server has.
 * @throws ToolError STORE_OWN_USER, to apply.
 */
export function plan(declared: Declared<Declaration>, observation: Observation, purpose: Purpose): Plan<Operation> {
  const { declaration, prefix, server, user } = declared
  const { access } = observation.observed
  const search = { declaration, prefix, self: user }
  const { plainIndices } = observation.observed
  const { fixed, obstacles, ...planned } = planChanges(observation)
  const closed = findClosed(desiredIndices(observation), plainIndices)
  if (purpose === 'apply') {
    refuseObstacles(obstacles, server)
    for (const refusal of observation.refusals.values()) throw refusal
    refuseFixed(fixed, server)
    refuseSharedPlaces(observation.desired.snapshots.repositories, observation.observed.snapshots, server)
  }
  const isRemoved = ({ resource }: Undeclared): boolean =>
    planned.changes.some(({ change }) => isSameResource(change.resource, resource))
  // Where the index is gone, nothing says of these that they may be the last place of its documents but the obstacle.
  const moving = [...observation.observed.moves.values()].flatMap(({ move }) => [move?.copy, move?.clone])
  const undeclared = [
    ...findUndeclared(observation),
    ...observation.observed.strays.filter(({ name }) => !moving.includes(name)).map(describeStray),
    ...findUndeclaredAccess(search, access),
    ...findUndeclaredMappings(declaration.mappings, access, prefix),
  ].filter((one) => !isRemoved(one))
  refuseHiddenSource(planned.changes, observation.observed, server)
  if (purpose === 'apply' && user !== null) keepOwnUser(user, planned.changes, access, server)
  return {
    version: observation.observed.version,
    ...planned,
    unchanged: planned.unchanged.filter(
      ({ kind, name }) => kind !== 'index' || (fixed.every((index) => index.name !== name) && !closed.includes(name)),
    ),
    notes: [
      ...planned.notes,
      ...writeNotes(observation),
      ...noteReindex(planned.changes, observation.facts, observation.observed.moves),
      ...noteAccess(declaration, access),
      ...notePrune(observation),
    ],
    findings: [
      ...undeclared.map((one) => toUndeclaredFinding({ store: 'elasticsearch', server }, one)),
      ...noteObstacles(obstacles, server),
      ...noteFixed(fixed, server),
      ...noteClosed(closed, server),
      ...noteRefusals(observation.refusals, server),
      ...findNotCompared(declaration, access, server),
    ],
  }
}

function keepOwnUser(
  user: string,
  changes: readonly ElasticsearchChange[],
  access: ServerState['access'],
  server: string,
): void {
  const roles = access?.type === 'on' ? (access.users.get(user)?.roles ?? []) : []
  for (const { change } of changes) {
    const { kind, name } = change.resource
    const isMapping = kind === 'role mapping' && givesOwnRole(name, access)
    if ((kind === 'user' && name === user) || (kind === 'role' && roles.includes(name)) || isMapping)
      refuseOwnUser(
        { kind: 'elasticsearch', product: 'Elasticsearch', server },
        user,
        `${kind} \`${name}\``,
        change.differences,
      )
  }
}

/** What a person should know about a plan besides its changes. */
function writeNotes(plan: Observation): readonly string[] {
  return [
    ...[...plan.chosen].map(([component, chosen]) => explainAnalysis(component, chosen, plan.observed)),
    ...plan.desired.policies.flatMap(({ source }) => explainRetention(source) ?? []),
    ...[...plan.simulations].flatMap(([name, { overlapping }]) => explainOverlap(name, overlapping)),
  ]
}

function explainAnalysis(component: string, chosen: ChosenAnalysis, observed: ServerState): string {
  const before = observed.components.get(component)?.meta['chinese_analysis']
  const why = chosen.passedOver.length === 0 ? 'every node has it' : chosen.passedOver.join(', ')
  const what = `${component} analyzes Chinese text with ${chosen.analysis}: ${why}.`
  if (before === undefined || before === chosen.analysis) return what
  return `${what} It was ${String(before)}: only new indices change; search finds both, reindex the older ones to use the same analyzer.`
}

function explainOverlap(name: string, overlapping: readonly string[]): readonly string[] {
  if (overlapping.length === 0) return []
  return [
    `\`${name}\` matches the same names as \`${overlapping.join('`, `')}\`: the template with the higher priority applies.`,
  ]
}

/** What the server has and no file declares. It is left alone. */
function findUndeclared({ observed }: Observation): readonly Undeclared[] {
  return observed.leftovers.map((one) => ({
    resource: { kind: one.kind, name: one.name },
    detail: describeMaker(one),
    severity: 'warning',
    next: nextFor(one),
  }))
}

function describeMaker({ byTool, isAsMade }: ObservedLeftover): Undeclared['detail'] {
  if (!byTool) return { en: 'it was created by hand', zh: '它是手工创建的' }
  if (isAsMade)
    return {
      en: 'wwdb created it, from a declaration that was removed since',
      zh: '它由 wwdb 根据一份已删除的声明创建',
    }
  return {
    en: 'it has the mark of wwdb, and is a copy, was changed by hand, or is of an older version',
    zh: '它带有 wwdb 的标记，但它是副本、被手工改过，或由旧版本写入',
  }
}

function nextFor(leftover: ObservedLeftover): Undeclared['next'] {
  const { kind, name, neededBy } = leftover
  if (isPrunable(leftover)) {
    // Whether a declaration makes it again, and with that the code of its loss, is read when it is to be removed.
    const command = '`wwdb setup plan --prune --only elasticsearch`'
    return {
      en: `Declare it, or run ${command}, which shows the command that removes it.`,
      zh: `请声明它，或执行 ${command}，它会显示用于删除它的命令。`,
    }
  }
  const removal = `DELETE ${endpoints[kind] ?? ''}/${name}`
  const use =
    neededBy === null ? { en: '', zh: '' } : { en: ` It is in use by ${neededBy}.`, zh: `它正被 ${neededBy} 使用。` }
  return {
    en: `Declare it, or remove it with \`${removal}\` when it is unused.${use.en}`,
    zh: `请声明它；若已不使用，请用 \`${removal}\` 删除它。${use.zh}`,
  }
}

const endpoints: Readonly<Record<string, string>> = {
  'data stream': '/_data_stream',
  'index template': '/_index_template',
  'component template': '/_component_template',
  'lifecycle policy': '/_ilm/policy',
  'ingest pipeline': '/_ingest/pipeline',
  'synonyms set': '/_synonyms',
  'snapshot policy': '/_slm/policy',
}
