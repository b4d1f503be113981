import { describe, expect, it } from 'vitest'
import { parseHandshake } from '../../../src/sandbox/handshake.ts'

function packet(body: Buffer): Buffer {
  const header = Buffer.alloc(4)
  header.writeUIntLE(body.length, 0, 3)
  return Buffer.concat([header, body])
}

const hello = packet(Buffer.concat([Buffer.from([10]), Buffer.from('9.7.4-2\0'), Buffer.alloc(40, 7)]))

describe('the first packet of a server', () => {
  it('has its version', () => {
    expect(parseHandshake(hello)).toEqual({ type: 'server', version: '9.7.4-2' })
  })

  it('is read only when it is complete', () => {
    for (let length = 0; length < hello.length; length++) expect(parseHandshake(hello.subarray(0, length))).toBeNull()
  })

  it('can be a refusal with its reason', () => {
    const refusal = packet(Buffer.concat([Buffer.from([0xff, 0x10, 0x04]), Buffer.from('Too many connections')]))
    expect(parseHandshake(refusal)).toEqual({ type: 'refusal', message: 'Too many connections' })
  })

  it('is refused when another program sent it', () => {
    expect(parseHandshake(Buffer.from('+\0\0\0OK not MySQL'))).toEqual({
      type: 'refusal',
      message: 'it is not a MySQL server',
    })
  })
})
