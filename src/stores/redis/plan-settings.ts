import { findAdditions, judgeAdditions } from '../find-additions.ts'
import type { StoreDifference, StoreLoss, StoreLossCode } from '../store-plan.ts'
import type { RedisChange } from './apply.ts'
import type { Declaration } from './declaration.ts'
import { refuse } from './errors.ts'
import { describePlaces } from './members.ts'
import type { ObservedNode } from './ports.ts'

/** A node whose setting differs from its declaration. */
interface SettingDrift {
  readonly node: ObservedNode
  readonly actual: string
}

/**
 * A step for each declared setting that differs on some node.
 * @throws ToolError REDIS_UNKNOWN_SETTING for one that a server does not have.
 */
export function planSettings(
  declaration: Pick<Declaration, 'settings'>,
  nodes: readonly ObservedNode[],
): readonly RedisChange[] {
  return [...declaration.settings].flatMap(([name, declared]) => {
    const drifts = findSettingDrift(name, declared, nodes)
    return drifts.length === 0 ? [] : [setStep(name, declared, drifts, nodes.length)]
  })
}

/** The nodes on which a setting differs from its declaration. */
function findSettingDrift(name: string, declared: string, nodes: readonly ObservedNode[]): readonly SettingDrift[] {
  return nodes.flatMap((node) => {
    const actual = node.settings.get(name)
    if (actual === undefined) throw unknownSetting(name, node)
    const same = normalizeSetting(name, actual) === normalizeSetting(name, declared)
    return same ? [] : [{ node, actual }]
  })
}

function setStep(name: string, declared: string, drifts: readonly SettingDrift[], total: number): RedisChange {
  const where = drifts.map(({ node }) => node.node)
  return {
    change: {
      resource: { kind: 'setting', name },
      action: 'update',
      summary: `set ${name} to ${describeValue(name, declared)} ${describePlaces(where, total)}`,
      differences: groupDrifts(name, declared, drifts, total),
      loss: judgeSetting(name, declared, drifts),
    },
    operation: {
      writes: where.map((node) => ({ type: 'configure', node, settings: new Map([[name, declared]]) })),
      until: 'at-once',
    },
  }
}

/** One difference for all nodes with the same value. */
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

/** As people read it: an empty value is shown as a value, and memory is shown in megabytes. */
function describeValue(name: string, value: string): string {
  if (value === '') return '""'
  const bytes = name === 'maxmemory' ? Number(normalizeSetting(name, value)) : 0
  return bytes > 0 && bytes % megabyte === 0 ? `${bytes / megabyte}mb` : value
}

function unknownSetting(name: string, { node, version }: ObservedNode): Error {
  return refuse(
    'REDIS_UNKNOWN_SETTING',
    node,
    `Redis ${version} at ${node} has no setting \`${name}\`.`,
    'Correct its name in the declaration, or leave it out if servers of this version are used.',
  )
}

/** What a new value of a setting removes from nodes with keys; null for nothing. */
function judgeSetting(name: string, declared: string, drifts: readonly SettingDrift[]): StoreLoss | null {
  const read = listSettings.get(name)
  if (read !== undefined)
    return judgeAdditions(drifts.flatMap(({ actual }) => findAdditions(read(declared), read(actual), name)))
  const filled = drifts.filter(({ node }) => node.keys > 0)
  if (filled.length === 0) return null
  switch (name) {
    case 'appendonly':
      return declared === 'no'
        ? loss('persistence-off', 'Data written after the last snapshot is lost when a node stops.', filled)
        : null
    case 'save':
      return declared === ''
        ? loss('persistence-off', 'Snapshots are no longer written.', filled)
        : rarerSnapshots(declared, filled)
    case 'appendfsync':
      return weakerFsync(declared, filled)
    case 'maxmemory':
      return smallerMemory(declared, filled)
    case 'maxmemory-policy':
      return widerEviction(declared, filled)
    default:
      return null
  }
}

function loss(code: StoreLossCode, why: string, drifts: readonly SettingDrift[]): StoreLoss {
  return { code, why, affected: drifts.map(({ node }) => describeNode(node)) }
}

function describeNode({ node, keys }: ObservedNode): string {
  return `${node} (${keys} ${keys === 1 ? 'key' : 'keys'})`
}

/** Settings that are lists, to which somebody may have added. `A` stands for all classes of events but two. */
const listSettings: ReadonlyMap<string, (value: string) => readonly string[]> = new Map([
  ['tls-protocols', wordsOf],
  ['notify-keyspace-events', (value) => [...value.replace('A', 'g$lshzxetd')]],
])

/** What a node has after a start where nobody says when it saves, since 7.0 and before: nobody has added it. */
const usualSnapshots: ReadonlySet<string> = new Set(['3600 1 300 100 60 10000', '900 1 300 10 60 10000'])

/** After so many seconds with so many changes a snapshot is written: one point covers another that asks for no less of both. */
function rarerSnapshots(declared: string, drifts: readonly SettingDrift[]): StoreLoss | null {
  const pointsOf = (value: string): readonly (readonly [number, number])[] => {
    const numbers = wordsOf(value).map(Number)
    return numbers.flatMap((seconds, at) => (at % 2 === 0 ? [[seconds, numbers[at + 1] ?? 0] as const] : []))
  }
  const wanted = pointsOf(declared)
  const rarer = drifts.filter(
    ({ actual }) =>
      !usualSnapshots.has(normalizeSetting('save', actual)) &&
      pointsOf(actual).some(
        ([seconds, changes]) => !wanted.some(([after, least]) => after <= seconds && least <= changes),
      ),
  )
  return rarer.length === 0 ? null : loss('weaker-persistence', 'Snapshots are written less often.', rarer)
}

const fsyncStrength: Readonly<Record<string, number>> = { no: 0, everysec: 1, always: 2 }

function weakerFsync(declared: string, drifts: readonly SettingDrift[]): StoreLoss | null {
  const strength = (value: string): number => fsyncStrength[value] ?? 0
  const weakened = drifts.filter(({ actual }) => strength(actual) > strength(declared))
  if (weakened.length === 0) return null
  const span = declared === 'everysec' ? 'two seconds' : 'half a minute'
  return loss('weaker-persistence', `Writes of the last ${span} are lost when a machine fails.`, weakened)
}

function smallerMemory(declared: string, drifts: readonly SettingDrift[]): StoreLoss | null {
  const limit = Number(normalizeSetting('maxmemory', declared))
  const over = drifts.filter(({ node }) => limit > 0 && node.usedMemory > limit)
  if (over.length === 0) return null
  return {
    code: 'smaller-memory',
    why: `Nodes use more than ${limit} bytes already: keys are evicted at once, or writes are refused, as the eviction policy says.`,
    affected: over.map(({ node }) => `${describeNode(node)}, ${node.usedMemory} bytes in use`),
  }
}

/** What a policy may evict: nothing, keys with a TTL, all. */
function reach(policy: string): number {
  if (policy.startsWith('allkeys-')) return 2
  return policy.startsWith('volatile-') ? 1 : 0
}

function widerEviction(declared: string, drifts: readonly SettingDrift[]): StoreLoss | null {
  const widened = drifts.filter(({ actual }) => reach(actual) < reach(declared))
  if (widened.length === 0) return null
  const what = reach(declared) === 2 ? 'any key' : 'any key that has a TTL'
  return loss('wider-eviction', `When memory is full, ${what} may be evicted.`, widened)
}

const units: Readonly<Record<string, number>> = {
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
}

/** Settings whose value is a set of letters, which the server reorders. */
const letterSets: ReadonlySet<string> = new Set(['notify-keyspace-events'])

/** Settings whose case the user chooses. */
const texts: ReadonlySet<string> = new Set(['cluster-announce-hostname', 'cluster-announce-ip', 'oom-score-adj-values'])

/**
 * A setting's value in the form in which both sides are compared: sizes in bytes (`64mb` and `67108864` are the same), words in lower case,
 * one blank between words.
 */
export function normalizeSetting(name: string, value: string): string {
  if (letterSets.has(name)) return [...value].sort().join('')
  return wordsOf(value)
    .map((word) => (texts.has(name) ? word : normalizeWord(word)))
    .join(' ')
}

function wordsOf(value: string): readonly string[] {
  return value.split(/\s+/).filter((word) => word !== '')
}

function normalizeWord(word: string): string {
  const [, number, unit] = /^(\d+)(b|kb?|mb?|gb?)$/i.exec(word) ?? []
  const factor = units[unit?.toLowerCase() ?? '']
  return number === undefined || factor === undefined ? word.toLowerCase() : String(BigInt(number) * BigInt(factor))
}
