import * as z from 'zod/mini'
import type { TargetEntry } from '../../config/targets-config.ts'

const item = z.union([z.string(), z.strictObject({ schema: z.string(), server: z.optional(z.string()) })])
const itemsSchema = z.array(item)

/** What a command printed: its entries, or why they cannot be read. */
export type ParsedList =
  | { readonly type: 'entries'; readonly entries: readonly TargetEntry[] }
  | { readonly type: 'fault'; readonly why: string }

/** Reads a JSON array, or a line for each schema with its server behind a tab. Pure. */
export function parseList(text: string): ParsedList {
  if (/^\s*[[{]/.test(text)) return parseJson(text)
  const lines = text.split(/\r?\n/).filter((line) => line !== '')
  const faulty = lines.find((line) => line.split('\t').length > 2)
  if (faulty !== undefined)
    return { type: 'fault', why: `The line ${JSON.stringify(faulty)} has more than a schema, a tab and a server.` }
  return {
    type: 'entries',
    entries: lines.map((line) => {
      const [schema = '', server] = line.split('\t')
      return { schema, server: server ?? null }
    }),
  }
}

function parseJson(text: string): ParsedList {
  const value = readJson(text)
  if (value === undefined) return { type: 'fault', why: 'It begins like JSON, and is none.' }
  const parsed = itemsSchema.safeParse(value)
  if (!parsed.success)
    return {
      type: 'fault',
      why: 'Its JSON is not an array of names, or of objects with `schema` and perhaps `server`.',
    }
  return {
    type: 'entries',
    entries: parsed.data.map((one) =>
      typeof one === 'string' ? { schema: one, server: null } : { schema: one.schema, server: one.server ?? null },
    ),
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The entries of a query's rows: the schema, and the server where there is a second column. Pure. */
export function toEntries(rows: readonly (readonly (string | null)[])[]): ParsedList {
  const widest = Math.max(0, ...rows.slice(0, 1).map((row) => row.length))
  if (widest > 2)
    return {
      type: 'fault',
      why: `It has ${widest} columns: the schema, and perhaps the name of its server, are wanted.`,
    }
  if (rows.some(([schema]) => schema === null)) return { type: 'fault', why: 'A row of it has NULL as the schema.' }
  return {
    type: 'entries',
    entries: rows.map(([schema, server]) => ({ schema: schema ?? '', server: server ?? null })),
  }
}
