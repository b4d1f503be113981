import { countOf } from '../../core/plural.ts'
import { type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, type Span, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import { type LiveTrial, nameTime } from '../plan/live-trial.ts'

/** More of a text than this is left out. */
const longest = 300

/** The live statements of a database, those first that break. */
export function renderLiveTrial(trial: LiveTrial, page: Page): readonly Line[] {
  const { database, broken, untried, unproven, notes } = trial
  // One may be read in another way and have another result.
  const changed = new Set(broken.map(({ digest }) => digest)).size
  const bad = changed === 0 ? [] : [', ', toned('bad', `${changed} of them changed by it`)]
  return [
    ...wrapLine([toned('strong', database), ': ', describeTried(trial), ...bad, '.'], page.columns, 2),
    ...broken.flatMap((one) => renderBroken(one, page)),
    ...untried.flatMap(({ why, statements }) =>
      wrapLine(['  ', symbol('warning'), ` ${countOf(statements, 'statement')} not tried: ${why}.`], page.columns, 4),
    ),
    ...describeResults(trial).flatMap((line) => wrapLine(['  ', ...line], page.columns, 4)),
    ...unproven.flatMap((why) => wrapLine(['  ', symbol('bad'), ` ${why}`], page.columns, 4)),
    ...notes.flatMap((note) => wrapLine(['  ', symbol('warning'), ` ${note}`], page.columns, 4)),
  ]
}

function describeTried({ tried, tables, unproven, within }: LiveTrial): Span | string {
  if (tried > 0) return `${countOf(tried, 'live statement')} tried before and after the migration`
  if (unproven.length > 0) return toned('bad', 'no live statement was tried: this proves nothing')
  return `no live statement of the last ${nameTime(within)} names ${tables.map((name) => `\`${name}\``).join(' or ')}`
}

/** What was compared on rows that were made, and what was not. */
function describeResults({ results }: LiveTrial): readonly Line[] {
  if (results === undefined) return []
  const { compared, uncompared } = results
  return [
    [`Results of ${countOf(compared, 'statement')} compared on rows that were made for it.`],
    ...uncompared.map(
      ({ why, statements }): Line => [symbol('warning'), ` ${countOf(statements, 'result')} not compared: ${why}.`],
    ),
  ]
}

function renderBroken(one: LiveTrial['broken'][number], page: Page): readonly Line[] {
  const { text, servers, count, lastSeen, change, before, after } = one
  const shown = text.length > longest ? `${text.slice(0, longest - 1)}…` : text
  const places = servers.map((name) => (name === 'primary' ? 'the primary' : name)).join(', ')
  const facts = `${countOf(count, 'execution')} on ${places}, last ${lastSeen.slice(0, 19).replace('T', ' ')} UTC`
  const what = {
    fails: `fails: ${after}`,
    reads: `reads ${after}, before ${before}.`,
    result: `result: ${after}, before ${before}.`,
  }
  return [
    ...wrapLine(['  ', symbol(change === 'fails' ? 'bad' : 'warning'), ` ${shown}`], page.columns, 4),
    ...wrapLine(
      ['    ', toned(change === 'fails' ? 'bad' : 'warning', what[change]), toned('faint', ` ${facts}`)],
      page.columns,
      4,
    ),
  ]
}
