import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CreationQueue } from '../../../../src/shards/mysql/create-tables.ts'
import type { CreateOutcome, TableToCreate } from '../../../../src/shards/ports.ts'

const table = (name: string, ...after: readonly string[]): TableToCreate => ({ table: name, text: '', after })

/** Works off a queue with so many workers at once, in an order of the scheduler's choice. */
async function workOff(
  queue: CreationQueue,
  workers: number,
  fails: (name: string) => boolean,
  yielding: () => Promise<void>,
): Promise<readonly CreateOutcome[]> {
  const outcomes: CreateOutcome[] = []
  const work = async (): Promise<void> => {
    for (let next = await queue.next(); next !== null; next = await queue.next()) {
      await yielding()
      const { table: name } = next
      outcomes.push(
        ...queue.finish(fails(name) ? { table: name, type: 'failed', why: 'no' } : { table: name, type: 'created' }),
      )
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  return outcomes
}

/** Up to 20 tables, each after some of those before it in a hidden order; given in another one. */
const plans = fc
  .array(fc.array(fc.nat(19), { maxLength: 3 }), { minLength: 1, maxLength: 20 })
  .map((all) => all.map((after, index) => table(String(index), ...after.filter((at) => at < index).map(String))))
  .chain((tables) => fc.shuffledSubarray(tables, { minLength: tables.length }))

test('every table comes to an end once, after its parents, and never where one of them failed', async () => {
  await fc.assert(
    fc.asyncProperty(
      plans,
      fc.integer({ min: 1, max: 5 }),
      fc.uniqueArray(fc.nat(19), { maxLength: 3 }),
      fc.scheduler(),
      async (tables, workers, failing, scheduler) => {
        const yielding = (): Promise<void> => scheduler.schedule(Promise.resolve())
        const running = workOff(new CreationQueue(tables), workers, (name) => failing.includes(Number(name)), yielding)
        const outcomes = await scheduler.waitFor(running)
        const ended = new Map(outcomes.map((outcome, at) => [outcome.table, { outcome, at }]))
        expect([outcomes.length, ended.size]).toEqual([tables.length, tables.length])
        for (const { table: name, after } of tables) {
          const own = ended.get(name)
          const parents = after.map((parent) => ended.get(parent))
          const mustFail = failing.includes(Number(name)) || parents.some((parent) => parent?.outcome.type === 'failed')
          expect(own?.outcome.type).toBe(mustFail ? 'failed' : 'created')
          if (!mustFail) for (const parent of parents) expect(parent?.at).toBeLessThan(own?.at ?? 0)
        }
      },
    ),
  )
})

test('tables that wait for one another are given out all the same: the server says what is wrong', async () => {
  const queue = new CreationQueue([table('a', 'b'), table('b', 'a'), table('c', 'c')])
  const outcomes = await workOff(
    queue,
    2,
    () => false,
    async () => {},
  )
  expect(outcomes.map((outcome) => outcome.table).sort()).toEqual(['a', 'b', 'c'])
})

test('nothing is given out once it is abandoned, not even to who waits', async () => {
  const queue = new CreationQueue([table('a'), table('b', 'a')])
  expect((await queue.next())?.table).toBe('a')
  const waiting = queue.next()
  queue.abandon()
  expect(await waiting).toBeNull()
})
