// The section `online` of the configuration: how tables are changed that must be written to meanwhile.
import * as z from 'zod/mini'
import { parseDuration } from '../core/duration.ts'
import { type OnlineTool, onlineTools, readOnlineTool } from '../core/online-tool.ts'
import { parseSize } from '../core/size.ts'
import { checkedText, described, type Objection, quoteWhy } from './schema-parts.ts'

export interface OnlineConfig {
  /** What copies a table where the line above the statement names no tool. */
  readonly tool: OnlineTool
  /** Bytes up to which the server may rebuild a table in place: replicas apply that at its full length. */
  readonly inplace: number
  /** Milliseconds that the table as it was is kept. */
  readonly grace: number
}

/** `online` of the configuration file. */
export const online = z.strictObject({
  tool: described(
    'What copies a table below `-- wwdb:online` where the line names no tool: "pt-osc", "gh-ost" or "spirit".',
    z.optional(z.enum(onlineTools)),
  ),
  inplace: described(
    'The size of a table up to which `-- wwdb:online` lets the server change it in place: "1GB"; "0" for never.',
    z.optional(checkedText(objectToSize)),
  ),
  grace: described(
    'How long the table as it was before an online change is kept under its hold name: "7d".',
    z.optional(checkedText(objectToGrace)),
  ),
})

/** The keys that are known at a depth of segments below the top. */
export function onlineKeys(depth: number): readonly string[] {
  return depth === 1 ? Object.keys(online.shape) : []
}

function objectToSize(text: string): Objection {
  if (text === '0' || parseSize(text) !== null) return null
  return { why: `is not a size: ${JSON.stringify(text)}`, next: 'Write `500MB`, `1GB`, or `0`.' }
}

function objectToGrace(text: string): Objection {
  const outcome = parseDuration(text)
  if (outcome.type === 'fault') return quoteWhy(text, outcome)
  if (outcome.type === 'duration') return null
  return { why: 'cannot be `none`', next: 'Give it a length, such as `7d`.' }
}

/** What the configuration says of online changes. */
export function resolveOnline(read: (path: string) => string | null): OnlineConfig {
  const grace = parseDuration(read('online.grace') ?? '7d')
  return {
    tool: readOnlineTool(read('online.tool') ?? '') ?? 'pt-osc',
    inplace: parseSize(read('online.inplace') ?? '0') ?? 0,
    grace: grace.type === 'duration' ? grace.milliseconds : 0,
  }
}
