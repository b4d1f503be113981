import type { OpenTarget } from '../migrations/targets.ts'
import type { RetireStore } from '../operate/retire/ports.ts'
import { isWaiting, type RetiredRecord, type RetiredState } from '../operate/retire/record.ts'

/** A record, and how it was written. */
export interface Settled {
  readonly record: RetiredRecord
  readonly from: RetiredState
}

/** What became of retirements whose run was killed, or that somebody changed by hand: the server shows it. */
export async function settleRetired(
  store: RetireStore,
  { snapshot }: Pick<OpenTarget, 'snapshot'>,
): Promise<readonly Settled[]> {
  const settled: Settled[] = []
  for (const record of await store.read()) {
    const presence = isWaiting(record) ? await store.look(record) : null
    const pass = snapshot.passes.find((one) => one.pass === record.pass)
    const isClosed = (pass?.closed ?? 0) > record.statement
    const state = presence === null ? record.state : settle(record, presence, isClosed)
    // It was hidden by a run that was killed before its watch began.
    const begun = record.state === 'hiding' && state === 'retired' ? { baselines: {} } : {}
    // What was proven for a drop that did not run says nothing of what comes.
    const unproven = record.state === 'dropping' && state === 'retired' ? { proof: null, dropVersion: null } : {}
    const proof = state === 'dropped' && record.state !== 'dropping' ? { proof: 'it was not there any more' } : {}
    settled.push({
      record: { ...record, ...begun, ...unproven, ...(presence === null ? {} : proof), state },
      from: record.state,
    })
  }
  return settled
}

function settle(
  { state, isHidden }: RetiredRecord,
  presence: Awaited<ReturnType<RetireStore['look']>>,
  isClosed: boolean,
): RetiredState {
  if (presence === 'gone') return state === 'hiding' && !isClosed ? 'hiding' : 'dropped'
  const isAsLeft = !isHidden || presence === 'hidden'
  if (state === 'hiding') return isClosed && isAsLeft ? 'retired' : 'hiding'
  // Somebody made it visible again: it is not dropped.
  return isAsLeft ? 'retired' : 'undone'
}

/** Writes what differs from the records. */
export async function writeSettled(store: RetireStore, settled: readonly Settled[]): Promise<void> {
  for (const { record, from } of settled) if (record.state !== from) await store.update(record, from)
}
