import { countOf } from '../../core/plural.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import { renderFault, renderUnreached } from '../../terminal/human/fault.ts'
import { nextLines, type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { RetiredThing } from '../retired-thing.ts'

/** The answer of `retire list` and `retire run`. */
export interface RetiredResult {
  readonly kind: 'retired'
  readonly things: readonly RetiredThing[]
  readonly unreached: readonly UnreachedTarget[]
  /** True where nothing is dropped, because it was only asked for. */
  readonly dryRun: boolean
}

export const retiredView: View<RetiredResult> = {
  render: ({ things, unreached, dryRun }, page) => [
    ...things.flatMap((thing) => renderThing(thing, dryRun, page)),
    ...renderUnreached(unreached, page),
    ...wrapLine([summarize(things)], page.columns),
    ...nextLines(
      things.some(({ state }) => state !== 'dropped')
        ? ['`wwdb retire run` drops what nothing has used, `wwdb retire undo NAME` puts one back.']
        : [],
      page,
    ),
  ],
}

function summarize(things: readonly RetiredThing[]): string {
  if (things.length === 0) return 'Nothing is retired.'
  const dropped = things.filter(({ state }) => state === 'dropped').length
  const used = things.filter(({ state }) => state === 'used').length
  const failed = things.filter(({ state }) => state === 'failed').length
  const waiting = things.length - dropped
  return [
    ...(dropped === 0 ? [] : [`${countOf(dropped, 'retired thing')} dropped`]),
    ...(waiting === 0 ? [] : [`${countOf(waiting, 'thing')} retired`]),
    ...(used === 0 ? [] : [`${used} of them used`]),
    ...(failed === 0 ? [] : [`${countOf(failed, 'drop')} failed`]),
  ]
    .join(', ')
    .concat('.')
}

function renderThing(thing: RetiredThing, dryRun: boolean, page: Page): readonly Line[] {
  const { database, name, type, migration, state } = thing
  const sign =
    state === 'failed' ? symbol('bad') : state === 'used' || state === 'unproven' ? symbol('warning') : symbol('good')
  const what = describeState(thing, dryRun)
  const line: Line = ['  ', sign, ' ', toned('strong', name), ` of ${database} (${type}, ${migration}): ${what}`]
  return [
    ...wrapLine(line, page.columns, 4),
    ...thing.uses.flatMap((use) => {
      const at = use.at === null ? '' : `, last at ${toTime(use.at)}`
      const who = use.users.length === 0 ? '' : ` by ${use.users.join(', ')}`
      const place = use.server === 'primary' ? 'the primary' : `replica ${use.server}`
      return wrapLine([`      on ${place}${at}${who}: ${use.what}`], page.columns, 8)
    }),
    ...thing.notes.flatMap((note) => wrapLine([`      ${note}`], page.columns, 8)),
    ...(thing.fault === null ? [] : renderFault(thing.fault, page)),
  ]
}

const toTime = (time: string): string => `${time.slice(0, 16).replace('T', ' ')} UTC`

function describeState({ state, hold, isHidden, since, until, proof }: RetiredThing, dryRun: boolean): string {
  const kept = hold !== '' ? `on hold as ${hold}` : isHidden ? 'invisible' : 'visible, watched'
  switch (state) {
    case 'failed':
      return `${kept} since ${toTime(since)}; its drop failed.`
    case 'dropped':
      return `dropped; ${proof ?? ''}.`
    case 'unused':
      return `${kept} since ${toTime(since)}; unused: ${dryRun ? 'it would be dropped' : '`wwdb retire run` drops it'}.`
    case 'used':
      return `${kept} since ${toTime(since)}; it is used, and stays until ${toTime(until)} at least.`
    case 'unproven':
      return `${kept} since ${toTime(since)}; whether it is unused is not proven.`
    case 'waiting':
      return `${kept} since ${toTime(since)}, until ${toTime(until)} at least.`
  }
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly retired: RetiredResult
  }
}
