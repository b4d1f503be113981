import { flux, fluxDateTime, Point } from '@influxdata/influxdb-client'
import { DeleteAPI, WriteAPI } from '@influxdata/influxdb-client-apis'
import type { Canary, CanaryPoint, FieldValues, TimeSpan } from '../ports.ts'
import type { InfluxPlace } from './place.ts'

export async function writeCanary(
  { ask }: InfluxPlace,
  { organizationId, measurement, run }: Canary,
  bucket: string,
  points: readonly CanaryPoint[],
): Promise<void> {
  const body = points
    .map(({ time, value }) =>
      new Point(measurement).tag('run', run).floatField('value', value).timestamp(time).toLineProtocol(),
    )
    .join('\n')
  const org = organizationId
  await ask(`Writing a point to ${bucket}`, (client) =>
    new WriteAPI(client).postWrite({ org, orgID: org, bucket, precision: 'ms', body }),
  )
}

interface ValueRow {
  readonly _field: string
  readonly _value: number
}

export async function readCanary(
  { ask }: InfluxPlace,
  { organizationId, measurement, run }: Canary,
  bucket: string,
  { from, to }: TimeSpan,
): Promise<FieldValues> {
  const query = flux`
    from(bucket: ${bucket})
      |> range(start: ${instant(from)}, stop: ${instant(to)})
      |> filter(fn: (r) => r._measurement == ${measurement} and r.run == ${run})
      |> keep(columns: ["_field", "_value"])`
  const rows = await ask(`Reading from ${bucket}`, (client) =>
    client.getQueryApi(organizationId).collectRows<ValueRow>(query),
  )
  return new Map(rows.map(({ _field, _value }) => [_field, _value]))
}

export async function removeCanary(
  { ask }: InfluxPlace,
  { organizationId, measurement, run }: Canary,
  bucket: string,
  { from, to }: TimeSpan,
): Promise<void> {
  const predicate = `_measurement="${measurement}"${run === '' ? '' : ` AND run="${run}"`}`
  const body = { start: new Date(from).toISOString(), stop: new Date(to).toISOString(), predicate }
  await ask(`Removing points from ${bucket}`, (client) =>
    new DeleteAPI(client).postDelete({ body, orgID: organizationId, bucket }),
  )
}

function instant(time: number): ReturnType<typeof fluxDateTime> {
  return fluxDateTime(new Date(time).toISOString())
}
