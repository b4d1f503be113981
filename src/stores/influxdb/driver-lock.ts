import { type Label, LabelsAPI } from '@influxdata/influxdb-client-apis'
import type { LeaseClaim, LeaseHolder, LeasePlace } from '../lease.ts'
import type { InfluxPlace } from './driver-connection.ts'
import { findOrganization } from './driver-observe.ts'
import { isFresh, onceSetUp } from './driver-setup.ts'
import { statusOf } from './errors.ts'

const lockName = 'wwdb-setup-lock'

/** The server's clock is read from the `Date` of its answers, which has no fractions: a lease ends that much later. */
const clockStep = 1000

interface Seen {
  /** The organization; null where the server or the organization is not set up. */
  readonly orgID: string | null
  readonly label: Label | null
  /** Milliseconds since the epoch, by the server. */
  readonly now: number
}

/**
 * A label of the organization: their names are unique, so of several that create it one succeeds; what is over is removed by its id, which only
 * one label ever had, and created again. InfluxDB has no write that depends on another one.
 */
export function lockLabel(place: InfluxPlace, organization: string): LeasePlace {
  let own: string | null = null
  const look = (): Promise<Seen> => findLabel(place, organization)
  return {
    take: async (claim) => {
      const { orgID, label, now } = await look()
      if (orgID === null) return { type: 'no-place' }
      const holder = label === null ? null : holderOf(label, now)
      if (holder !== null && holder.left > 0) return { type: 'held', by: holder }
      if (label !== null) await removeLabel(place, label.id ?? '')
      own = await createLabel(place, orgID, propertiesOf(claim, now, now))
      return own === null ? { type: 'held', by: null } : { type: 'taken' }
    },
    renew: async (claim) => {
      const { label, now } = await look()
      if (own === null || label?.id !== own) return false
      const since = Number(label.properties?.['since'] ?? now)
      return updateLabel(place, own, propertiesOf(claim, since, now))
    },
    release: async () => {
      if (own !== null) await removeLabel(place, own)
      own = null
    },
    read: async () => {
      const { label, now } = await look()
      return label === null ? null : holderOf(label, now)
    },
  }
}

function propertiesOf({ owner, holder, milliseconds }: LeaseClaim, since: number, now: number): Record<string, string> {
  return { owner, holder, since: String(since), until: String(now + milliseconds + clockStep) }
}

function holderOf({ properties = {} }: Label, now: number): LeaseHolder {
  const { holder = '', since, until } = properties
  return { holder, heldFor: now - Number(since ?? now), left: Number(until ?? 0) - now }
}

async function findLabel(place: InfluxPlace, organization: string): Promise<Seen> {
  const nothing = { orgID: null, label: null, now: 0 }
  if (await isFresh(place)) return nothing
  const found = await onceSetUp(place, () => findOrganization(place, organization))
  if (found === null) return nothing
  const orgID = found.id
  let now = Number.NaN
  const { labels = [] } = await place.ask('Reading the lock of setup', (client) =>
    new LabelsAPI(client).getLabels(
      { orgID },
      {
        responseStarted: (headers) => {
          now = Date.parse(String(headers['date']))
        },
      },
    ),
  )
  // A proxy may take the header away.
  return {
    orgID,
    label: labels.find(({ name }) => name === lockName) ?? null,
    now: Number.isNaN(now) ? Date.now() : now,
  }
}

/** Its id; null where another applier was faster. */
function createLabel({ ask }: InfluxPlace, orgID: string, properties: Record<string, string>): Promise<string | null> {
  return ask('Creating the lock of setup', async (client) => {
    try {
      const { label } = await new LabelsAPI(client).postLabels({ body: { orgID, name: lockName, properties } })
      return label?.id ?? null
    } catch (error) {
      const status = statusOf(error)
      if (status === 422 || status === 409) return null
      throw error
    }
  })
}

/** False where it is gone. */
function updateLabel({ ask }: InfluxPlace, labelID: string, properties: Record<string, string>): Promise<boolean> {
  return ask('Renewing the lock of setup', async (client) => {
    try {
      await new LabelsAPI(client).patchLabelsID({ labelID, body: { properties } })
      return true
    } catch (error) {
      if (statusOf(error) === 404) return false
      throw error
    }
  })
}

function removeLabel({ ask }: InfluxPlace, labelID: string): Promise<void> {
  return ask('Removing the lock of setup', async (client) => {
    try {
      await new LabelsAPI(client).deleteLabelsID({ labelID })
    } catch (error) {
      if (statusOf(error) !== 404) throw error
    }
  })
}
