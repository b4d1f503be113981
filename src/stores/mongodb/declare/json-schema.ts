import { toJSONSchema } from 'zod/v4/core'
import { mongodbSchema } from './schema.ts'

/** The JSON Schema of a file of `migrations/mongodb`, for editors (draft 7, which all of them know). */
export function mongodbJsonSchema(): object {
  return { ...toJSONSchema(mongodbSchema, { target: 'draft-7', io: 'input' }), title: 'wwdb declaration of MongoDB' }
}
