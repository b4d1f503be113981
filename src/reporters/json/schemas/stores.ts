import { z } from 'zod'
import { storeKinds } from '../../../domain/stores/store.ts'
import { count, fault, milliseconds } from './shared.ts'

export const storeKind = z.enum(storeKinds)

const atStore = { store: storeKind, server: z.string().describe('host:port, several with commas.') }
const trouble = { fault: fault.nullable(), code: z.string().nullable().describe("The fault's stable code.") }
const resource = z.object({ kind: z.string(), name: z.string() })

const change = z.object({
  number: count.describe('Its place in the plan.'),
  resource,
  action: z.enum(['create', 'update', 'replace', 'remove']),
  summary: z.string(),
  differences: z.array(z.object({ path: z.string(), actual: z.string().nullable(), declared: z.string().nullable() })),
  loss: z
    .object({ code: z.string().describe('What --allow names.'), why: z.string(), affected: z.array(z.string()) })
    .nullable(),
})

/** What would be done. */
export const storePlanFields = {
  stores: z.array(
    z.object({
      ...atStore,
      plan: z
        .object({
          ...atStore,
          version: z.string().nullable(),
          changes: z.array(change),
          unchanged: z.array(resource),
          notes: z.array(z.string()),
        })
        .nullable(),
      ...trouble,
    }),
  ),
  changes: count.describe('In all stores.'),
}

/** What was done. */
export const storeRunFields = {
  command: z.string(),
  stores: z.array(
    z.object({
      ...atStore,
      version: z.string().nullable(),
      state: z
        .enum(['done', 'nothing-to-do', 'failed', 'not-reached', 'stopped', 'not-started'])
        .describe('not-reached: nothing is known of it, and nothing was changed.'),
      done: z.array(z.string()).describe('What was done, in order.'),
      notDone: z.array(z.string()),
      unchanged: count.describe('Resources that were as declared.'),
      notes: z.array(z.string()),
      milliseconds,
      ...trouble,
    }),
  ),
  milliseconds,
}

/** What was proven. */
export const storeVerificationFields = {
  stores: z.array(
    z.object({
      ...atStore,
      checks: z.array(
        z.object({
          name: z.string(),
          state: z.enum(['good', 'warning', 'bad']),
          seen: z.string(),
          next: z.string().nullable(),
        }),
      ),
      milliseconds,
      ...trouble,
    }),
  ),
  findings: count.describe('Checks that are bad.'),
}
