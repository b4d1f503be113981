import { flux, fluxDateTime } from '@influxdata/influxdb-client'
import type { OldPoints } from '../observation.ts'
import type { InfluxPlace } from './place.ts'

/** The first instant that InfluxDB can keep lies in 1677. */
const beginning = fluxDateTime('1677-09-22T00:00:00Z')

interface CountRow {
  readonly result: string
  readonly _measurement: string
  readonly _value: number
}

/** Counts what is older than `bound` (milliseconds since the epoch), by measurement. A series is one field with one set of tags. */
export async function countOldPoints(
  place: InfluxPlace,
  organizationId: string,
  bucket: string,
  bound: number,
): Promise<readonly OldPoints[]> {
  const query = flux`
    counts = from(bucket: ${bucket})
      |> range(start: ${beginning}, stop: ${fluxDateTime(new Date(bound).toISOString())})
      |> count()
      |> group(columns: ["_measurement"])
    counts |> sum() |> yield(name: "points")
    counts |> count() |> yield(name: "series")`
  const rows = await place.ask(`Counting the old points of ${bucket}`, (client) =>
    client.getQueryApi(organizationId).collectRows<CountRow>(query),
  )
  const series = new Map(
    rows.filter(({ result }) => result === 'series').map(({ _measurement, _value }) => [_measurement, _value]),
  )
  return rows
    .filter(({ result }) => result === 'points')
    .map(({ _measurement, _value }) => ({
      measurement: _measurement,
      points: _value,
      series: series.get(_measurement) ?? 0,
    }))
}
