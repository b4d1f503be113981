import { z } from 'zod'
import { storeKinds } from '../../../core/store.ts'
import { count, errorCode, fault, milliseconds } from './shared.ts'

export const storeKind = z.enum(storeKinds)

const atStore = { store: storeKind, server: z.string().describe('host:port, several with commas.') }
const trouble = { fault: fault.nullable(), code: errorCode.nullable().describe("The fault's stable code.") }
const resource = z.object({ kind: z.string(), name: z.string() })

const differences = z.array(
  z.object({ path: z.string(), actual: z.string().nullable(), declared: z.string().nullable() }),
)

const finding = z.object({
  code: z
    .string()
    .describe(
      'STORE_MISSING, STORE_DRIFT, STORE_SURPLUS, STORE_UNDECLARED, STORE_NOT_COMPARED, or the code of the error that kept it from being compared.',
    ),
  severity: z.enum(['error', 'warning']),
  ...atStore,
  resource,
  what: z.string(),
  why: z.string().nullable(),
  differences,
  next: z.string(),
})

const change = z.object({
  number: count.describe('Its place in the plan.'),
  resource,
  action: z.enum(['create', 'update', 'replace', 'remove']),
  summary: z.string(),
  differences,
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
          findings: z.array(finding).describe('What no file declares, and what could not be compared.'),
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
      compared: count.describe('Declared resources that were compared with what is there.'),
      findings: z
        .array(finding)
        .describe('What differs from the declaration, what no file declares, what could not be compared.'),
      asDeclared: z
        .boolean()
        .describe('True only where everything that is declared was compared, and nothing differs.'),
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
  findings: count.describe('Findings that are errors, and checks that are bad.'),
}
