import { z } from 'zod'
import { platformSteps } from '../../../platform/platform.ts'
import { exitCode, fault, milliseconds } from './shared.ts'

/** What `wwdb up` did. */
export const platformFields = {
  steps: z.array(
    z.object({
      step: z.enum(platformSteps),
      state: z.enum(['done', 'nothing-to-do', 'failed', 'stopped', 'not-started', 'left-out']),
      summary: z.string(),
      milliseconds,
      exitCode,
      faults: z.array(fault),
    }),
  ),
  places: z.array(
    z.object({
      name: z.string().describe('A logical database or a store.'),
      server: z.string().describe('host:port, several with commas.'),
      holds: z.string(),
    }),
  ),
  milliseconds,
}
