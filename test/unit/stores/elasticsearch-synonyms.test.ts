import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { nothingPlain, prefixNames } from '../../../src/stores/elasticsearch/declaration.ts'
import type { Requests } from '../../../src/stores/elasticsearch/driver-requests.ts'
import {
  listSynonyms,
  readAllSynonyms,
  readSynonyms,
  readVisibleSynonyms,
  writeSynonyms,
} from '../../../src/stores/elasticsearch/driver-synonyms.ts'
import type { ObservedSynonyms } from '../../../src/stores/elasticsearch/plain-ports.ts'
import { makerOfSynonyms, planSynonyms } from '../../../src/stores/elasticsearch/synonyms.ts'
import { emptyDeclaration } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'

function written(name: string, rules: readonly string[], prefix: string): ObservedSynonyms {
  const write = planSynonyms({ name, rules }, undefined, prefix).change?.operation.write
  if (write?.type !== 'put-synonyms') throw new Error('nothing is written')
  return write.rules
}

const texts = fc.array(fc.constantFrom('a, b', 'c => d', 'e, f', 'a, b '), { maxLength: 6 })

test('a set that was written is as declared, ours, and none of another environment or name', () => {
  fc.assert(
    fc.property(texts, fc.constantFrom('', 'p_'), (rules, prefix) => {
      const found = written('x', rules, prefix)
      expect(planSynonyms({ name: 'x', rules: rules.toReversed() }, found, prefix).change).toBeNull()
      expect(new Set(found.map(({ id }) => id)).size).toBe(rules.length)
      // The server answers in the order of the IDs.
      expect(found.map(({ id }) => id)).toEqual(found.map(({ id }) => id).toSorted())
      if (rules.length === 0) return
      expect(makerOfSynonyms('x', found, prefix)).toBe('ours')
      expect(makerOfSynonyms('y', found, prefix)).toBe('changed')
      expect(makerOfSynonyms('x', found, 'q_')).toBe('other environment')
      expect(makerOfSynonyms('x', [...found, { id: 'own', synonyms: 'g, h' }], prefix)).toBe('changed')
      expect(makerOfSynonyms('x', [{ id: 'own', synonyms: 'g, h' }], prefix)).toBe('by hand')
    }),
  )
})

test('a rule that is there twice counts twice, and of many differences twenty are shown', () => {
  const plan = (rules: readonly string[], found: readonly string[]) =>
    planSynonyms({ name: 'x', rules }, written('x', found, ''), '').change?.change.differences ?? []
  expect(plan(['a, b'], ['a, b', 'a, b'])).toEqual([{ path: 'rules', actual: 'a, b', declared: null }])
  const many = Array.from({ length: 30 }, (_, number) => `a${number}, b`)
  expect(plan(many, [])).toHaveLength(21)
  expect(plan(many, []).at(-1)?.declared).toBe('and 10 more')
})

test('the prefix stands before a set wherever an analyzer names it', () => {
  const settings = {
    analysis: { filter: { one: { type: 'synonym_graph', synonyms_set: 'goods' } } },
    'analysis.filter.two.synonyms_set': ['goods', 'elsewhere'],
  }
  const prefixed = prefixNames(
    {
      ...emptyDeclaration,
      indices: [{ name: 'i', settings, mappings: {} }],
      plain: { ...nothingPlain, synonyms: [{ name: 'goods', rules: [] }] },
    },
    'p_',
  )
  expect(prefixed.plain.synonyms).toEqual([{ name: 'p_goods', rules: [] }])
  expect(prefixed.indices[0]?.settings).toEqual({
    analysis: { filter: { one: { type: 'synonym_graph', synonyms_set: 'p_goods' } } },
    'analysis.filter.two.synonyms_set': ['p_goods', 'elsewhere'],
  })
})

test('rules that somebody else wrote are lost only with a permission, and those of wwdb without one', () => {
  const lossOf = (rules: readonly string[], found: ObservedSynonyms) =>
    planSynonyms({ name: 'x', rules }, found, '').change?.change.loss ?? null
  const ours = written('x', ['a, b', 'c, d'], '')
  const added = { id: 'own', synonyms: 'e, f' }
  expect(lossOf(['a, b'], ours)).toBeNull()
  expect(lossOf(['a, b', 'c, d'], [...ours, added])).toMatchObject({ code: 'removed-rules', affected: ['`e, f`'] })
  expect(lossOf(['a, b', 'c, d', 'e, f', 'g, h'], [...ours, added])).toBeNull()
  // A rule that was taken away by hand comes back.
  expect(lossOf(['a, b', 'c, d'], ours.slice(1))).toBeNull()
  const changed = ours.map((rule, number) => (number === 0 ? { ...rule, synonyms: 'a, b, z' } : rule))
  expect(lossOf(['a, b', 'c, d'], changed)).toMatchObject({ affected: ['`a, b, z`'] })
  expect(lossOf([], [added])).toMatchObject({ code: 'removed-rules' })
  fc.assert(
    fc.property(texts, texts, texts, (rules, before, more) => {
      const left = more.filter((rule) => !rules.includes(rule))
      const found = [...written('x', before, ''), ...more.map((synonyms, id) => ({ id: `own-${id}`, synonyms }))]
      if (left.length > 0)
        expect(lossOf(rules, found)?.affected).toEqual(expect.arrayContaining(left.map((rule) => `\`${rule}\``)))
      if (more.length === 0) expect(lossOf(rules, found)).toBeNull()
    }),
  )
})

interface Sent {
  readonly path: string
  readonly query: Readonly<Record<string, unknown>>
}

/** A server that answers as this function does. */
function answering(answer: (sent: Sent) => unknown): Requests {
  const read = async (path: string, query = {}): Promise<unknown> => answer({ path, query })
  return {
    server: 's',
    get: (_, path, query) => read(path, query),
    greet: (_, path) => read(path),
    find: (_, path, query) => read(path, query),
    findAs: (_as, _, path) => read(path),
    ask: (_, path) => read(path),
    askExactly: (_, path) => read(path),
    send: (_, _method, path) => read(path),
  }
}

/** A server of this version, which returns at most so many rules of a set. */
function keeping(rules: ObservedSynonyms, { version = '9.3.0', most = Number.POSITIVE_INFINITY } = {}): Requests {
  return answering(({ path, query }) => {
    if (path === '/') return { version: { number: version } }
    const [from, size] = [Number(query['from'] ?? 0), Number(query['size'])]
    if (Number(version.split('.')[1]) < 10 && version.startsWith('8.'))
      throw refusal('contains unrecognized parameter: [size]')
    if (path === '/_synonyms') return { count: 1, results: [{ synonyms_set: 'x' }] }
    if (from + size > most) throw refusal('Result window is too large')
    return { count: rules.length, synonyms_set: rules.slice(from, from + size) }
  })
}

function refusal(why: string): ToolError {
  return new ToolError('STORE_REFUSED', { what: 'The server refused it.', why })
}

const large: ObservedSynonyms = Array.from({ length: 25_000 }, (_, id) => ({ id: String(id), synonyms: `a${id}, b` }))

test('all rules of a set are read, page by page, and one that the server does not return is never taken for none', async () => {
  expect(await readSynonyms(keeping(large), 'x')).toEqual(large)
  expect(await readSynonyms(keeping(large.slice(0, 3)), 'x')).toHaveLength(3)
  const cut = keeping(large, { most: 10_000 })
  await expect(readSynonyms(cut, 'x')).rejects.toThrow('it has 25000 rules, and the server returns 10000')
  expect(makerOfSynonyms('x', (await readAllSynonyms(cut)).get('x') ?? [], '')).toBe('by hand')
  expect(await readVisibleSynonyms(cut)).toEqual({ synonyms: new Map(), cutSynonyms: ['x'] })
  expect(await readVisibleSynonyms(keeping(large))).toEqual({ synonyms: new Map([['x', large]]), cutSynonyms: [] })
})

test('a server without synonyms sets has none, and one that refuses to list them is not taken for one', async () => {
  for (const version of ['8.0.0', '8.9.2']) {
    const old = keeping([], { version })
    expect(await listSynonyms(old)).toEqual([])
    expect(await readVisibleSynonyms(old)).toEqual({ synonyms: new Map(), cutSynonyms: [] })
  }
  const refusing = answering(({ path }) => {
    if (path === '/') return { version: { number: '8.10.0' } }
    throw refusal('no shard is there')
  })
  await expect(listSynonyms(refusing)).rejects.toThrow('The server refused it.')
})

test('a set whose analyzers did not read it again is not reported as done', async () => {
  const write = (details: unknown) =>
    writeSynonyms(
      answering(() => details),
      'goods',
      [],
    )
  await write({ result: 'created' })
  await write({ result: 'updated', reload_analyzers_details: { _shards: { total: 2, successful: 1, failed: 0 } } })
  const failures = [{ shard: 0, index: 'goods-1', reason: { type: 'parse', reason: 'the filter cannot read it' } }]
  await expect(
    write({
      result: 'updated',
      reload_analyzers_details: { _shards: { total: 2, successful: 1, failed: 1, failures } },
    }),
  ).rejects.toMatchObject({
    code: 'STORE_REFUSED',
    faults: [
      {
        what: expect.stringContaining('1 of 2 shards did not read it again'),
        why: 'the filter cannot read it.',
        next: expect.stringContaining('POST /goods-1/_reload_search_analyzers'),
      },
    ],
  })
})
