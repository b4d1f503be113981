import type { StoreKind } from '../core/store.ts'

/** A line of releases, and the last day on which its maker fixes faults of security. */
interface ReleaseLine {
  /** The beginning of its versions: `8.0`. */
  readonly line: string
  /** `2026-04-30` */
  readonly end: string
}

/**
 * Ends of life as endoflife.date collects them from the makers: Oracle's Lifetime Support Policy (an innovation release of MySQL ends with the next
 * one), the Node.js release schedule, the support policies of Redis and MongoDB. Read in November 2026. A line whose end was not found there is not
 * listed, and gives no finding; so is all of Elasticsearch 8 and 9, and InfluxDB.
 */
const endsOfLife: Readonly<Record<'mysql' | 'node' | StoreKind, readonly ReleaseLine[]>> = {
  mysql: [
    { line: '8.0', end: '2026-04-30' },
    { line: '8.1', end: '2023-10-25' },
    { line: '8.2', end: '2023-12-14' },
    { line: '8.3', end: '2024-04-10' },
    { line: '8.4', end: '2032-04-30' },
    { line: '9.0', end: '2024-10-15' },
    { line: '9.1', end: '2025-01-21' },
    { line: '9.2', end: '2025-04-15' },
    { line: '9.3', end: '2025-07-22' },
    { line: '9.4', end: '2025-10-21' },
    { line: '9.5', end: '2026-01-20' },
    { line: '9.6', end: '2026-04-21' },
    { line: '9.7', end: '2034-04-21' },
  ],
  node: [
    { line: '20', end: '2026-04-30' },
    { line: '21', end: '2024-06-01' },
    { line: '22', end: '2027-04-30' },
    { line: '23', end: '2025-06-01' },
    { line: '24', end: '2028-04-30' },
    { line: '25', end: '2026-06-01' },
  ],
  redis: [
    { line: '6.2', end: '2025-02-28' },
    { line: '7.0', end: '2024-07-29' },
    { line: '7.2', end: '2026-02-28' },
  ],
  mongodb: [
    { line: '6.0', end: '2025-07-31' },
    { line: '7.0', end: '2027-08-31' },
    { line: '8.0', end: '2029-10-31' },
  ],
  elasticsearch: [{ line: '7', end: '2026-01-15' }],
  influxdb: [],
}

/** The last day of a version's support where it is over; null where it is not, or is not known. */
export function endedOn(product: keyof typeof endsOfLife, version: string, now: number): string | null {
  const end = endsOfLife[product].find(({ line }) => version === line || version.startsWith(`${line}.`))?.end
  return end !== undefined && now >= Date.parse(`${end}T00:00:00Z`) + 86_400_000 ? end : null
}
