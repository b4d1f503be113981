import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { interpolate } from '../../../src/core/interpolate.ts'
import { readDeclarationDocument } from '../../../src/stores/declare/read-declarations.ts'
import { jsonSchema, readDeclaration } from '../../../src/stores/redis/schema.ts'

const root = new URL('../../../', import.meta.url)

test('the schema for editors is that of the reader: else run npm run generate', () => {
  const written: unknown = JSON.parse(readFileSync(new URL('schemas/redis-declaration.schema.json', root), 'utf8'))
  expect(written).toEqual(JSON.parse(JSON.stringify(jsonSchema())))
})

test('the platform declares a cluster, both kinds of persistence, and no eviction of what is missed', () => {
  const folder = new URL('migrations/redis/', root)
  const documents = readdirSync(folder).map((name) => {
    const document = readDeclarationDocument(readFileSync(new URL(name, folder), 'utf8'), name)
    if (!('value' in document)) throw new Error(JSON.stringify(document))
    return { ...document, value: interpolate(document.value, {}).value }
  })
  const outcome = readDeclaration(documents)
  if (outcome.type === 'faults') throw new Error(JSON.stringify(outcome.faults))
  const { cluster, settings, families, users } = outcome.declaration
  expect(cluster).toEqual({ replicas: 1, separateHosts: false, primaries: null, remove: [] })
  expect(settings.get('appendonly')).toBe('yes')
  expect(settings.get('save')).toBe('900 1 300 10 60 10000')
  expect(families.map(({ role }) => role)).toEqual(expect.arrayContaining(['session', 'lock', 'cache']))
  expect(users.map(({ passwordHashes }) => passwordHashes)).toEqual([null, null])
})
