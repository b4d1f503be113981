import { expect, test } from 'vitest'
import { inOneSentence, ToolError } from '../../../src/core/tool-error.ts'

const fault = { what: 'It failed.' }

test('an error that the server caused has its number and its SQLSTATE in the first fault', () => {
  const cause = Object.assign(new Error('no'), { errno: 1054, sqlState: '42S22' })
  expect(new ToolError('STATEMENT_FAILED', [fault, fault], { cause }).faults).toEqual([
    { ...fault, errno: 1054, sqlState: '42S22' },
    fault,
  ])
})

test('one that the network or the code caused has neither', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { errno: -111, code: 'ECONNREFUSED' })
  for (const cause of [refused, new Error('no'), 'text', null, undefined]) {
    expect(new ToolError('STATEMENT_FAILED', fault, { cause }).faults).toEqual([fault])
  }
})

test('what is wrong and why become one sentence with one full stop', () => {
  const what = 'Cannot connect to MySQL at db:3306.'
  expect(inOneSentence({ what, why: 'Nothing is listening there.' })).toBe(
    'Cannot connect to MySQL at db:3306: Nothing is listening there.',
  )
  expect([inOneSentence({ what }), inOneSentence({ what: 'It is lost' })]).toEqual([what, 'It is lost.'])
})
