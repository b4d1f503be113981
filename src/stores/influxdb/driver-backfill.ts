import { type Label, LabelsAPI } from '@influxdata/influxdb-client-apis'
import * as z from 'zod/mini'
import type { InfluxPlace } from './driver-connection.ts'
import { statusOf } from './errors.ts'
import { toTime } from './plan-backfill.ts'
import type { BackfillPosition } from './ports.ts'

/** A property without a value would be removed. */
const open = 'open'

/**
 * The position of a backfill is in a label of the organization, which is removed at its end: InfluxDB keeps nothing else of that kind. Each range has its own, so
 * that none takes the place of another.
 */
function nameOf({ task, from, end }: BackfillPosition): string {
  return `wwdb-backfill ${task} ${toTime(from)} ${end === null ? open : toTime(end)}`
}

const time = z.string().check(z.regex(/^-?\d+$/))

const properties = z.object({
  task: z.string(),
  script: z.string(),
  from: time,
  to: time,
  end: z.union([z.literal(open), time]),
  done: time,
})

/** Null for a label of something else. */
function toPosition(label: Label): BackfillPosition | null {
  const found = properties.safeParse(label.properties)
  if (label.name?.startsWith('wwdb-backfill ') !== true || !found.success) return null
  const { task, script, from, to, end, done } = found.data
  return {
    task,
    script,
    from: Number(from),
    to: Number(to),
    end: end === open ? null : Number(end),
    done: Number(done),
  }
}

/** The positions of a task's unfinished backfills. */
export async function readBackfills(
  place: InfluxPlace,
  orgID: string,
  task: string,
): Promise<readonly BackfillPosition[]> {
  const labels = await listLabels(place, orgID)
  return labels.flatMap((label) => toPosition(label) ?? []).filter((position) => position.task === task)
}

export async function keepBackfill(place: InfluxPlace, orgID: string, position: BackfillPosition): Promise<void> {
  const label = await findLabel(place, orgID, position)
  const { task, script, from, to, end, done } = position
  const kept = {
    task,
    script,
    from: String(from),
    to: String(to),
    end: end === null ? open : String(end),
    done: String(done),
  }
  await place.ask('Keeping the position of the backfill', async (client) => {
    const labels = new LabelsAPI(client)
    if (label?.id === undefined) await labels.postLabels({ body: { orgID, name: nameOf(position), properties: kept } })
    else await labels.patchLabelsID({ labelID: label.id, body: { properties: kept } })
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
  const labels = await listLabels(place, orgID)
  return labels.find(({ name }) => name === nameOf(position)) ?? null
}

async function listLabels(place: InfluxPlace, orgID: string): Promise<readonly Label[]> {
  const { labels = [] } = await place.ask('Reading the position of the backfill', (client) =>
    new LabelsAPI(client).getLabels({ orgID }),
  )
  return labels
}
