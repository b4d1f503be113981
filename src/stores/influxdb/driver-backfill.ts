import { type Label, LabelsAPI } from '@influxdata/influxdb-client-apis'
import type { InfluxPlace } from './driver-connection.ts'
import { statusOf } from './errors.ts'
import type { BackfillPosition } from './ports.ts'

/** Where a backfill is, is in a label of the organization, which is removed at its end: InfluxDB keeps nothing else of that kind. */
const nameOf = ({ task }: BackfillPosition): string => `wwdb-backfill ${task}`

/** The end of what is done, in milliseconds since the epoch; null where this range was not begun. */
export async function readBackfill(
  place: InfluxPlace,
  orgID: string,
  position: BackfillPosition,
): Promise<number | null> {
  const label = await findLabel(place, orgID, position)
  const { range, done } = label?.properties ?? {}
  return range === position.range && done !== undefined ? Number(done) : null
}

export async function keepBackfill(
  place: InfluxPlace,
  orgID: string,
  position: BackfillPosition,
  done: number,
): Promise<void> {
  const label = await findLabel(place, orgID, position)
  const properties = { range: position.range, done: String(done) }
  await place.ask('Keeping the position of the backfill', async (client) => {
    const labels = new LabelsAPI(client)
    if (label?.id === undefined) await labels.postLabels({ body: { orgID, name: nameOf(position), properties } })
    else await labels.patchLabelsID({ labelID: label.id, body: { properties } })
  })
}

export async function forgetBackfill(place: InfluxPlace, orgID: string, position: BackfillPosition): Promise<void> {
  const label = await findLabel(place, orgID, position)
  const labelID = label?.id
  if (labelID === undefined) return
  await place.ask('Removing the position of the backfill', async (client) => {
    try {
      await new LabelsAPI(client).deleteLabelsID({ labelID })
    } catch (error) {
      if (statusOf(error) !== 404) throw error
    }
  })
}

async function findLabel(place: InfluxPlace, orgID: string, position: BackfillPosition): Promise<Label | null> {
  const { labels = [] } = await place.ask('Reading the position of the backfill', (client) =>
    new LabelsAPI(client).getLabels({ orgID }),
  )
  return labels.find(({ name }) => name === nameOf(position)) ?? null
}
