import { expect, test } from 'vitest'
import { createTriggers, dropTriggers, type SplitPlace } from '../../../../src/shards/split/cut-over.ts'
import { splitTriggersOf } from '../../../../src/shards/split/record.ts'

const names = splitTriggersOf('orders', [])

/** A server that has some of the triggers and keeps what it is sent. */
function openServer(there: readonly string[]) {
  const sent: string[] = []
  const server: Pick<SplitPlace['server'], 'findTriggers' | 'define'> = {
    // In another order than that of their names.
    findTriggers: async () => new Map(there.toReversed().map((name) => [name, 'orders'])),
    define: async (text) => {
      sent.push(text)
      return 0
    },
  }
  const store = { target: { database: 'app', schema: 'app', server: 'server' } }
  return { sent, place: { server, store } as unknown as SplitPlace }
}

const order = (sent: readonly string[]): readonly string[] => sent.map((text) => text.slice(-3))

test('the trigger of inserts is created behind those that change and delete what it brings', async () => {
  const { sent, place } = openServer([])
  await createTriggers(place, 'orders', names, ['an ins', 'an upd', 'a del'])
  expect(order(sent)).toEqual(['del', 'upd', 'ins'])
})

test('a run that goes on creates only those that are not there', async () => {
  const { sent, place } = openServer(names.slice(2))
  await createTriggers(place, 'orders', names, ['an ins', 'an upd', 'a del'])
  expect(order(sent)).toEqual(['upd', 'ins'])
})

test('the trigger of inserts is dropped before those that change and delete what it brought', async () => {
  const { sent, place } = openServer(names)
  await dropTriggers(place, names)
  expect(sent.map((text) => /_(ins|upd|del)`/.exec(text)?.[1])).toEqual(['ins', 'upd', 'del'])
})
