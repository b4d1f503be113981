import { groupBy } from '../../core/group-by.ts'
import { countOf } from '../../core/plural.ts'
import { nameScratch } from '../../core/scratch-name.ts'
import type { SampleStatement } from '../../probe/algorithm-question.ts'
import { makeAlgorithmQuestions } from '../../probe/algorithm-questions.ts'
import type { ProbeResult } from '../../probe/probe-result.ts'
import { askForResult } from '../../probe/result-question.ts'
import type { GivenRows } from '../../probe/rows/made-row.ts'
import { listTablesToRead } from '../../probe/what-to-read.ts'
import { listNames } from '../../sql/confine.ts'
import type { Statement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'
import type { LiveStatement } from '../../uses/find-uses.ts'
import type { OpenTarget } from '../targets.ts'
import { type ComparedResult, compareOutcomes } from './compare-results.ts'
import { toSample, withoutScratch } from './live-samples.ts'
import type { LiveTrial } from './live-trial.ts'

/** What is needed to try live statements with rows. */
export interface ResultTrial {
  /** Of the plan, in order. */
  readonly statements: readonly Statement[]
  /** Those that were tried without rows. */
  readonly live: readonly LiveStatement[]
  readonly longestSample: number
  /** The rows that the project has for its tables. */
  readonly given: readonly GivenRows[]
  /** Why no result can be compared, as a clause; null where they can. */
  readonly unknown: string | null
}

/** What became of the results. */
export interface TriedResults {
  /** By digest. */
  readonly results: ReadonlyMap<string, ComparedResult>
  /** The scratch schema of which messages speak. */
  readonly scratch: string
  /** Sentences. */
  readonly notes: readonly string[]
}

/**
 * Runs live statements before and after the plan on copies with rows, in which the plan changes rows, too. Where the rows make the server refuse one of its
 * statements, it is tried again with plainer ones.
 */
export async function tryResults(target: OpenTarget, trial: ResultTrial): Promise<TriedResults> {
  const { live, unknown } = trial
  if (unknown !== null) {
    const results = new Map(live.map(({ digest }) => [digest, { type: 'unjudged', why: unknown } as const]))
    return { results, scratch: '', notes: [] }
  }
  const first = await probe(target, trial, false)
  const isRefused = (first.result.refusals?.size ?? 0) > 0
  const { result, scratch, samples } = isRefused ? await probe(target, trial, true) : first
  const outcomes = result.trial?.samples
  const results = new Map(
    samples.map(({ key }) => [
      key,
      compareOutcomes(outcomes?.get('before')?.get(key), outcomes?.get('after')?.get(key)),
    ]),
  )
  const named = new Set(samples.flatMap(({ names }) => names))
  const empty = [...(result.trial?.emptyTables ?? [])].filter(([table]) => named.has(table))
  const unfilled = empty.map(
    ([table, why]) => `No row could be made for \`${table}\`: ${withoutScratch(why, scratch, target.database.schema)}.`,
  )
  return { results, scratch, notes: [...noteAdded(results), ...unfilled] }
}

/** A column behind all others changes nothing for who reads the others, and is said. */
function noteAdded(results: TriedResults['results']): readonly string[] {
  const added = [...results.values()].flatMap((one) => (one.type === 'same' && one.added.length > 0 ? [one.added] : []))
  const names = [...new Set(added.flat())].map((name) => `\`${name}\``).join(', ')
  return added.length === 0
    ? []
    : [`${countOf(added.length, 'statement')} will also read ${names}, behind all other columns.`]
}

interface Probed {
  readonly result: ProbeResult
  readonly scratch: string
  readonly samples: readonly SampleStatement[]
}

async function probe({ database, session }: OpenTarget, trial: ResultTrial, isPlain: boolean): Promise<Probed> {
  const { statements, live, longestSample, given } = trial
  const { schema } = database
  const scratch = nameScratch()
  const samples = live.flatMap((statement): readonly SampleStatement[] => {
    const made = toSample(statement, schema, scratch, { longestSample })
    return made.type === 'sample' ? [{ ...made.sample, result: askForResult(made.sample.text) }] : []
  })
  const names = [
    ...samples.flatMap((sample) => sample.names),
    ...statements.flatMap(({ text }) => listNames(tokenize(text))),
  ]
  const rows = { given, texts: samples.map(({ text }) => text), isPlain }
  const mark = { type: 'mark' as const, names: [...new Set(names)], samples }
  const { steps, ...questions } = makeAlgorithmQuestions({
    ...{ statements, schema, serverVersion: session.facts.version, scratch },
    tables: await session.readTableStates(listTablesToRead(statements)),
    trial: {
      isTried: () => true,
      hasRows: true,
      marks: new Map([
        [0, [{ ...mark, name: 'before', rows }]],
        [statements.length, [{ ...mark, name: 'after', names: [] }]],
      ]),
    },
  })
  // What the server prepares on the tables themselves it was asked for the plan.
  const own = steps.filter(({ type }) => type !== 'prepare')
  return { result: await session.probe({ ...questions, steps: own }), scratch, samples }
}

/** What the result of a statement shows, as it is listed. */
export function listChanged(tried: TriedResults | null, key: string, schema: string) {
  const found = tried?.results.get(key)
  if (tried === null || found === undefined || (found.type !== 'changed' && found.type !== 'fails')) return []
  const change = found.type === 'fails' ? ('fails' as const) : ('result' as const)
  return [{ change, before: found.before, after: withoutScratch(found.after, tried.scratch, schema) }]
}

/** How many results were compared, and why others were not. */
export function sumUpResults({ results }: TriedResults): NonNullable<LiveTrial['results']> {
  const whys = [...results.values()].flatMap((one) => (one.type === 'unjudged' ? [one.why] : []))
  const uncompared = [...groupBy(whys, (why) => why)].map(([why, all]) => ({ why, statements: all.length }))
  return { compared: results.size - whys.length, uncompared }
}
