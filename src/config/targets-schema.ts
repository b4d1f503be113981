// The part `databases.X.targets` of the configuration: where the schemas of a database that has many are listed.
import * as z from 'zod/mini'
import { longestTimer, parseDuration } from '../core/duration.ts'
import { checkedText, described, namePattern, type Objection, quoteWhy } from './schema-parts.ts'

const entry = z.union([
  z.string(),
  z.strictObject({ schema: z.string(), server: z.optional(z.string().check(z.regex(namePattern))) }),
])

/** @param server the keys that a server has */
export function targetsSchema<Server extends z.core.$ZodLooseShape>(server: Server) {
  return z.strictObject({
    list: described('The schemas, each as a name or with its server.', z.optional(z.array(entry))),
    query: described(
      'A SELECT whose first column is the schema, and whose second, if it has one, is the name of its server.',
      z.optional(checkedText(objectToQuery)),
    ),
    from: described('The database of the configuration in which the query runs.', z.optional(z.string())),
    command: described(
      'A program and its arguments: it prints a JSON array, or a line for each schema.',
      z.optional(z.array(z.string()).check(z.minLength(1))),
    ),
    environment: described(
      'Names of variables that the command gets in addition to PATH, HOME, LANG and the like.',
      z.optional(z.array(z.string().check(z.regex(/^[A-Za-z_]\w*$/)))),
    ),
    timeout: described('How long the query or the command may take: "30s".', z.optional(checkedText(objectToTimeout))),
    servers: described(
      'The servers that entries name.',
      z.optional(z.record(z.string().check(z.regex(namePattern)), z.strictObject(server))),
    ),
    atOnce: described('How many targets of one server a run works on at once.', count(1, 64)),
    canary: described('How many targets come first, alone; a failure there ends the run.', count(0, 1000)),
    wave: described('How many targets a wave has; the next one begins when it has ended.', count(1, 100_000)),
    allowEmpty: described('True if the list may be empty.', z.optional(z.boolean())),
  })
}

function count(least: number, most: number) {
  return z.optional(z.int().check(z.minimum(least), z.maximum(most)))
}

function objectToQuery(text: string): Objection {
  return /^\s*(?:SELECT|WITH|TABLE)\b/i.test(text)
    ? null
    : { why: 'does not begin with SELECT, WITH or TABLE', next: 'Write a query that only reads.' }
}

function objectToTimeout(text: string): Objection {
  const outcome = parseDuration(text, longestTimer)
  if (outcome.type === 'fault') return quoteWhy(text, outcome)
  if (outcome.type === 'none') return { why: 'cannot be `none`', next: 'Give it a limit, such as `30s`.' }
  return outcome.milliseconds > 0
    ? null
    : quoteWhy(text, { why: 'which is not longer than zero', next: 'Give it more than zero, such as `30s`.' })
}
