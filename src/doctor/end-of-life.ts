import type { StoreKind } from '../core/store.ts'

/** A line of releases, and the last day on which its maker fixes faults of security. */
interface ReleaseLine {
  /** The beginning of its versions: `8.0`. */
  readonly line: string
  /** `2026-04-30` */
  readonly end: string
}

/**
 * Ends of life, each compared with its source in November 2026. A line whose end was not found there is not listed, and gives no finding.
 * - MySQL: endoflife.date at 01cfb26 (April 2026), from Oracle's Lifetime Support Policy; an innovation release ends with the next one. It has no
 *   end of 9.7 yet.
 * - MongoDB: endoflife.date at 02ce42c (February 2026), from mongodb.com/legal/support-policy/lifecycles.
 * - Redis: endoflife.date at 0118c30 (February 2026), from github.com/redis/redis/security, which still lists 6.2, 7.2 and 7.4. The dates of Redis
 *   Software, which is sold, are others.
 * - Node.js: 20 and 21 by endoflife.date at 012fdfa; the later ones by the rule of the release schedule (an even line ends on April 30 three years after its
 *   release, an odd one on June 1 after it), and were not found in a source of that time.
 * - Elasticsearch and InfluxDB: no dates of lines that wwdb works with.
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
    { line: '7.0', end: '2024-07-29' },
    { line: '8.0', end: '2026-02-11' },
  ],
  mongodb: [
    { line: '6.0', end: '2025-07-31' },
    { line: '6.1', end: '2023-02-09' },
    { line: '6.2', end: '2023-04-24' },
    { line: '6.3', end: '2023-08-31' },
    { line: '7.0', end: '2027-08-31' },
    { line: '7.1', end: '2024-01-23' },
    { line: '7.2', end: '2024-03-27' },
    { line: '7.3', end: '2024-10-31' },
    { line: '8.0', end: '2029-10-31' },
    { line: '8.1', end: '2025-09-30' },
    { line: '8.2', end: '2026-07-31' },
  ],
  elasticsearch: [],
  influxdb: [],
}

/** The last day of a version's support where it is over; null where it is not, or is not known. */
export function endedOn(product: keyof typeof endsOfLife, version: string, now: number): string | null {
  const end = endsOfLife[product].find(({ line }) => version === line || version.startsWith(`${line}.`))?.end
  return end !== undefined && now >= Date.parse(`${end}T00:00:00Z`) + 86_400_000 ? end : null
}
