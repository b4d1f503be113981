import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { noOptions } from '../../../src/stores/contract.ts'
import { prefixNames } from '../../../src/stores/redis/declaration.ts'
import { checkLibrary, hasMark, markCode, plainCode } from '../../../src/stores/redis/functions.ts'
import { importFunctions } from '../../../src/stores/redis/import-functions.ts'
import { plan } from '../../../src/stores/redis/plan.ts'
import { planFunctions, pruneFunctions, undeclaredFunctions } from '../../../src/stores/redis/plan-functions.ts'
import type { ObservedFunctions, ObservedNode } from '../../../src/stores/redis/ports.ts'
import { ModelCluster } from '../../helpers/redis/redis-model.ts'

const code = "#!lua name=shop\nredis.register_function('take', function() return 1 end)\n"

function nodes(...functions: readonly ObservedFunctions[]): readonly ObservedNode[] {
  return new ModelCluster(functions.map(() => '10.0.0.1')).observe().map((node, at) => ({
    ...node,
    functions: functions[at] ?? { type: 'none' },
  }))
}

function having(name: string, text: string, ...functions: readonly string[]): ObservedFunctions {
  return { type: 'libraries', libraries: new Map([[name, { code: text, functions }]]) }
}

const nothing: ObservedFunctions = { type: 'libraries', libraries: new Map() }
const declared = new Map([['shop', code]])

describe('libraries of functions', () => {
  test('are loaded where they are missing, and replaced where their code differs', () => {
    expect(planFunctions(declared, nodes(having('shop', markCode('shop', code)), having('shop', code)))).toEqual([])
    const [first, second] = nodes(nothing, having('shop', markCode('shop', code.replace('1', '2')), 'take'))
    expect(
      planFunctions(
        declared,
        [first, second].filter((node) => node !== undefined),
      ),
    ).toMatchObject([
      {
        change: {
          action: 'update',
          loss: null,
          differences: [
            { path: first?.node, actual: null, declared: 'loaded' },
            { path: `${second?.node} line 2`, actual: expect.stringContaining('return 2') },
          ],
        },
        operation: { writes: [{ type: 'load-functions', node: first?.node }, { node: second?.node }] },
      },
    ])
  })

  test('are still created where a killed run has loaded some primaries, or removed from some: a restore goes on', () => {
    const whole = having('shop', markCode('shop', code), 'take')
    for (const places of [
      [whole, nothing, nothing],
      [nothing, whole, whole],
    ]) {
      const [planned] = planFunctions(declared, nodes(...places))
      expect(planned?.change).toMatchObject({ action: 'create', loss: null })
      const [removed] = pruneFunctions(new Map(), nodes(...places))
      expect(removed?.change.action).toBe('remove')
      // What a prune goes on to remove is declared first.
      expect(importFunctions(nodes(...places))).toMatchObject({
        items: [{ resource: { name: 'shop' } }],
        notDeclarable: [],
      })
    }
  })

  test('are not declared where two nodes have different code', () => {
    const places = nodes(having('shop', code, 'take'), having('shop', code.replace('1', '2'), 'take'), nothing)
    expect(importFunctions(places)).toMatchObject({
      items: [],
      notDeclarable: [{ why: 'The nodes have different code under this name.' }],
    })
  })

  test('lose a function only where that is allowed', () => {
    const [change] = planFunctions(declared, nodes(having('shop', `${code}-- more`, 'take', 'give')))
    expect(change?.change.loss).toMatchObject({ code: 'removed-resource', affected: ['give'] })
  })

  test('lose a function whose name is only a part of another, or no text', () => {
    const named = code.replace('take', 'take_all').replace('return 1', 'local give = 1')
    const [change] = planFunctions(new Map([['shop', named]]), nodes(having('shop', code, 'take', 'give')))
    expect(change?.change.loss).toMatchObject({ affected: ['take', 'give'] })
  })

  test('are refused where another library has one of their functions, unless it is removed before', () => {
    const options = { prefix: '', pruned: [] }
    const [old] = nodes(having('old', markCode('old', code.replace('=shop', '=old')), 'take'))
    if (old === undefined) throw new Error('there is no node')
    expect(() => planFunctions(declared, [old], options)).toThrow(
      expect.objectContaining({
        code: 'STORE_REFUSED',
        message: expect.stringMatching(/library `shop` cannot be loaded .* `take` is in the library `old`/),
      }),
    )
    const table = code.replace("('take', function", "{ function_name = 'take', callback = function")
    expect(() => planFunctions(new Map([['shop', table]]), [old])).toThrow()
    const declaration = { cluster: null, settings: new Map(), users: [], families: [], sample: 1, functions: declared }
    const observation = { nodes: [old], commands: new Map() }
    const given = { declaration, prefix: '', server: 's', user: null, options: { ...noOptions, prune: true } }
    expect(plan(given, observation, 'apply').changes.map(({ change }) => change.summary)).toEqual([
      'remove function library old, which no file declares any more',
      expect.stringContaining('load function library shop'),
    ])
  })

  test('are removed only in their own environment', () => {
    const under = (prefix: string, name: string) => having(name, markCode(name, code, prefix), 'take')
    const seen = nodes(under('a_', 'a_shop'), under('b_', 'b_shop'), under('a_b_', 'a_b_shop'), under('', 'shop'))
    const removed = (prefix: string) =>
      pruneFunctions(new Map(), seen, prefix).map(({ change }) => change.resource.name)
    expect(removed('a_')).toEqual(['a_shop'])
    expect(removed('')).toEqual(['shop'])
    const [load] = planFunctions(declared, nodes(nothing), { prefix: 'a_', pruned: [] })
    expect(load?.operation.writes).toMatchObject([{ code: markCode('shop', code, 'a_') }])
  })

  test('are not called as declared where no primary was seen', () => {
    const [node] = nodes(nothing)
    if (node === undefined) throw new Error('there is no node')
    const declaration = { cluster: null, settings: new Map(), users: [], families: [], sample: 1, functions: declared }
    const given = { declaration, prefix: '', server: 's', user: null }
    const observation = { nodes: [{ ...node, role: 'replica' as const }], commands: new Map() }
    for (const purpose of ['apply', 'compare'] as const) {
      const { unchanged, findings, notes } = plan(given, observation, purpose)
      expect(unchanged).toEqual([])
      expect(findings).toMatchObject([{ code: 'STORE_NOT_COMPARED', resource: { name: 'shop' } }])
      expect(notes).toEqual(['Not compared, because no primary answers: function library `shop`.'])
    }
  })

  test('are refused for servers that have none, and for users who may not list them', () => {
    expect(() => planFunctions(declared, nodes({ type: 'none' }))).toThrow(
      expect.objectContaining({ code: 'STORE_UNSUPPORTED' }),
    )
    expect(() => planFunctions(declared, nodes({ type: 'hidden', why: 'NOPERM' }))).toThrow(
      expect.objectContaining({ code: 'STORE_ACCESS_DENIED' }),
    )
    expect(planFunctions(new Map(), nodes({ type: 'none' }))).toEqual([])
  })

  test('are removed only where wwdb wrote exactly this code under this name; others are named', () => {
    const marked = markCode('shop', code)
    const seen = nodes(having('shop', marked, 'take'), having('copied', marked), having('shop', `${marked}-- edited`))
    const pruned = pruneFunctions(new Map(), seen)
    expect(pruned).toMatchObject([
      {
        change: { action: 'remove', loss: { code: 'removed-resource', affected: ['take'] } },
        operation: { writes: [{ type: 'remove-functions', library: 'shop', node: seen[0]?.node }] },
      },
    ])
    expect(undeclaredFunctions(new Map(), seen, pruned).map(({ resource }) => resource.name)).toEqual(['copied'])
    expect(pruneFunctions(declared, seen)).toEqual([])
  })

  test('have a mark behind any code, which is found again and taken off', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\n', '-', ' ') }), (text) => {
        const whole = `#!lua name=shop\n${text}`
        expect(plainCode(markCode('shop', whole))).toBe(whole.trimEnd())
        expect(hasMark('shop', markCode('shop', whole))).toBe(true)
        expect(hasMark('other', markCode('shop', whole))).toBe(false)
        expect(hasMark('shop', whole)).toBe(false)
      }),
    )
  })

  test('say their name in their first line, which gets the prefix', () => {
    expect(checkLibrary('shop', code)).toEqual([])
    expect(checkLibrary('other', code)).toMatchObject([{ says: 'is named `shop` in its first line' }])
    expect(checkLibrary('shop', 'return 1')).toMatchObject([{ says: 'does not begin with a line `#!lua name=...`' }])
    const declaration = { cluster: null, settings: new Map(), users: [], families: [], sample: 1, functions: declared }
    expect([...prefixNames(declaration, 'pr_').functions]).toEqual([
      ['pr_shop', code.replace('name=shop', 'name=pr_shop')],
    ])
  })
})
