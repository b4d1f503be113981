import { nextLines, type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { alignTable } from '../../terminal/text/table.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import { describeBound, formatValue, isOver, nameReading, type Reading } from '../reading.ts'

/** The readings of one server, with those of the replicas. */
interface ThrottledServer {
  readonly server: string
  /** The databases that are on it. */
  readonly databases: readonly string[]
  readonly readings: readonly Reading[]
}

/** The answer of `throttle`. */
export interface ThrottleResult {
  readonly kind: 'throttle'
  /** `off` where the bounds are ignored. */
  readonly mode: 'on' | 'off'
  /** False where no bound is set: then heavy work never waits. */
  readonly bounded: boolean
  readonly servers: readonly ThrottledServer[]
}

export const throttleView: View<ThrottleResult> = {
  render: ({ mode, bounded, servers }, page) => [
    ...servers.flatMap((server) => renderServer(server, page)),
    ...wrapLine(describeEnd({ mode, bounded, servers }), page.columns),
    ...nextLines(
      bounded || mode === 'off' ? [] : ['Set bounds in `throttle` of the configuration, at least `lag`.'],
      page,
    ),
  ],
}

function renderServer({ server, databases, readings }: ThrottledServer, page: Page): readonly Line[] {
  const heading: Line = [toned('strong', server), toned('faint', ` ${databases.join(', ')}`)]
  const rows = readings.map((reading): readonly Line[] => {
    const over = isOver(reading)
    const sign = over ? symbol('bad') : reading.bound === null ? symbol('idle') : symbol('good')
    const bound = over ? toned('bad', describeBound(reading)) : toned('faint', describeBound(reading))
    return [[sign, ' ', nameReading(reading)], [describeNow(reading)], [bound]]
  })
  return [
    ...wrapLine(heading, page.columns, 2),
    ...alignTable(rows, { columns: page.columns, indent: 2, flexible: [1] }),
  ]
}

function describeNow({ measure, value, why }: Reading): string {
  if (value === null) return `not known: ${why}`
  if (measure !== 'window') return formatValue(measure, value)
  return value === 0 ? 'open' : `opens in ${formatValue(measure, value)}`
}

function describeEnd({ mode, bounded, servers }: Omit<ThrottleResult, 'kind'>): Line {
  const over = servers.flatMap(({ readings }) => readings).filter(isOver).length
  if (mode === 'off') return ['The bounds are ignored: `throttle.mode` is `off`.']
  if (!bounded) return ['No bound is set: heavy work never waits.']
  if (over === 0) return ['Heavy work would go on.']
  return [
    toned('bad', 'Heavy work would wait'),
    `: ${over === 1 ? '1 reading is over its bound' : `${over} readings are over their bounds`}.`,
  ]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly throttle: ThrottleResult
  }
}
