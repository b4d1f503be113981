import { describe, expect, test } from 'vitest'
import { ToolError } from '../../../../src/core/tool-error.ts'
import { AnswerSender } from '../../../../src/migrations/files/user-code/run-user-code.ts'
import type { AnswerPart, ModuleConnection } from '../../../../src/migrations/user-code.ts'
import {
  packAnswer,
  packError,
  type ToUserCode,
  unpackError,
  unpackThrown,
} from '../../../../src/migrations/user-code.ts'

const { signal } = new AbortController()
const query = { sql: 'SELECT 1', bindings: [], options: {} }
const refused = Object.assign(new Error('no'), { code: 'ER_NO', errno: 1, sqlState: '42000', fatal: false })

/** A connection whose answers have two parts, and what was sent of them. */
function converse(answer: ModuleConnection['query']) {
  const sent: ToUserCode[] = []
  const sender = new AnswerSender({ query: answer, now: signal, soon: signal }, (message) => sent.push(message))
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return { sent, sender, settle }
}

async function* twoParts(): AsyncGenerator<AnswerPart> {
  yield { type: 'rows', rows: [1] }
  yield { type: 'rows', rows: [2] }
}

describe('answers to users’ code', () => {
  test('come one after the other, each part when the one before was taken', async () => {
    const { sent, sender, settle } = converse(twoParts)
    sender.answer(1, query)
    sender.answer(2, query)
    const kinds = () => sent.map((message) => [message.type, 'id' in message ? message.id : null])
    await settle()
    expect(kinds()).toEqual([['part', 1]])
    expect(sender.silentFor()).toBe(0)
    sender.taken(2)
    await settle()
    expect(kinds()).toHaveLength(1)
    for (const id of [1, 1, 2, 2]) {
      sender.taken(id)
      await settle()
    }
    expect(kinds()).toEqual([
      ['part', 1],
      ['part', 1],
      ['end', 1],
      ['part', 2],
      ['part', 2],
      ['end', 2],
    ])
    expect(sender.silentFor()).toBeGreaterThan(0)
  })

  test('queries end when their process is gone, and those that wait are not sent to the server', async () => {
    let asked = 0
    const { sent, sender, settle } = converse(async function* () {
      asked += 1
      yield* twoParts()
    })
    sender.answer(1, query)
    sender.answer(2, query)
    await settle()
    sender.close()
    await settle()
    expect([asked, sent.length]).toEqual([1, 1])
  })

  test('may be errors, which do not keep the next from its turn', async () => {
    const { sent, sender, settle } = converse(() => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(refused) }),
    }))
    sender.answer(1, query)
    sender.answer(2, query)
    await settle()
    expect(sent.map(({ type }) => type)).toEqual(['error', 'error'])
  })
})

describe('errors between two processes', () => {
  test('errors of the server stay what they were, there and back', () => {
    const there = unpackError(structuredClone(packAnswer(refused)))
    expect(there).toMatchObject({ message: 'no', code: 'ER_NO', errno: 1, sqlState: '42000', fatal: false })
    expect(unpackThrown(packError(there))).toMatchObject({ code: 'ER_NO', errno: 1 })
    expect(unpackThrown(packError(there)).stack).toBe(refused.stack)
  })

  test('errors of the code itself are never taken for errors of the server', () => {
    const missing = Object.assign(new Error('ENOENT'), { code: 'ENOENT', errno: -2 })
    expect(unpackThrown(packError(missing))).not.toHaveProperty('errno')
    expect(unpackThrown(packError('a text'))).toMatchObject({ message: 'a text' })
    expect(unpackThrown(packError(undefined))).toMatchObject({ message: 'undefined' })
  })

  test('errors of the tool keep their code and their faults', () => {
    const error = new ToolError('DATA_MIGRATION_REFUSED', { what: 'No.', next: 'Leave it out.' })
    const back = unpackThrown(structuredClone(packError(unpackError(packAnswer(error)))))
    expect(back).toBeInstanceOf(ToolError)
    expect(back).toMatchObject({ code: 'DATA_MIGRATION_REFUSED', faults: [{ what: 'No.', next: 'Leave it out.' }] })
  })
})
