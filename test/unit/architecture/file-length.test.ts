import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const source = resolve(import.meta.dirname, '../../../src')

test('no file of src has over 300 lines, but for generated ones', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  const written = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.generated.ts'))
  const long = written.filter((file) => readFileSync(join(source, file), 'utf8').split('\n').length > 301)
  expect(long).toEqual([])
})
