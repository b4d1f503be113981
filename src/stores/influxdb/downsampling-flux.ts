import type { Aggregate, DownsamplingDeclaration } from './declaration.ts'
import { fluxDuration, fluxString } from './flux-text.ts'

/** The measurement that `verify` writes and takes away again. Every task lets it through. */
export const canaryMeasurement = 'wwdb_canary'

/**
 * The script of a downsampling task. A run takes whole windows only, the last one ending at or before the time it was due, and
 * goes back further than the run before it began: whoever runs it again, late or twice, writes the same points again. A point
 * stands at the start of its window, in the same measurement and with the same tags, as field `<field>_<aggregate>`. Numbers
 * become floats first, since a field that is an integer here and a float there could not share a field in the other bucket.
 */
export function downsamplingFlux(task: DownsamplingDeclaration): string {
  const window = fluxDuration(task.windowSeconds)
  const timing = `every: ${fluxDuration(task.everySeconds)}, offset: ${fluxDuration(task.offsetSeconds)}`
  return `// Written by wwdb from its declaration: change it there.
import "date"
import "types"

option task = {name: ${fluxString(task.name)}, ${timing}}

end = date.truncate(t: now(), unit: ${window})
begin = date.sub(d: ${fluxDuration(task.lookBackSeconds)}, from: end)

numbers =
    from(bucket: ${fluxString(task.from)})
        |> range(start: begin, stop: end)
${measurementFilter(task.measurements)}        |> filter(
            fn: (r) =>
                types.isType(v: r._value, type: "float") or types.isType(v: r._value, type: "int") or types.isType(
                    v: r._value,
                    type: "uint",
                ),
        )
        |> toFloat()

condense = (tables=<-, fn, suffix) =>
    tables
        |> aggregateWindow(every: ${window}, fn: fn, createEmpty: false, timeSrc: "_start")
        |> map(fn: (r) => ({r with _field: r._field + suffix}))
        |> to(bucket: ${fluxString(task.to)})

${task.aggregates.map(aggregateLine).join('\n')}
`
}

function measurementFilter(measurements: readonly string[]): string {
  if (measurements.length === 0) return ''
  const wanted = [...measurements, canaryMeasurement].map((name) => `r._measurement == ${fluxString(name)}`)
  return `        |> filter(fn: (r) => ${wanted.join(' or ')})\n`
}

/** Each result of a script needs a name of its own. */
function aggregateLine(aggregate: Aggregate): string {
  return `numbers |> condense(fn: ${aggregate}, suffix: "_${aggregate}") |> yield(name: "${aggregate}")`
}
