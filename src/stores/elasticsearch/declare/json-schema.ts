import { toJSONSchema } from 'zod/v4/core'
import { elasticsearchSchema } from './schema.ts'

/** The JSON Schema of a file of `migrations/elasticsearch`, for editors (draft 7, which all of them know). */
export function elasticsearchJsonSchema(): object {
  const schema = toJSONSchema(elasticsearchSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      // A text may also be a reference that is replaced before it is checked.
      if (jsonSchema.type === 'string' && jsonSchema.pattern !== undefined) jsonSchema.pattern += '|\\$\\{'
    },
  })
  return { ...schema, title: 'wwdb declaration of Elasticsearch' }
}
