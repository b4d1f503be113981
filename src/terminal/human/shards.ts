import { countOf } from '../../core/plural.ts'
import type { Result } from '../../core/result.ts'
import type { ShardListing } from '../../shards/listing.ts'
import { type Line, toned } from '../text/span.ts'
import { alignTable } from '../text/table.ts'
import { wrapLine } from '../text/wrap.ts'
import { nextLines, type Page, symbol } from './page.ts'
import { renderUnseen } from './shard-names.ts'
import { formatMinute } from './time.ts'

type ListResult = Extract<Result, { readonly kind: 'shard-list' }>
type LocationResult = Extract<Result, { readonly kind: 'shard-location' }>

/** A row a shard: what it is called, what it holds and how it stands. */
export function renderShardList({ shards, unseen }: ListResult, page: Page): readonly Line[] {
  const options = { columns: page.columns, indent: 2, flexible: [4], droppable: [3] }
  return [
    ...alignTable(shards.map(toRow), options),
    ...renderUnseen(unseen, page),
    ...wrapLine([`${countOf(shards.length, 'shard')}.`], page.columns, 2),
  ]
}

function toRow(shard: ShardListing): readonly Line[] {
  return [
    [shard.table],
    describeState(shard),
    [describePeriod(shard)],
    [shard.templateVersion === null ? '' : `version ${shard.templateVersion}`],
    [describeRest(shard)],
  ]
}

function describeState({ state }: ShardListing): Line {
  const isWrong = state === 'lost' || state === 'missing' || state === 'unregistered'
  return [isWrong ? toned('bad', state) : state === 'live' ? toned('good', state) : state]
}

/** Bounds in UTC: days where they are midnights, minutes where another zone makes them something else. */
function describePeriod({ from, to }: Pick<ShardListing, 'from' | 'to'>): string {
  if (from === null || to === null) return ''
  const isMidnight = from.endsWith('T00:00:00.000Z') && to.endsWith('T00:00:00.000Z')
  const show = (time: string): string => (isMidnight ? time.slice(0, 10) : formatMinute(time))
  return `${show(from)} to ${show(to)}`
}

function describeRest({ state, rows, hold, archive, protected: reason }: ShardListing): string {
  const parts = [
    rows === null ? null : countOf(rows, 'row'),
    // The registry remembers where a shard was on hold when it was dropped: nothing is there any more.
    hold === null || state === 'dropped' ? null : `in ${hold.table} until ${formatMinute(hold.until)}`,
    archive === null ? null : `archived in ${archive}`,
    reason === null ? null : `protected: ${reason}`,
  ]
  return parts.filter((part) => part !== null).join(', ')
}

/** The table first, for a person who wants nothing else. */
export function renderShardLocation(result: LocationResult, page: Page): readonly Line[] {
  const { database, table, key, shard } = result
  const period = describePeriod(result)
  const where: Line = [
    toned('strong', `${database}.${table}`),
    period === '' ? `, key ${key}` : `, ${key}: ${period} UTC`,
  ]
  if (shard === null) return wrapLine([symbol('idle'), ' ', ...where], page.columns, 2)
  const { state } = shard
  const sign = symbol(state === 'live' || state === 'sealed' ? 'good' : state === 'unregistered' ? 'warning' : 'bad')
  const rest = describeRest(shard)
  return [
    ...wrapLine([sign, ' ', ...where], page.columns, 2),
    ...wrapLine(['    ', ...describeState(shard), rest === '' ? '' : `: ${rest}`], page.columns, 4),
    ...nextLines(adviseOn(shard), page),
  ]
}

function adviseOn({ state, family, key, archive }: ShardListing): readonly string[] {
  switch (state) {
    case 'missing':
    case 'lost':
      return ['`wwdb rotate run` makes the shards that the policy wants.']
    case 'unregistered':
      return ['`wwdb shards adopt` takes it into the registry.']
    case 'held':
    case 'archived':
      return [`\`wwdb shards restore ${family} --key ${key}\` brings it back.`]
    case 'dropped':
      return archive === null ? [] : [`\`wwdb shards restore ${family} --key ${key}\` brings it back from its archive.`]
    default:
      return []
  }
}
