import { z } from 'zod'
import { count } from './shared.ts'

/** When a schedule comes due. */
export const scheduleFields = {
  schedule: z.string().describe('Five fields of cron.'),
  zone: z.string().describe('UTC or an IANA name.'),
  now: z.string().describe('ISO 8601, UTC.'),
  runs: z.array(
    z.object({
      at: z.string().describe('ISO 8601, UTC.'),
      local: z.string().describe("The same on the zone's clocks, YYYY-MM-DD HH:MM."),
    }),
  ),
}

/** What a process that stayed has run. */
export const scheduleRunFields = {
  runs: count,
  failures: count.describe('Runs at the end that failed one after the other.'),
  lastSuccessAt: z.string().nullable().describe('ISO 8601, UTC.'),
}
