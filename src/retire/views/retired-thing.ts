import { nameServer } from '../../core/server-place.ts'
import { renderFault } from '../../terminal/human/fault.ts'
import { type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { RetiredThing } from '../retired-thing.ts'

/** One retired thing, as `retire list`, `retire run` and `rotate run` show it. */
export function renderRetiredThing(thing: RetiredThing, dryRun: boolean, page: Page): readonly Line[] {
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
      return wrapLine([`      on ${nameServer(use.server, '')}${at}${who}: ${use.what}`], page.columns, 8)
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
