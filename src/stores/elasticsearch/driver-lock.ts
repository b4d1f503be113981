import * as z from 'zod/mini'
import { ToolError } from '../../core/tool-error.ts'
import type { LeaseClaim, LeasePlace } from '../lease.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import { isConflict, isExisting } from './errors.ts'

const stored = z.object({
  _seq_no: z.number(),
  _primary_term: z.number(),
  _source: z.object({ owner: z.string(), holder: z.string(), since: z.number(), until: z.number() }),
})

type Stored = z.infer<typeof stored>

const clock = z.object({ nodes: z.record(z.string(), z.object({ timestamp: z.number() })) })

/** The index of its own that holds the lock: hidden, and named after nothing that is declared. */
export function lockIndexOf(prefix: string): string {
  return `${prefix}wwdb-setup-lock`
}

/**
 * A document that is created where there is none, and replaced only in the version that was read (`if_seq_no`): of several appliers, one succeeds.
 * Times are those of the node that answers; nodes whose clocks differ shorten or lengthen a lease by that difference.
 */
export function lockDocument(requests: Requests, prefix: string): LeasePlace {
  const index = lockIndexOf(prefix)
  const path = pathOf(index, '_doc', 'setup')
  const what = 'write the lock of setup'
  const read = async (): Promise<Stored | null> => {
    const found = await requests.find('read the lock of setup', path)
    return found === null ? null : z.parse(stored, found)
  }
  const write = async (claim: LeaseClaim, since: number, now: number, over: Stored | null): Promise<boolean> => {
    const body = { owner: claim.owner, holder: claim.holder, since, until: now + claim.milliseconds }
    const query = over === null ? { op_type: 'create' } : versionOf(over)
    return unlessConflict(requests.send(what, 'PUT', path, { body, query, repeats: 0 }))
  }
  return {
    take: async (claim) => {
      await createLockIndex(requests, index)
      const now = await readClock(requests)
      if (await write(claim, now, now, null)) return { type: 'taken' }
      const found = await read()
      if (found === null) return { type: 'held', by: null }
      if (found._source.owner === claim.owner) return { type: 'taken' }
      if (found._source.until <= now && (await write(claim, now, now, found))) return { type: 'taken' }
      return { type: 'held', by: holderOf(found, now) }
    },
    renew: async (claim) => {
      const found = await read()
      if (found?._source.owner !== claim.owner) return false
      return write(claim, found._source.since, await readClock(requests), found)
    },
    release: async ({ owner }) => {
      const found = await read()
      if (found?._source.owner !== owner) return
      const query = versionOf(found)
      await unlessConflict(requests.send('remove the lock of setup', 'DELETE', path, { query, repeats: 0 }))
    },
    read: async () => {
      const found = await read()
      return found === null ? null : holderOf(found, await readClock(requests))
    },
  }
}

function versionOf({ _seq_no, _primary_term }: Stored) {
  return { if_seq_no: _seq_no, if_primary_term: _primary_term }
}

function holderOf({ _source: { holder, since, until } }: Stored, now: number) {
  return { holder, heldFor: now - since, left: until - now }
}

export async function createLockIndex(requests: Requests, index: string): Promise<void> {
  const found = await requests.find('look for the index of the lock', pathOf(index, '_settings', 'index.uuid'))
  if (found !== null) return
  const body = {
    settings: { index: { hidden: true, number_of_shards: 1, auto_expand_replicas: '0-1' } },
    mappings: { enabled: false, _meta: { managed_by: 'wwdb setup apply' } },
  }
  try {
    await requests.send('create the index of the lock', 'PUT', pathOf(index), { body })
  } catch (error) {
    if (!isExisting(error)) throw error
  }
}

async function readClock(requests: Requests): Promise<number> {
  const query = { filter_path: 'nodes.*.timestamp' }
  const answer = await requests.get('read its clock', '/_nodes/_local/stats/process', query)
  const [first] = Object.values(z.parse(clock, answer).nodes)
  if (first === undefined) throw new Error('a node that answers reports its own statistics')
  return first.timestamp
}

/** False where another applier has written in between. */
async function unlessConflict(sending: Promise<unknown>): Promise<boolean> {
  try {
    await sending
    return true
  } catch (error) {
    if (error instanceof ToolError && isConflict(error)) return false
    throw error
  }
}
