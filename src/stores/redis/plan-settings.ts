import type { StoreDifference } from '../../core/store.ts'
import type { RedisDeclaration } from './declaration.ts'
import { refuse } from './refusals.ts'
import { judgeSetting } from './setting-losses.ts'
import { normaliseSetting } from './setting-value.ts'
import type { SeenNode } from './sight.ts'
import { describePlaces, type Step } from './step.ts'

/** A node whose setting is not as declared. */
export interface SettingDrift {
  readonly node: SeenNode
  readonly actual: string
}

/**
 * A step for each declared setting that some node has otherwise.
 * @throws ToolError REDIS_UNKNOWN_SETTING for one that a server does not have.
 */
export function planSettings(
  declaration: Pick<RedisDeclaration, 'settings'>,
  nodes: readonly SeenNode[],
): readonly Step[] {
  return [...declaration.settings].flatMap(([name, declared]) => {
    const drifts = findSettingDrift(name, declared, nodes)
    return drifts.length === 0 ? [] : [setStep(name, declared, drifts, nodes.length)]
  })
}

/** The nodes on which a setting is not as declared. */
function findSettingDrift(name: string, declared: string, nodes: readonly SeenNode[]): readonly SettingDrift[] {
  return nodes.flatMap((node) => {
    const actual = node.settings.get(name)
    if (actual === undefined) throw unknownSetting(name, node)
    const same = normaliseSetting(name, actual) === normaliseSetting(name, declared)
    return same ? [] : [{ node, actual }]
  })
}

function setStep(name: string, declared: string, drifts: readonly SettingDrift[], total: number): Step {
  const where = drifts.map(({ node }) => node.node)
  return {
    change: {
      resource: { kind: 'setting', name },
      action: 'update',
      summary: `set ${name} to ${describeValue(name, declared)} ${describePlaces(where, total)}`,
      differences: groupDrifts(name, declared, drifts, total),
      loss: judgeSetting(name, declared, drifts),
    },
    actions: where.map((node) => ({ type: 'configure', node, settings: new Map([[name, declared]]) })),
    until: 'at-once',
  }
}

/** One difference for all nodes that have the same value. */
function groupDrifts(
  name: string,
  declared: string,
  drifts: readonly SettingDrift[],
  total: number,
): readonly StoreDifference[] {
  const values = [...new Set(drifts.map(({ actual }) => actual))]
  return values.map((actual) => {
    const nodes = drifts.filter((drift) => drift.actual === actual).map(({ node }) => node.node)
    return {
      path: nodes.length === total && total > 1 ? 'every node' : nodes.join(', '),
      actual: describeValue(name, actual),
      declared: describeValue(name, declared),
    }
  })
}

const megabyte = 1024 ** 2

/** As people read it: an empty value is one, too, and memory is counted in megabytes. */
function describeValue(name: string, value: string): string {
  if (value === '') return '""'
  const bytes = name === 'maxmemory' ? Number(normaliseSetting(name, value)) : 0
  return bytes > 0 && bytes % megabyte === 0 ? `${bytes / megabyte}mb` : value
}

function unknownSetting(name: string, { node, version }: SeenNode): Error {
  return refuse(
    'REDIS_UNKNOWN_SETTING',
    node,
    `Redis ${version} at ${node} has no setting ${name}.`,
    'Correct its name in the declaration, or leave it out where servers of this version are used.',
  )
}
