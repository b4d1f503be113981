import { formatMinute } from '../../core/instant.ts'
import { countOf } from '../../core/plural.ts'
import { renderFault } from '../../terminal/human/fault.ts'
import { nextLines, type Page, paragraph, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { alignTable } from '../../terminal/text/table.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { ShardListing, TemplateCheck } from '../answers.ts'
import type { UnseenTarget } from '../inspection.ts'
import { renderUnseen } from './shards-check-view.ts'

/** The answer of `template check`. */
export interface TemplatesResult {
  readonly kind: 'templates'
  readonly templates: readonly TemplateCheck[]
}

/** The answer of `shards list`. */
export interface ShardListResult {
  readonly kind: 'shard-list'
  readonly shards: readonly ShardListing[]
  readonly unseen: readonly UnseenTarget[]
}

/** The answer of `shards locate`. */
export interface ShardLocationResult {
  readonly kind: 'shard-location'
  readonly family: string
  readonly database: string
  readonly key: string
  readonly table: string
  /** Bounds of its period, ISO 8601, UTC; null for a key. */
  readonly from: string | null
  readonly to: string | null
  /** Its state on the server; null where the server was not asked. */
  readonly shard: ShardListing | null
  /** Sentences: where the family's header contradicts the record. The answer then follows the record. */
  readonly doubts: readonly string[]
}

/** The answer of `shards publish`. */
export interface PublicationResult {
  readonly kind: 'publication'
  /** Redis, as host:port. */
  readonly server: string
  readonly keys: { readonly map: string; readonly generation: string }
  /** `database.family`. */
  readonly families: readonly string[]
  readonly generation: number
  readonly changed: boolean
}

export const templatesView: View<TemplatesResult> = {
  render: renderTemplates,
}

export const shardListView: View<ShardListResult> = {
  render: renderShardList,
}

export const shardLocationView: View<ShardLocationResult> = {
  render: renderShardLocation,
}

export const publicationView: View<PublicationResult> = {
  render: renderPublication,
}

/** A row per shard: its name, its content and its state. */
function renderShardList({ shards, unseen }: ShardListResult, page: Page): readonly Line[] {
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

function describeRest({ state, rows, hold, archive, partitionOf, protected: reason }: ShardListing): string {
  const parts = [
    partitionOf === undefined ? null : `partition of ${partitionOf}`,
    rows === null ? null : countOf(rows, 'row'),
    // The registry remembers the hold name of a dropped shard: that table no longer exists.
    hold === null || state === 'dropped' ? null : `in ${hold.table} until ${formatMinute(hold.until)}`,
    archive === null ? null : `archived in ${archive}`,
    reason === null ? null : `protected: ${reason}`,
  ]
  return parts.filter((part) => part !== null).join(', ')
}

/** The table first, for a person who wants nothing else. */
function renderShardLocation(result: ShardLocationResult, page: Page): readonly Line[] {
  const { database, table, key, shard } = result
  const period = describePeriod(result)
  const where: Line = [
    toned('strong', `${database}.${table}`),
    period === '' ? `, key ${key}` : `, ${key}: ${period} UTC`,
  ]
  if (shard === null) return wrapLine([symbol('idle'), ' ', ...where], page.columns, 2)
  const doubts = result.doubts.flatMap((doubt) =>
    wrapLine(['    ', toned('warning', 'contradiction'), `: ${doubt}`], page.columns, 4),
  )
  const { state } = shard
  const sign = symbol(state === 'live' || state === 'sealed' ? 'good' : state === 'unregistered' ? 'warning' : 'bad')
  const rest = describeRest(shard)
  return [
    ...wrapLine([sign, ' ', ...where], page.columns, 2),
    ...wrapLine(['    ', ...describeState(shard), rest === '' ? '' : `: ${rest}`], page.columns, 4),
    ...doubts,
    ...nextLines(adviseOn(shard), page),
  ]
}

function adviseOn({ state, family, key, archive }: ShardListing): readonly string[] {
  switch (state) {
    case 'missing':
    case 'lost':
      return ['`wwdb rotate run` creates the shards that the policy requires.']
    case 'unregistered':
      return ['`wwdb shards adopt` adds it to the registry.']
    case 'held':
    case 'archived':
      return [`\`wwdb shards restore --family ${family} --key ${key}\` restores it.`]
    case 'dropped':
      return archive === null
        ? []
        : [`\`wwdb shards restore --family ${family} --key ${key}\` restores it from its archive.`]
    default:
      return []
  }
}

/** What was published, and the generation that readers will see. */
function renderPublication(result: PublicationResult, page: Page): readonly Line[] {
  const { server, keys, families, generation, changed } = result
  const what = `${countOf(families.length, 'family').replace('familys', 'families')}: ${families.join(', ')}`
  const said: Line = changed
    ? [symbol('good'), ` published as generation ${generation} of `, toned('strong', keys.map), ` at ${server}`]
    : [symbol('idle'), ` generation ${generation} of `, toned('strong', keys.map), ` at ${server} is unchanged`]
  return [...wrapLine(said, page.columns, 2), ...wrapLine([`  ${what} (${keys.generation})`], page.columns, 4)]
}

/** Each template with the table that the server created from it. */
function renderTemplates({ templates }: TemplatesResult, page: Page): readonly Line[] {
  const faulty = templates.filter(({ faults }) => faults.length > 0).length
  const verdict = faulty === 0 ? toned('good', 'as written') : toned('bad', `${faulty} not as written`)
  return [
    ...templates.flatMap((template) => renderTemplate(template, page)),
    ...wrapLine([`${countOf(templates.length, 'template')}: `, verdict, '.'], page.columns, 2),
  ]
}

function renderTemplate({ family, file, tables, server, faults, changes }: TemplateCheck, page: Page): readonly Line[] {
  const good = faults.length === 0
  const tried = toned('faint', ` ${file}, tried as ${tables.join(' and ')} on ${server}`)
  return [
    ...wrapLine([symbol(good ? 'good' : 'bad'), ' ', toned('strong', family), tried], page.columns, 2),
    ...faults.flatMap((fault) => renderFault(fault, page)),
    ...changes.flatMap((change) => paragraph(['    '], change, 4, page)),
  ]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly templates: TemplatesResult
    readonly 'shard-list': ShardListResult
    readonly 'shard-location': ShardLocationResult
    readonly publication: PublicationResult
  }
}
