import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { storeKinds } from '../../../src/core/store.ts'

const project = resolve(import.meta.dirname, '../../..')

interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

const page = readFileSync(join(project, 'docs/guides/stores.md'), 'utf8')

/** A kind that no file declares: for a reason, or so far. */
const isOpen = (cell: string): boolean => /^(?:left out[:,] \S|not yet(?:: \S|$))/.test(cell)

/** The cells of wwdb in the table of a store: keys of declarations, or that there are none, and why. */
function cellsOf(store: string): readonly string[] {
  const [, table = ''] =
    new RegExp(`^\\| ${store} \\| wwdb \\|.*\\n\\|[ |-]+\\|\\n((?:\\|.*\\n)+)`, 'm').exec(page) ?? []
  return table
    .trimEnd()
    .split('\n')
    .map((line) => (line.split(' | ')[1] ?? '').trim())
}

const pathsOf = (store: string): readonly string[] =>
  cellsOf(store)
    .filter((cell) => !isOpen(cell))
    .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path))

function schemaOf(store: string): Schema {
  return JSON.parse(readFileSync(join(project, `schemas/${store}-declaration.schema.json`), 'utf8'))
}

/** A value or its elements; each may also be a text with a variable. */
function formsOf(schema: Schema): readonly Schema[] {
  return [schema, ...(schema.anyOf ?? []), ...(schema.items === undefined ? [] : [schema.items])].flatMap((one) =>
    one === schema ? [one] : formsOf(one),
  )
}

/** A star stands for any name. */
function exists(schema: Schema, [part, ...rest]: readonly string[]): boolean {
  if (part === undefined) return true
  return formsOf(schema).some(({ properties, additionalProperties }) => {
    const child = part === '*' ? additionalProperties : properties?.[part]
    return typeof child === 'object' && exists(child, rest)
  })
}

/** The keys of a file, and below them every map of things that have keys of their own. */
function kindsOf(schema: Schema): readonly string[] {
  const keys = Object.keys(schema.properties ?? {}).filter((key) => key !== '$schema')
  const walk = (one: Schema, path: readonly string[]): readonly string[] =>
    formsOf(one).flatMap(({ properties = {}, additionalProperties }) => {
      const below = Object.entries(properties).flatMap(([key, child]) => walk(child, [...path, key]))
      if (typeof additionalProperties !== 'object' || additionalProperties.properties === undefined) return below
      return [path.join('.'), ...walk(additionalProperties, [...path, '*']), ...below]
    })
  return [...new Set([...keys, ...walk(schema, [])])]
}

describe.each(storeKinds)('the table of what is covered: %s', (store) => {
  test('names no key that a declaration cannot have', () => {
    const schema = schemaOf(store)
    expect(pathsOf(store).filter((path) => !exists(schema, path.split('.')))).toEqual([])
  })

  test('names every kind of resource that can be declared', () => {
    const paths = pathsOf(store)
    const isNamed = (kind: string): boolean => paths.some((path) => path === kind || path.startsWith(`${kind}.`))
    expect(kindsOf(schemaOf(store)).filter((kind) => !isNamed(kind))).toEqual([])
  })

  test('says of each row what declares it, or that nothing does', () => {
    expect(cellsOf(store).length).toBeGreaterThan(3)
    expect(cellsOf(store).filter((cell) => !cell.startsWith('`') && !isOpen(cell))).toEqual([])
  })
})
