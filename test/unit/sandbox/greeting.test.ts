import { describe, expect, it } from 'vitest'
import { parseGreeting } from '../../../src/sandbox/greeting.ts'

function packet(body: Buffer): Buffer {
  const header = Buffer.alloc(4)
  header.writeUIntLE(body.length, 0, 3)
  return Buffer.concat([header, body])
}

const hello = packet(Buffer.concat([Buffer.from([10]), Buffer.from('9.7.4-2\0'), Buffer.alloc(40, 7)]))

describe('the first packet of a server', () => {
  it('tells its version', () => {
    expect(parseGreeting(hello)).toEqual({ type: 'server', version: '9.7.4-2' })
  })

  it('is waited for until it is whole', () => {
    for (let length = 0; length < hello.length; length++) expect(parseGreeting(hello.subarray(0, length))).toBeNull()
  })

  it('may be a refusal, with its reason', () => {
    const refusal = packet(Buffer.concat([Buffer.from([0xff, 0x10, 0x04]), Buffer.from('Too many connections')]))
    expect(parseGreeting(refusal)).toEqual({ type: 'refusal', message: 'Too many connections' })
  })

  it('is refused when it is of something else', () => {
    expect(parseGreeting(Buffer.from('+\0\0\0OK nothing of MySQL here'))).toEqual({
      type: 'refusal',
      message: 'what answers there is not a MySQL server',
    })
  })
})
