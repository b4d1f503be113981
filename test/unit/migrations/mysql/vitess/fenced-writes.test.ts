import { expect, it } from 'vitest'
import { FencedWrites } from '../../../../../src/migrations/mysql/vitess/fenced-writes.ts'
import type { Asker } from '../../../../../src/mysql/connection.ts'

/** Records what is sent on both connections, and dies at the given one. */
function record(dieAt = Number.POSITIVE_INFINITY) {
  const sent: string[] = []
  const say = (text: string): void => {
    if (sent.length >= dieAt) throw new Error('killed')
    sent.push(text)
  }
  const asker = (name: string): Asker => ({
    ask: async (text) => {
      say(`${name}: ${text}`)
      return { rows: [], affected: 1, insertId: null, warningCount: 0 }
    },
  })
  const [work, beside] = [asker('work'), asker('beside')]
  const writes = new FencedWrites({
    connection: work,
    beside: async () => beside,
    fence: async (one) => say(one === work ? 'work: fence' : 'beside: fence'),
    rollback: async () => say('work: ROLLBACK'),
    table: 'journal',
  })
  return { sent, writes }
}

it('data on other shards is committed before the transaction that closes its row begins', async () => {
  const { sent, writes } = record()
  await writes.writeBehindData([{ pass: 3, statement: 1 }], ['close'])
  expect(sent).toEqual([
    'beside: BEGIN',
    'beside: fence',
    "beside: UPDATE journal SET state='entered' WHERE pass=3 AND statement=1 AND state='open'",
    'beside: COMMIT',
    'work: fence',
    'work: COMMIT',
    'work: fence',
    'work: close',
    'work: COMMIT',
  ])
})

it('no death leaves a closed row whose data was not committed, or committed data whose row is only open', async () => {
  for (let dieAt = 0; dieAt < 9; dieAt += 1) {
    const { sent, writes } = record(dieAt)
    await writes.writeBehindData([{ pass: 3, statement: 1 }], ['close']).catch(() => undefined)
    const commits = sent.flatMap((text, at) => (text === 'work: COMMIT' ? [at] : []))
    const closed = sent.indexOf('work: close')
    if (closed >= 0) expect(commits[0], `${dieAt}`).toBeLessThan(closed)
    if (commits.length > 0) expect(sent.slice(0, commits[0]), `${dieAt}`).toContain('beside: COMMIT')
  }
})

it('data in the keyspace of the journal shares its transaction with the row', async () => {
  const { sent, writes } = record()
  await writes.write(['close'])
  expect(sent).toEqual(['work: fence', 'work: close', 'work: COMMIT'])
})
