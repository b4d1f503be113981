import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RowBatch, RowSum } from '../../../../src/shards/archive/row-batch.ts'

test('the sum of rows is the XOR and the sum of their CRC-32, in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0xffffffff), { maxLength: 50 }), (digests) => {
      const [forward, backward] = [new RowSum(), new RowSum()]
      for (const digest of digests) forward.add(digest)
      for (const digest of digests.toReversed()) backward.add(digest)
      const xor = digests.reduce((all, digest) => (all ^ digest) >>> 0, 0)
      const sum = digests.reduce((all, digest) => all + BigInt(digest), 0n)
      const checksum = xor.toString(16).padStart(8, '0') + sum.toString(16).padStart(16, '0')
      expect(forward.result()).toEqual({ rows: digests.length, checksum })
      expect(backward.result()).toEqual(forward.result())
    }),
  )
})

test('the sum stays exact beyond the 53 bits of a number', () => {
  const sum = new RowSum()
  const rows = 2 ** 21 + 3
  for (let row = 0; row < rows; row += 1) sum.add(0xffffffff)
  const expected = 0xffffffffn * BigInt(rows)
  expect(expected).toBeGreaterThan(2n ** 53n)
  expect(sum.result().checksum).toBe(`ffffffff${expected.toString(16).padStart(16, '0')}`)
})

test('rows of any bytes but line breaks are lines of their INSERT, however its buffers are used again', () => {
  const row = fc
    .uint8Array({ maxLength: 300 })
    .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 10 ? 0 : byte))))
  fc.assert(
    fc.property(fc.array(fc.array(row, { maxLength: 20 }), { maxLength: 5 }), (batches) => {
      const batch = new RowBatch('INSERT INTO `t` (`a`) VALUES')
      for (const rows of batches) {
        for (const text of rows) batch.add(text)
        const taken = batch.take()
        const lines = rows.map(
          (text, index) => `(${text.toString('latin1')})${index === rows.length - 1 ? ';' : ','}\n`,
        )
        const expected = rows.length === 0 ? null : `INSERT INTO \`t\` (\`a\`) VALUES\n${lines.join('')}`
        expect(taken === null ? null : Buffer.from(taken).toString('latin1')).toBe(expected)
        if (taken !== null) batch.recycle(taken)
      }
      const sum = new RowSum()
      for (const text of batches.flat()) sum.add(crc32(text))
      expect(batch.sum.result()).toEqual(sum.result())
    }),
  )
})

test('an INSERT is full at a megabyte, and one row may be larger than that', () => {
  const batch = new RowBatch('INSERT')
  // 1,028 bytes a line, and 7 for the head.
  const rows = 1021
  for (let row = 0; row < rows; row += 1) {
    expect(batch.full).toBe(false)
    batch.add(Buffer.alloc(1024, 'x'))
  }
  expect(batch.full).toBe(true)
  const first = batch.take()
  if (first === null) throw new Error('there is an INSERT')
  batch.recycle(first)
  batch.add(Buffer.alloc(5_000_000, 'y'))
  expect(batch.take()?.length).toBe(5_000_000 + 'INSERT\n();\n'.length)
})
