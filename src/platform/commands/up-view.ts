import { formatDuration } from '../../core/duration.ts'
import { countOf } from '../../core/plural.ts'
import { storeKinds } from '../../core/store.ts'
import { renderFault } from '../../terminal/human/fault.ts'
import { nextLines, outcomeSign, type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, type Span, toned } from '../../terminal/text/span.ts'
import { alignTable } from '../../terminal/text/table.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import { noUrl, type PlatformPlace, type PlatformStepOutcome } from '../platform.ts'

/** The answer of `up`. */
export interface PlatformResult {
  readonly kind: 'platform'
  readonly steps: readonly PlatformStepOutcome[]
  readonly places: readonly PlatformPlace[]
  readonly milliseconds: number
}

export const platformView: View<PlatformResult> = {
  render: renderPlatform,
}

/** One screen: the outcome of each step, and what exists where. */
function renderPlatform(result: PlatformResult, page: Page): readonly Line[] {
  const bad = result.steps.some(({ state }) => state === 'failed' || state === 'not-started' || state === 'stopped')
  const idle = result.steps.every(({ state }) => state === 'nothing-to-do' || state === 'left-out')
  const found = result.steps.flatMap(({ findings }) => findings).length
  const state = idle ? 'There was nothing to do' : bad ? 'Not everything was done' : 'The platform is up'
  const total = found === 0 ? state : `${state}, but for ${countOf(found, 'finding')}`
  return [
    ...result.steps.flatMap((step) => renderStep(step, page)),
    ...wrapLine([toned('strong', `${total}; ${formatDuration(result.milliseconds)}.`)], page.columns),
    ...renderPlaces(result.places, page),
    ...nextLines(
      bad ? ['`wwdb up` again after fixing what failed: it continues from there.'] : [nameDetails(result.places)],
      page,
    ),
  ]
}

/** Commands that work with these places: `setup verify` refuses a store without a URL. */
function nameDetails(places: readonly PlatformPlace[]): string {
  const stores = places.filter(({ name }) => storeKinds.some((kind) => kind === name))
  const here = stores.filter(({ server }) => server !== noUrl)
  const only = here.length === stores.length ? '' : here.map(({ name }) => ` --only ${name}`).join('')
  return here.length === 0
    ? '`wwdb status` and `wwdb shards list` show details.'
    : `\`wwdb status\`, \`wwdb shards list\` and \`wwdb setup verify${only}\` show details.`
}

function renderStep(
  { step, state, summary, milliseconds, faults, findings }: PlatformStepOutcome,
  page: Page,
): readonly Line[] {
  const words = { 'nothing-to-do': '', done: '', failed: 'failed', stopped: 'stopped', 'not-started': 'not started' }
  const text = state === 'left-out' ? 'left out' : [words[state], summary].filter((part) => part !== '').join('; ')
  const took = milliseconds === 0 ? '' : ` (${formatDuration(milliseconds)})`
  const sign: Span = state === 'left-out' ? symbol('idle') : outcomeSign(state)
  return [
    ...wrapLine([sign, ' ', toned('strong', step.padEnd(7)), ` ${text}`, toned('faint', took)], page.columns, 10),
    ...faults.flatMap((fault) => renderFault(fault, page)),
    ...findings.flatMap(({ what, server, next }) => renderFault({ what, where: { server }, next }, page)),
  ]
}

/** The nodes of a cluster would leave no room for what it holds. */
function nameServers(server: string): string {
  const [first = server, ...others] = server.split(',')
  return others.length === 0 ? first : `${first} and ${others.length} more`
}

function renderPlaces(places: readonly PlatformPlace[], page: Page): readonly Line[] {
  const rows = places.map(({ name, server, holds }): readonly Line[] => [
    [toned('strong', name)],
    [nameServers(server)],
    [holds],
  ])
  return alignTable(rows, { columns: page.columns, indent: 2, flexible: [2] })
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly platform: PlatformResult
  }
}
