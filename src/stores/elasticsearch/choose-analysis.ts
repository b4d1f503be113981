import type { ChineseAnalysis, ChineseAnalyzers, JsonObject } from './declaration.ts'
import type { ObservedNode } from './observation.ts'

/** The plugin or module that brings an analysis; null for what every server has. */
const bringers: Readonly<Record<ChineseAnalysis, string | null>> = {
  ik: 'analysis-ik',
  smartcn: 'analysis-smartcn',
  cjk: 'analysis-common',
  standard: null,
}

interface Pair {
  readonly index: JsonObject
  readonly search: JsonObject
}

const pairOf = (one: JsonObject): Pair => ({ index: one, search: one })

/** cjk's own analyzer would also drop English stop words, and with them half of a log message. */
const definitions: Readonly<Record<ChineseAnalysis, Pair>> = {
  ik: { index: { type: 'ik_max_word' }, search: { type: 'ik_smart' } },
  smartcn: pairOf({ type: 'smartcn' }),
  cjk: pairOf({ type: 'custom', tokenizer: 'standard', filter: ['cjk_width', 'lowercase', 'cjk_bigram'] }),
  standard: pairOf({ type: 'custom', tokenizer: 'standard', filter: ['lowercase'] }),
}

export interface ChosenAnalysis {
  readonly analysis: ChineseAnalysis
  /** What was preferred and is not on every node: `analysis-ik is missing on node-2`. */
  readonly passedOver: readonly string[]
}

/** The first preferred one that every node has; the built-in tokenizer when none is. */
export function chooseAnalysis(analyzers: ChineseAnalyzers, nodes: readonly ObservedNode[]): ChosenAnalysis {
  const passedOver: string[] = []
  for (const analysis of analyzers.preferred) {
    const bringer = bringers[analysis]
    const without = bringer === null ? [] : nodes.filter(({ parts }) => !parts.includes(bringer))
    if (without.length === 0) return { analysis, passedOver }
    passedOver.push(`${bringer} is missing on ${nameNodes(without, nodes)}`)
  }
  return { analysis: 'standard', passedOver }
}

function nameNodes(without: readonly ObservedNode[], all: readonly ObservedNode[]): string {
  if (without.length === all.length) return all.length === 1 ? 'the node' : 'every node'
  return without.map(({ name }) => name).join(', ')
}

/** `analysis.analyzer` of the index settings, with both stable names. */
export function analyzerSettings(analyzers: ChineseAnalyzers, analysis: ChineseAnalysis): JsonObject {
  const { index, search } = definitions[analysis]
  return { analysis: { analyzer: { [analyzers.index]: index, [analyzers.search]: search } } }
}
