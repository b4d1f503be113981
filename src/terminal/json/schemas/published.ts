import { z } from 'zod'
import { errorDocument, resultDocument } from './answers.ts'
import { eventLine, versionLine } from './lines.ts'
import { planDocument } from './plan.ts'

interface Published {
  readonly title: string
  readonly schema: z.ZodType
}

const runLine = z.union([versionLine, eventLine, resultDocument, errorDocument])

/**
 * Everything that is published, by file name. Only scripts and tests import this: at run time the reporter prints what the
 * types describe, and zod is not loaded for it.
 */
const published: Readonly<Record<string, Published>> = {
  'answer.schema.json': {
    title: 'What any wwdb command prints last with --json',
    schema: z.union([resultDocument, errorDocument]),
  },
  'run-line.schema.json': { title: 'A line of a wwdb run with --json', schema: runLine },
  'error.schema.json': { title: 'The error of any wwdb command with --json', schema: errorDocument },
  'plan.schema.json': { title: 'The file that wwdb plan --out writes', schema: planDocument },
  ...Object.fromEntries(
    resultDocument.options.map((schema) => {
      const kind = [...schema.shape.kind.values].join('')
      return [`${kind}-result.schema.json`, { title: `The answer of a wwdb command, kind ${kind}`, schema }]
    }),
  ),
}

/** The JSON Schemas (draft 2020-12) as texts by file name. Readers ignore fields they don't know, so these allow more. */
export function generateSchemas(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(published).map(([file, { title, schema }]) => {
      // As an input: for outputs zod would forbid further properties, and the next minor version adds some.
      const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'throw' })
      return [file, `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`]
    }),
  )
}
