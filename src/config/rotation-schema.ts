import * as z from 'zod/mini'
import { readCron } from '../calendar/cron.ts'
import { isZone } from '../calendar/zone.ts'
import { parseDuration } from '../core/duration.ts'
import { checkedText, described, namePattern, type Objection, quoteWhy } from './schema-parts.ts'

/** What may stand in place of a template's header; the texts are read with the templates, by one grammar for both. */
const family = z.strictObject({
  period: described('How it is cut: "month", or "day zone Asia/Shanghai".', z.optional(z.string())),
  keys: described(
    'The rows that need a shard each: "instance_db.wework_instances(id) deleted deleted_at".',
    z.optional(z.string()),
  ),
  name: described('How its shards are called: "messages_{YYYYMM}".', z.optional(z.string())),
  ids: described('Where AUTO_INCREMENT begins: "YYYYMM x 10000000000", or "none".', z.optional(z.string())),
  premake: described('What is made ahead: "3 periods, 45 days".', z.optional(z.string())),
  late: described('How long after its end a shard may still be written: "2 days".', z.optional(z.string())),
  keep: described('How long a shard is kept: "24 months", or "forever".', z.optional(z.string())),
  grace: described('How long it is held before it is dropped: "14 days".', z.optional(z.string())),
  archive: described('Where its rows go before it is dropped: "directory", or "none".', z.optional(z.string())),
  references: described('Keys to shared tables: "physical" or "logical".', z.optional(z.string())),
  view: described(
    'A view over the current period and those before it: "messages_recent 3 periods", or "none".',
    z.optional(z.string()),
  ),
  cap: described('How many shards one run retires at most.', z.optional(z.int().check(z.minimum(1)))),
  share: described('The part of the live shards that one run retires without asking: "25%".', z.optional(z.string())),
})

/** The part of the configuration about sharded tables. */
export const rotation = z.strictObject({
  schedule: described(
    'When it runs, as a cron expression of five fields: "17 * * * *".',
    z.optional(checkedText(objectToSchedule)),
  ),
  zone: described('The zone of the schedule: "UTC" or an IANA name.', z.optional(checkedText(objectToZone))),
  alertDelay: described(
    'How long until somebody mends a run that failed: "2d".',
    z.optional(checkedText(objectToDelay)),
  ),
  archive: described('Folder that shards are archived in.', z.optional(checkedText(objectToFolder))),
  connections: described(
    'How many connections one run opens to a server at most.',
    z.optional(z.int().check(z.minimum(1), z.maximum(64))),
  ),
  families: described(
    "Lines of templates' headers that differ here, by family.",
    z.optional(z.record(z.string().check(z.regex(namePattern)), family)),
  ),
})

/** The keys that are known so many segments below the top: `rotation`, `rotation.families`, one family. */
export function rotationKeys(depth: number): readonly string[] {
  if (depth === 1) return Object.keys(rotation.shape)
  return depth === 3 ? Object.keys(family.shape) : []
}

function objectToSchedule(text: string): Objection {
  const outcome = readCron(text)
  return outcome.type === 'cron' ? null : quoteWhy(text, outcome)
}

function objectToZone(text: string): Objection {
  if (isZone(text)) return null
  const next = 'Write UTC or a name such as Asia/Shanghai, spelled as IANA spells it.'
  return quoteWhy(text, { why: 'which is no time zone', next })
}

function objectToFolder(text: string): Objection {
  if (text !== '') return null
  return quoteWhy(text, { why: 'which names no folder', next: 'Write "archives", or leave it out.' })
}

function objectToDelay(text: string): Objection {
  const outcome = parseDuration(text)
  if (outcome.type === 'duration') return null
  return quoteWhy(
    text,
    outcome.type === 'none' ? { why: 'which is not a duration', next: 'Write "2 days" or "36 hours".' } : outcome,
  )
}
