import { countOf } from '../../core/plural.ts'
import type { Target } from '../../core/target.ts'
import { nextLines, type Page, symbol, targetHeading } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { FamilyAdoption } from '../answers.ts'
import type { UnseenTarget } from '../inspection.ts'
import { listSome, renderUnseen } from './shards-check-view.ts'

/** The answer of `shards adopt`. */
export interface ShardAdoptionResult {
  readonly kind: 'shard-adoption'
  readonly dryRun: boolean
  readonly targets: readonly { readonly target: Target; readonly families: readonly FamilyAdoption[] }[]
  readonly unseen: readonly UnseenTarget[]
}

export const shardAdoptionView: View<ShardAdoptionResult> = {
  render: renderShardAdoption,
}

/** What was added to the registry, what it already had, and what was left alone with the reason. */
function renderShardAdoption({ targets, unseen, dryRun }: ShardAdoptionResult, page: Page): readonly Line[] {
  const families = targets.flatMap((target) => target.families)
  const adopted = families.reduce((sum, family) => sum + family.adopted.length, 0)
  const refused = families.reduce((sum, family) => sum + family.refused.length, 0)
  const verb = dryRun ? 'would be adopted' : 'adopted'
  return [
    ...targets.flatMap(({ target, families: own }) => [
      ...wrapLine(targetHeading(target), page.columns, 2),
      ...own.flatMap((family) => renderFamily(family, verb, page)),
    ]),
    ...renderUnseen(unseen, page),
    ...wrapLine([`${countOf(adopted, 'table')} ${verb}, ${refused} not adopted.`], page.columns, 2),
    ...nextLines(refused > 0 ? adviseOn(families) : [], page),
  ]
}

function renderFamily({ family, adopted, known, refused }: FamilyAdoption, verb: string, page: Page): readonly Line[] {
  const sign = symbol(refused.length > 0 ? 'warning' : 'good')
  const names = listSome(
    adopted.map(({ table, state, recorded }) => {
      if (recorded !== null) return `${table}, recorded as ${recorded}`
      return state === 'dropped' ? `${table}, of which only the archive is left` : table
    }),
    page,
  )
  const found = adopted.length === 0 ? 'nothing to adopt' : `${adopted.length} ${verb} (${names})`
  return [
    ...wrapLine(['  ', sign, ' ', toned('strong', family), `: ${found}, ${known} known before`], page.columns, 4),
    ...refused.flatMap(({ table, why }) =>
      wrapLine(['      ', toned('warning', 'not adopted'), `: ${table}. ${why}`], page.columns, 8),
    ),
  ]
}

function adviseOn(families: readonly FamilyAdoption[]): readonly string[] {
  const isDrift = families.some(({ refused }) => refused.some(({ why }) => why.startsWith('It ')))
  return isDrift
    ? ['`wwdb shards repair` alters tables to match their template; then they can be adopted.']
    : ['Rename a table that is not a shard, so that it is not mistaken for one.']
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'shard-adoption': ShardAdoptionResult
  }
}
