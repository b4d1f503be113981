import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import type { FieldConflict } from './ports.ts'

/** The server lists the indices of a type only where a field has several. */
const capabilities = z.object({
  fields: z.record(z.string(), z.record(z.string(), z.object({ indices: z.optional(z.array(z.string())) }))),
})

/** Fields with different types in different indices of a data stream or alias. */
export async function listConflicts(requests: Requests, name: string): Promise<readonly FieldConflict[]> {
  const answer = await requests.find(`read the fields of ${name}`, pathOf(name, '_field_caps'), { fields: '*' })
  if (answer === null) return []
  return Object.entries(z.parse(capabilities, answer).fields).flatMap(([field, types]) => {
    const known = Object.entries(types).filter(([type]) => type !== 'unmapped')
    if (known.length < 2) return []
    return [{ field, types: known.map(([type, { indices = [] }]) => ({ type, indices })) }]
  })
}

/** Whether an ingest pipeline exists; null where the user may not read pipelines. */
export async function hasPipeline(requests: Requests, name: string): Promise<boolean | null> {
  try {
    return (await requests.find(`read pipeline ${name}`, pathOf('_ingest', 'pipeline', name))) !== null
  } catch (error) {
    if (error instanceof ToolError && error.code === 'STORE_ACCESS_DENIED') return null
    throw error
  }
}
