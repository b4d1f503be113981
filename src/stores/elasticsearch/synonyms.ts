import { createHash } from 'node:crypto'
import { normalText } from '../entries.ts'
import type { StoreDifference, StoreLoss, StoreResource } from '../store-plan.ts'
import type { ElasticsearchChange } from './apply.ts'
import type { SynonymsDeclaration } from './declaration.ts'
import type { ObservedSynonyms } from './plain-ports.ts'

/** The most rules of a set whose differences a person reads. */
const mostShown = 20

interface SynonymsPlan {
  readonly resource: StoreResource
  readonly change: ElasticsearchChange | null
}

/** Creates a set, or replaces its rules. Their order says nothing, and neither do their IDs. */
export function planSynonyms(
  { name, rules }: SynonymsDeclaration,
  observed: ObservedSynonyms | undefined,
  prefix: string,
): SynonymsPlan {
  const resource = { kind: 'synonyms set', name }
  const differences = observed === undefined ? [] : compareRules(rules, textsOf(observed))
  if (observed !== undefined && differences.length === 0) return { resource, change: null }
  const write = { type: 'put-synonyms', name, rules: markRules(name, rules, prefix) } as const
  const [action, verb] = observed === undefined ? (['create', 'create'] as const) : (['update', 'change'] as const)
  const loss = observed === undefined ? null : judgeRules({ name, rules }, observed, prefix)
  const change = { resource, action, summary: `${verb} synonyms set ${name}`, differences, loss }
  return { resource, change: { change, operation: { write, affected: [] } } }
}

/** Rules of a set that is not what wwdb wrote were added or changed by somebody else, and may stand nowhere but there. */
function judgeRules(
  { name, rules }: SynonymsDeclaration,
  observed: ObservedSynonyms,
  prefix: string,
): StoreLoss | null {
  const left = without(textsOf(observed), rules)
  if (left.length === 0 || makerOfSynonyms(name, observed, prefix) === 'ours') return null
  const why = 'Rules that wwdb did not write are removed: searches no longer find documents by them.'
  return { code: 'removed-rules', why, affected: left.map((rule) => `\`${rule}\``) }
}

function compareRules(declared: readonly string[], found: readonly string[]): readonly StoreDifference[] {
  const added = without(declared, found).map((rule) => ({ path: 'rules', actual: null, declared: rule }))
  const left = without(found, declared).map((rule) => ({ path: 'rules', actual: rule, declared: null }))
  const all = [...added, ...left]
  const rest = all.length - mostShown
  if (rest <= 0) return all
  return [...all.slice(0, mostShown), { path: 'rules', actual: null, declared: `and ${rest} more` }]
}

/** Those of the first list that the second one has not, as often as it has not. */
function without(rules: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>()
  for (const one of others) left.set(one, (left.get(one) ?? 0) + 1)
  return rules.filter((one) => {
    const count = left.get(one) ?? 0
    if (count > 0) left.set(one, count - 1)
    return count === 0
  })
}

function textsOf(rules: ObservedSynonyms): readonly string[] {
  return rules.map(({ synonyms }) => synonyms)
}

/** A set has no place for a mark but the IDs of its rules: each has a digest of the prefix, and one of the name and all rules. */
function markRules(name: string, rules: readonly string[], prefix: string): ObservedSynonyms {
  const start = `${makerOf(prefix)}-${sealOf(name, rules, prefix)}`
  return rules.map((synonyms, number) => ({ id: `${start}-${String(number + 1).padStart(5, '0')}`, synonyms }))
}

const tool = 'wwdb-'

function makerOf(prefix: string): string {
  return `${tool}${digest(prefix, 6)}`
}

function sealOf(name: string, rules: readonly string[], prefix: string): string {
  return digest(normalText({ kind: 'synonyms set', name, prefix, rules: rules.toSorted() }), 16)
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length)
}

/** Who made a set: `ours` where its rules are what wwdb wrote under this name, `changed` where a person changed or copied them since. */
export type SynonymsMaker = 'ours' | 'changed' | 'other environment' | 'by hand'

export function makerOfSynonyms(name: string, rules: ObservedSynonyms, prefix: string): SynonymsMaker {
  const ids = rules.map(({ id }) => id)
  if (!ids.some((id) => id.startsWith(tool))) return 'by hand'
  if (!ids.some((id) => id.startsWith(`${makerOf(prefix)}-`))) return 'other environment'
  const sealed = `${makerOf(prefix)}-${sealOf(name, textsOf(rules), prefix)}-`
  return ids.every((id) => id.startsWith(sealed)) ? 'ours' : 'changed'
}
