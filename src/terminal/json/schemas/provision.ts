import { z } from 'zod'
import { fault, milliseconds, target } from './shared.ts'

const state = z.enum(['making', 'ready', 'removing'])
const instant = z.string().describe('ISO 8601, UTC.')

const set = z.object({
  name: z.string(),
  prefix: z.string().describe('What the name of each of its schemas begins with.'),
  owner: z.string(),
  state,
  lease: z.enum(['kept', 'process']).describe('process: it ends with the process that uses it.'),
  inUse: z.boolean().describe('The process that makes or uses it lives.'),
  createdAt: instant,
  expiresAt: instant.nullable(),
  template: z.string().nullable().describe('Checksum of the template that it was cloned from.'),
  stores: z.array(z.string()),
  databases: z.array(target),
})

const template = z.object({
  checksum: z.string(),
  state,
  inUse: z.boolean(),
  createdAt: instant,
  usedAt: instant,
  databases: z.array(target),
})

/** A set that is up. */
export const provisionFields = {
  set,
  variables: z.array(z.object({ name: z.string(), value: z.string().describe('URLs are without passwords.') })),
  file: z.string().nullable().describe('The file that has them with passwords.'),
  milliseconds,
}

/** What there is on a server. */
export const provisionListFields = { now: instant, sets: z.array(set), templates: z.array(template) }

/** What was dropped. */
export const provisionRemovalFields = {
  dryRun: z.boolean(),
  removed: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['set', 'template']),
      why: z.string(),
      schemas: z.array(z.string()),
      stores: z.array(z.string()),
    }),
  ),
  failed: z
    .array(z.object({ name: z.string(), faults: z.array(fault) }))
    .describe('What should have been dropped and could not be; the others were.'),
}

/** A program that was run. */
export const programFields = {
  command: z.string(),
  code: z.int().min(0).describe('Its exit code, which is ours, too.'),
}
