import { expect, it } from 'vitest'
import type { Connection } from '../../../src/mysql/connection.ts'
import { MonitorConnection } from '../../../src/mysql/monitor-connection.ts'

const lost = Object.assign(new Error('lost'), { code: 'PROTOCOL_CONNECTION_LOST', errno: 0, fatal: true })

/** Connections by number; `fails` says which of them cannot be opened. */
function monitor(fails: readonly number[] = []) {
  const opened: number[] = []
  const numbers = new WeakMap<Connection, number>()
  const one = new MonitorConnection(async () => {
    const number = opened.push(opened.length)
    if (fails.includes(number)) throw new Error(`UNREACHABLE ${number}`)
    const connection = { close: async () => undefined } as Connection
    numbers.set(connection, number)
    return connection
  })
  const ask = (question: (number: number | undefined) => Promise<number | undefined>) =>
    one.ask((connection) => question(numbers.get(connection)))
  return { ask, opened }
}

it('a connection that could not be opened again is opened at the next question', async () => {
  const { ask } = monitor([2])
  await expect(ask(() => Promise.reject(lost))).rejects.toThrow('UNREACHABLE 2')
  expect(await ask(async (number) => number)).toBe(3)
})

it('a first connection that could not be opened is opened at the next question', async () => {
  const { ask } = monitor([1])
  await expect(ask(async (number) => number)).rejects.toThrow('UNREACHABLE 1')
  expect(await ask(async (number) => number)).toBe(2)
})

it('two questions that lose the connection together open one new connection', async () => {
  const { ask, opened } = monitor()
  const question = async (number: number | undefined) => {
    if (number === 1) throw lost
    return number
  }
  expect(await Promise.all([ask(question), ask(question)])).toEqual([2, 2])
  // One whose answer comes late does not take the new connection from the other.
  expect(opened).toHaveLength(2)
})

it('a question whose loss is seen late does not close what another has opened', async () => {
  const { ask, opened } = monitor()
  let lose: (why: Error) => void = () => undefined
  const late = ask((number) => (number === 1 ? new Promise((_, reject) => (lose = reject)) : Promise.resolve(number)))
  expect(await ask(async (number) => (number === 1 ? Promise.reject(lost) : number))).toBe(2)
  lose(lost)
  expect(await late).toBe(2)
  expect(opened).toHaveLength(2)
})
