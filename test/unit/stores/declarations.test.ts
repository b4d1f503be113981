import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { checkDocument } from '../../../src/stores/declare/check-documents.ts'
import { findDoubts, readDeclarations } from '../../../src/stores/declare/read-declarations.ts'

const schema = z.strictObject({
  buckets: z.optional(
    z.array(
      z.strictObject({
        name: z.string(),
        days: z.optional(z.int().check(z.minimum(1))),
        kind: z.optional(z.enum(['hot', 'cold'])),
      }),
    ),
  ),
  rules: z.optional(z.record(z.string(), z.union([z.string(), z.strictObject({ every: z.string() })]))),
})

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wwdb-declarations-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function read(files: Readonly<Record<string, string>>, variables: Readonly<Record<string, string>> = {}) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text)
  const { documents, faults, secrets } = readDeclarations({ directory: root, root, variables })
  const checked = documents.map((document) => checkDocument(document, schema))
  return {
    values: checked.flatMap((one) => (one.type === 'value' ? [one.value] : [])),
    faults: [...faults, ...checked.flatMap((one) => (one.type === 'faults' ? one.faults : []))].map(
      ({ what, where, why, next }) =>
        [`${where?.file}:${where?.line ?? 0}:${where?.column ?? 0}`, what, why, next].filter(Boolean).join(' '),
    ),
    secrets,
  }
}

describe('a folder of declarations', () => {
  it('is read by name, YAML and JSON alike, with variables replaced', () => {
    const files = {
      'b.json': '{"buckets": [{"name": "cold"}]}',
      'a.yaml': `buckets:\n  - name: hot\${SUFFIX:-}\n    days: 30\n`,
      '.hidden.yaml': 'nothing: true',
      'notes.txt': 'nothing',
    }
    expect(read(files, { SUFFIX: '_1' })).toMatchObject({
      values: [{ buckets: [{ name: 'hot_1', days: 30 }] }, { buckets: [{ name: 'cold' }] }],
      faults: [],
    })
  })

  it('is in doubt before a prune where a file or folder in it is meant to declare, and does not', () => {
    mkdirSync(join(root, 'more'))
    mkdirSync(join(root, 'notes'))
    for (const [name, text] of Object.entries({
      'empty.yaml': '# nothing\n',
      'said.yaml': '{}',
      'LARGE.YAML': 'buckets: []',
      'more/a.yml': 'buckets: []',
      'notes/a.txt': '',
    }))
      writeFileSync(join(root, name), text)
    const folder = { directory: root, root, variables: {} }
    const doubts = findDoubts(folder, readDeclarations(folder).documents)
    expect(doubts.map(({ where }) => where?.file).toSorted()).toEqual(['LARGE.YAML', 'empty.yaml', 'more'])
  })

  it('does not exist', () => {
    const { faults } = readDeclarations({ directory: join(root, 'nowhere'), root, variables: {} })
    expect(faults).toMatchObject([{ what: 'The folder `nowhere` does not exist.', where: { file: 'nowhere' } }])
  })

  it.each([
    ['buckets:\n  - nam: hot\n', 'a.yaml:2:5 buckets[0].nam is not a known key. Did you mean `name`?'],
    ['bukkets: []\n', 'a.yaml:1:1 bukkets is not a known key. Did you mean `buckets`?'],
    ['buckets:\n  - name: hot\n    days: 0\n', 'a.yaml:3:5 buckets[0].days must be at least 1, not 0.'],
    [
      'buckets:\n  - name: a\n    kind: hott\n',
      'a.yaml:3:5 buckets[0].kind must be "hot" or "cold", not "hott". Did you mean `hot`?',
    ],
    ['buckets: 5\n', 'a.yaml:1:1 buckets must be a list, not 5.'],
    ['rules:\n  x: {evry: 1h}\n', 'a.yaml:2:7 rules.x.evry is not a known key. Did you mean `every`?'],
    [`buckets:\n  - name: \${NOT_SET}\n`, 'a.yaml:2:5 buckets[0].name needs the variable `NOT_SET`, which is not set.'],
    ['buckets: []\nbuckets: []\n', 'a.yaml:2:1 The file is not valid YAML: map keys must be unique.'],
    ['buckets: [\n', 'The file is not valid YAML: '],
    ['a: &a\n  - *a\n', 'The file is not valid YAML: it is nested deeper than 64 levels. Flatten it.'],
    ['a: !!thing 1\n', 'The file is not valid YAML: '],
    ['--- \nbuckets: []\n---\nbuckets: []\n', 'The file is not valid YAML: '],
  ])('%j: %s', (text, sentence) => {
    expect(read({ 'a.yaml': text }).faults.join('\n')).toContain(sentence)
  })

  it('must hold something', () => {
    expect(read({}).faults[0]).toContain('declares nothing')
    rmSync(root, { recursive: true })
    expect(readDeclarations({ directory: root, root, variables: {} }).faults).toHaveLength(1)
  })

  it('marks its secret values', () => {
    const text = `rules:\n  password: \${P}\n  every: 1h\n`
    expect(read({ 'a.yaml': text }, { P: 'hushhush' }).secrets).toEqual(['hushhush'])
    const endpoint = `notificationEndpoints: { a: { type: slack, url: "\${P}", routingKey: key, headers: { b: c } } }`
    expect(read({ 'a.yaml': endpoint }, { P: 'https://h/T0\n' }).secrets).toEqual([
      'https://h/T0\n',
      'https://h/T0',
      'key',
      'c',
    ])
  })
})
