import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import { isConnectionLost, isServerError, serverErrors, toSentence } from './errors.ts'
import { plainMessage } from './vtgate.ts'

/** What vtgate and tablets (24) say while a shard has nothing that takes writes: between two primaries, or where a tablet or its MySQL server is down. */
const signs = [
  /\bcode = (?:ClusterEvent|Unavailable)\b/i,
  /\boperation not allowed in state (?:NOT_SERVING|SHUTTING_DOWN)\b/,
  /\bno healthy tablet available\b/,
  /\bprimary is not serving\b/,
  /\bwrong tablet type\b/,
  /\bsuper-read-only\b/,
  // The transaction was on a tablet that has ended it since. What was open too long is another thing (`describeEnded`).
  /\btransaction \d+: ended at (?!.*\(exceeded timeout: )/,
  // The connection between a tablet and its MySQL server: numbers of a client.
  /\(errno 20(?:02|03|06|13)\)/,
]

/** The number of an error that has none of MySQL. */
const unnamed = 1105

/** What a server or a client says whose server is gone, ends, or has become a replica; vtgate gives 1317 to each transaction that was ended. Any other number is a refusal. */
const numbersOfLost = [1053, 1290, 1836, 2002, 2003, 2006, 2013, 3168]

/** Codes with which a tablet refuses a statement. */
const refusing =
  /^target: \S+ vttablet: rpc error: code = (?:AlreadyExists|InvalidArgument|PermissionDenied|Unimplemented)\b/

/** Without the statement and its values, which may have any words. */
export const saidByVtgate = (message: string): string => message.replace(/: Sql: [\s\S]*$/, '')

/** What each shard has answered: vtgate (24) sorts the errors of several and joins them by line breaks. */
export const partsOfVtgate = (message: string): readonly string[] => message.split(/\n(?=target: )/).map(saidByVtgate)

function isRefusal(errno: number, message: string): boolean {
  const named = [...message.matchAll(/\(errno (\d+)\)/g)].map(([, number]) => Number(number))
  if (named.some((number) => !numbersOfLost.includes(number))) return true
  return ![unnamed, serverErrors.queryInterrupted, ...numbersOfLost].includes(errno) || refusing.test(message)
}

/** Whether a shard did not do what it was asked, or may have done it, because it had no primary. Where the connection to vtgate itself was lost, that is another thing, and so is what Vitess says of a migration. */
export const lacksPrimary = (error: unknown): boolean =>
  isServerError(error) &&
  !isConnectionLost(error) &&
  !error.code?.startsWith('ER_VITESS_') &&
  (error.errno === unnamed || error.message.startsWith('target: ')) &&
  findLacking(error.message, error.errno) !== null

/**
 * What the first shard without a primary has answered. Another one may have refused the statement: that says nothing of this one, which may have carried it out. The
 * number of the error is that of one of several answers.
 */
function findLacking(message: string, errno: number): string | null {
  const parts = partsOfVtgate(message)
  // Where no part names it, a value has cut it off: then it may be that of any.
  const own = parts.length > 1 && parts.some((part) => part.includes(`(errno ${errno})`)) ? unnamed : errno
  return parts.find((part) => !isRefusal(own, part) && signs.some((sign) => sign.test(part))) ?? null
}

/** The shard that an error is of, as `message_db/-80`; vtgate writes `target: message_db.-80.primary: ...`. */
export function shardOf(message: string): string | null {
  const [, keyspace, shard] = /\btarget: ([^\s.]+)\.([^\s.]+)\.primary\b/.exec(message) ?? []
  return keyspace === undefined || shard === undefined ? null : `${keyspace}/${shard}`
}

/** The words of vtgate itself begin with the place, which is said before. */
function readLacking({ message }: Error): { readonly shard: string | null; readonly words: string } {
  const part = findLacking(message, unnamed) ?? message
  return { shard: shardOf(part), words: plainMessage(part).replace(/^target: \S+: /, '') }
}

/** Why a statement of a user was cut off. */
export function describeLacking(error: Error): string {
  const { shard, words } = readLacking(error)
  return `${shard === null ? 'a shard' : `shard ${shard}`} had no primary that could carry it out: ${words}`
}

/** The same for a statement of wwdb itself. */
export function withoutPrimary(error: Error, { database, server, schema }: Target): ToolError {
  const { shard, words } = readLacking(error)
  const fault = {
    what: `A shard of \`${schema}\`, or of the keyspace of its journal, had no primary.`,
    where: { database, server },
    why: toSentence(`${shard === null ? '' : `Shard ${shard}: `}${words}`),
    next: 'It was being reparented, or its tablet or its MySQL server is down. Run the command again once `SHOW VITESS_TABLETS` has a primary for each shard: it looks at what was done, and continues.',
  }
  return new ToolError('CONNECTION_LOST', fault, { cause: error })
}
