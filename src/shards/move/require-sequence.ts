import { type MoveRequest, refused } from './move-request.ts'
import type { MovePlan } from './plan-move.ts'
import { readLast } from './read-facts.ts'

/**
 * Else ids are given twice: with an error on the shard of the keyspace that has the id, and without one on another. The table of a sequence has the end of the block that a tablet was
 * given, and the tablet still gives the numbers of that block, also after an UPDATE: so a number is taken, as a new row takes it. Numbers only increase.
 */
export async function requireSequence(request: MoveRequest, { sequence, shards }: MovePlan): Promise<void> {
  if (sequence === null) return
  const { keyspace, name } = sequence.sequence
  const last = await readLast(request.source, shards, sequence.column)
  if (last === null) return
  const row = await request.keyspace.readSequence(keyspace, name)
  const table = keyspace === null ? `\`${name}\`` : `\`${keyspace}\`.\`${name}\``
  const given = `The shards have ids up to ${last}: numbers would be given twice.`
  const cache = row?.cache ?? 0n
  const restOf = `\`SELECT NEXT ${cache < 1n ? 1n : cache} VALUES FROM ${table}\` through vtgate, or restart the primary tablet of that keyspace`
  if (row === null || row.next <= last)
    throw refused(
      request,
      `The next block of the sequence \`${name}\` begins at ${row?.next ?? 'an unknown number'}. ${given}`,
      `Set it higher than the shards will come until the switch: \`UPDATE ${table} SET next_id = ${last + cache + 1_000_000n} WHERE id = 0\` through vtgate. The tablet still gives the rest of the block that it has: use that up with ${restOf}. Then run the command again.`,
    )
  const next = await request.keyspace.takeNext(keyspace, name)
  if (next > last) return
  throw refused(
    request,
    `The next block of the sequence \`${name}\` begins at ${row.next}, and its tablet still gives the numbers of the block before: it gave ${next} now. ${given}`,
    `Use that block up with ${restOf}. Then run the command again.`,
  )
}
