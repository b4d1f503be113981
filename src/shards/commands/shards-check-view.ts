import { formatSeconds } from '../../core/duration.ts'
import { formatMinute } from '../../core/instant.ts'
import { countOf, groupDigits } from '../../core/plural.ts'
import { formatSize } from '../../core/size.ts'
import { describeDifference } from '../../ddl/definitions/compare-definitions.ts'
import { renderFault } from '../../terminal/human/fault.ts'
import { nextLines, type Page, symbol, targetHeading } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import {
  type CapacityReport,
  countFamilyFindings,
  countFindings,
  type DriftReport,
  type FamilyInspection,
  type ShardLoss,
  type TargetInspection,
  type UnseenTarget,
} from '../inspection.ts'
import { describeMoved } from '../moved-family.ts'

/** The answer of `shards check`. */
export interface ShardCheckResult {
  readonly kind: 'shard-check'
  /** ISO 8601, UTC. */
  readonly at: string
  readonly targets: readonly TargetInspection[]
  readonly unseen: readonly UnseenTarget[]
  /** The number of faults; a table counts once. */
  readonly findings: number
}

export const shardCheckView: View<ShardCheckResult> = {
  render: renderShardCheck,
}

/** Each family with its faults, what is on hold or protected, and how long its tables last; then the servers' limits. */
function renderShardCheck(result: ShardCheckResult, page: Page): readonly Line[] {
  return [
    ...result.targets.flatMap((target) => renderTarget(target, page)),
    ...renderUnseen(result.unseen, page),
    ...wrapLine(summarize(result), page.columns, 2),
    ...nextLines(advise(result), page),
  ]
}

function summarize({ targets, unseen, findings }: ShardCheckResult): Line {
  const families = targets.flatMap((target) => target.families)
  const tables = families.reduce((sum, family) => sum + family.tables, 0)
  const verdict = findings === 0 ? toned('good', 'nothing is wrong') : toned('bad', countOf(findings, 'finding'))
  return [
    `${countOf(tables, 'shard')} of ${families.length === 1 ? '1 family' : `${families.length} families`}: `,
    verdict,
    unseen.length === 0 ? '' : `, ${countOf(unseen.length, 'database')} not looked at`,
    '.',
  ]
}

function renderTarget(target: TargetInspection, page: Page): readonly Line[] {
  const registry = target.registry ? [] : ['no registry yet']
  return [
    ...wrapLine(targetHeading(target.target, ...registry), page.columns, 2),
    ...target.families.flatMap((family) => renderFamily(family, page)),
    ...bad(target.doubts, page),
    ...bad(
      target.strayHolds.map(
        (table) => `\`${table}\` has a hold name, but no shard in the registry is on hold under that name.`,
      ),
      page,
    ),
    ...target.capacity.flatMap((report) => renderCapacity(report, page)),
  ]
}

function bad(sentences: readonly string[], page: Page): readonly Line[] {
  return sentences.flatMap((sentence) => wrapLine(['  ', symbol('bad'), ` ${sentence}`], page.columns, 4))
}

function renderFamily(family: FamilyInspection, page: Page): readonly Line[] {
  const sign = symbol(countFamilyFindings(family) > 0 ? 'bad' : 'good')
  const facts = [countOf(family.tables, 'shard'), ...describeHeadroom(family), ...describeSuccess(family)].join(', ')
  const details = [...describeTables(family, page), ...describeDrift(family.drift, page), ...describeKept(family)]
  return [
    ...wrapLine(['  ', sign, ' ', toned('strong', family.family), `: ${facts}`], page.columns, 4),
    ...details.flatMap((detail) => wrapLine(['      ', ...detail], page.columns, 8)),
  ]
}

function describeHeadroom({ headroom }: FamilyInspection): readonly string[] {
  if (headroom === null) return []
  return [headroom === 0 ? 'none for the current period' : `enough for ${formatSeconds(headroom / 1000)}`]
}

function describeSuccess({ lastSuccessAt }: FamilyInspection): readonly string[] {
  return lastSuccessAt === null ? [] : [`rotated ${formatMinute(lastSuccessAt)}`]
}

function describeTables(family: FamilyInspection, page: Page): readonly Line[] {
  const {
    missing,
    holes,
    unexpected,
    unregistered,
    lost,
    losses,
    overdue,
    unsettled,
    unchecked,
    misplaced = [],
    movedTo,
  } = family
  const names = (list: readonly { readonly table: string }[]): string =>
    listSome(
      list.map(({ table }) => table),
      page,
    )
  const states = lost.map(({ table, state }) => `${table} (${state})`)
  return [
    ...(movedTo === undefined ? [] : withLabel('warning', 'has moved', 1, describeMoved(family.family, movedTo))),
    ...withLabel('bad', 'missing', missing.length, names(missing)),
    ...withLabel('bad', 'holes', holes.length, names(holes)),
    ...withLabel('bad', 'in the registry, but gone', lost.length, listSome(states, page)),
    ...losses.flatMap((loss) => withLabel('bad', 'rows are lost', 1, describeLoss(loss))),
    ...overdue.flatMap(({ table, since }) =>
      withLabel(
        'bad',
        'overdue',
        1,
        `\`${table}\`. Writes have kept it from being put on hold since ${formatMinute(since)}.`,
      ),
    ),
    ...withLabel('bad', 'not in the registry', unregistered.length, listSome(unregistered, page)),
    ...unexpected.flatMap(({ table, why }) => withLabel('bad', 'unexpected', 1, `${table}. ${why}`)),
    ...misplaced.flatMap(({ table, why }) => withLabel('bad', 'rows outside their period', 1, `${table}. ${why}`)),
    ...family.contradictions.flatMap(({ what, why, next }) =>
      withLabel('bad', 'contradiction', 1, `${what} ${why} ${next}`),
    ),
    ...unchecked.flatMap((sentence) => withLabel('bad', 'not checked', 1, sentence)),
    ...withLabel('warning', 'in progress, or interrupted', unsettled.length, names(unsettled)),
  ]
}

function describeLoss({ table, state, rows, at }: ShardLoss): string {
  const counted = rows === null ? 'its rows were never counted' : `${countOf(rows, 'row')} when they were last counted`
  return `\`${table}\` was dropped outside of wwdb while it was ${state}; ${counted}; found ${formatMinute(at)}.`
}

function withLabel(tone: 'bad' | 'warning', label: string, count: number, text: string): readonly Line[] {
  return count === 0 ? [] : [[toned(tone, label), `: ${text}`]]
}

const references: Readonly<Record<DriftReport['reference'], string>> = {
  template: 'the template',
  recorded: 'the template',
  majority: 'each other',
  nothing: 'the template',
}

function describeDrift(drift: DriftReport, page: Page): readonly Line[] {
  const { groups, behind, like, templateChanged, version } = drift
  const lines: Line[] = groups.map(({ tables, differences }) => {
    const many = tables.length > 1
    const what =
      differences === null || differences.length === 0
        ? `${many ? 'differ' : 'differs'} from the template`
        : differences.map((one) => describeDifference(one, many)).join('; ')
    return [toned('bad', `${groupDigits(tables.length)} ${what}`), `: ${listSome(tables, page)}`]
  })
  if (groups.length > 0) lines.unshift([`${groupDigits(like)} like ${references[drift.reference]}`])
  lines.push(
    ...behind.map(
      ({ version: old, tables }): Line => [
        toned('bad', `${groupDigits(tables.length)} at version ${old} of ${version}`),
        `: ${listSome(tables, page)}`,
      ],
    ),
  )
  if (templateChanged)
    lines.push([toned('bad', `the template's file is not version ${version}`), ', from which shards are created'])
  return lines
}

function describeKept({ held, protected: shards, sampled }: FamilyInspection): readonly Line[] {
  const size = held.bytes === null ? '' : `, ${formatSize(held.bytes)}`
  return [
    ...(sampled === undefined ? [] : [[describeSampled(sampled)]]),
    ...(held.tables === 0 ? [] : [[`waiting to be dropped: ${countOf(held.tables, 'table')}${size}`]]),
    ...shards.map(
      ({ table, reason, by, at }): Line => [`protected by ${by} since ${formatMinute(at)}: ${table} (${reason})`],
    ),
  ]
}

function describeSampled({ shards, rows, lastTimes, unordered }: NonNullable<FamilyInspection['sampled']>): string {
  const parts = [
    `read at the borders of ${countOf(shards, 'shard')}: ${countOf(rows, 'row')}, and no others`,
    ...(lastTimes === 0 ? [] : [`of ${countOf(lastTimes, 'shard')} without a primary key, the last times alone`]),
    ...(unordered === 0
      ? []
      : [`of ${countOf(unordered, 'shard')} without a primary key and an index of the time, some rows in no order`]),
  ]
  return parts.join('; ')
}

function renderCapacity({ limit, value, needed, state, advice }: CapacityReport, page: Page): readonly Line[] {
  if (state === 'enough') return []
  if (state === 'unknown') {
    return page.verbose ? wrapLine(['  ', symbol('idle'), ` ${limit} could not be read.`], page.columns, 4) : []
  }
  const sentence =
    limit === 'disk'
      ? `The disk has ${formatSize(value ?? 0)} left, but ${formatSize(needed)} should stay free.`
      : `${limit} is ${value}, but ${needed} are needed.`
  return wrapLine(['  ', symbol('bad'), ` ${sentence} ${advice ?? ''}`.trimEnd()], page.columns, 4)
}

function advise({ targets, findings }: ShardCheckResult): readonly string[] {
  if (findings === 0) return []
  const families = targets.filter((target) => countFindings(target) > 0).flatMap((target) => target.families)
  const some = (has: (family: FamilyInspection) => boolean, advice: string): readonly string[] =>
    families.some(has) ? [advice] : []
  return [
    ...some(({ missing, holes }) => missing.length + holes.length > 0, '`wwdb rotate run` creates what is missing.'),
    ...some(
      ({ losses, lost }) => losses.length + lost.length > 0,
      'Restore lost rows from a backup if they matter; `wwdb shards repair --acknowledge-loss KEY` records that the loss is known.',
    ),
    ...some(
      ({ overdue }) => overdue.length > 0,
      'Stop the writers of overdue shards; rotation then puts them on hold.',
    ),
    ...some(({ unregistered }) => unregistered.length > 0, '`wwdb shards adopt` adds tables to the registry.'),
    ...some(
      ({ drift }) => drift.groups.length > 0,
      '`wwdb shards diff` compares with the template itself; with `--sql` it prints the statements, and `wwdb shards repair` runs them.',
    ),
    ...some(
      ({ drift }) => drift.behind.length > 0,
      '`wwdb migrate` continues a change that has not reached every shard.',
    ),
    ...some(
      ({ drift }) => drift.templateChanged,
      'Write the change as a migration with `-- wwdb:shards`, or revert it in the file.',
    ),
  ]
}

/** The first of many names, all with --verbose: `a, b, c and 9 more`. */
export function listSome(names: readonly string[], { verbose }: Page): string {
  const shown = verbose ? names : names.slice(0, 3)
  const more = names.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}

/** Databases that could not be checked, each with the reason. */
export function renderUnseen(unseen: readonly UnseenTarget[], page: Page): readonly Line[] {
  return unseen.flatMap(({ target, fault }) => [
    ...wrapLine(targetHeading(target, 'not looked at'), page.columns, 2),
    ...renderFault(fault, page),
  ])
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly 'shard-check': ShardCheckResult
  }
}
