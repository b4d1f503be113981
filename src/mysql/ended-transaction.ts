import type { Target } from '../core/target.ts'
import { asSentence, ToolError } from '../core/tool-error.ts'
import { isServerError } from './errors.ts'
import { saidByVtgate, shardOf } from './no-primary.ts'

const limit = '`--queryserver-config-transaction-timeout` of its tablets'

/** Why a tablet (24) has ended a transaction that was open too long; null where it did not. It forgets those that it has ended, and calls them `not found` then. */
export function describeEnded(error: unknown): string | null {
  if (!isServerError(error)) return null
  const shard = shardOf(error.message)
  const words = saidByVtgate(error.message)
  const ended = /\btransaction \d+: ended at .*\(exceeded timeout: ([^)]+)\)/.exec(words)
  if (ended !== null) {
    const place = shard === null ? '' : ` on shard ${shard}`
    return `Vitess has ended the transaction${place}, which was open for longer than ${ended[1]} (${limit})`
  }
  if (!/\btransaction \d+: not found \(potential transaction timeout\)/.test(words)) return null
  const place = shard === null ? 'a shard' : `shard ${shard}`
  return `${place} does not have the transaction any more: it was open for longer than ${limit}, or the tablet was restarted`
}

/** The same for a transaction of wwdb itself, as that of a seed. */
export function transactionEnded(why: string, { database, server, schema }: Target, cause: unknown): ToolError {
  const fault = {
    what: `A transaction on \`${schema}\`, or on the keyspace of its journal, was ended by Vitess.`,
    where: { database, server },
    why: asSentence(why),
    next: 'Let fewer rows change in one transaction (smaller files), or increase `--queryserver-config-transaction-timeout` of the tablets. Then run the command again.',
  }
  return new ToolError('SERVER_REFUSED', fault, { cause })
}
