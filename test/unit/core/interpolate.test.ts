// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of a configuration look like those of a template
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { interpolate } from '../../../src/core/interpolate.ts'

const environment = { NAME: 'value', EMPTY: '', PRICE: '$5', NESTED: '${NAME}' }

describe('interpolate', () => {
  it.each([
    ['${NAME}', 'value'],
    ['a ${NAME} b ${NAME}', 'a value b value'],
    ['${NAME:-other}', 'value'],
    ['${UNSET:-other}', 'other'],
    ['${UNSET:-}', ''],
    ['${EMPTY}', ''],
    ['${EMPTY:-other}', 'other'],
    ['${UNSET:-mysql://root@127.0.0.1:13306}', 'mysql://root@127.0.0.1:13306'],
    ['$${NAME}', '${NAME}'],
    ['$$${NAME}', '$${NAME}'],
    ['$NAME $ {NAME}', '$NAME $ {NAME}'],
    ['${PRICE}', '$5'],
    ['${NESTED}', '${NAME}'],
  ])('turns %s into %j', (text, expected) => {
    expect(interpolate({ key: text }, environment)).toEqual({
      value: { key: expected },
      missing: new Map(),
      faults: [],
    })
  })

  it('leaves everything but strings as it is, at any depth', () => {
    const document = { list: [1, '${NAME}', null], deep: { flag: true, text: 'x${NAME}' } }
    expect(interpolate(document, environment).value).toEqual({
      list: [1, 'value', null],
      deep: { flag: true, text: 'xvalue' },
    })
  })

  it('names the variable that is not set, and the path that needs it', () => {
    const outcome = interpolate({ databases: { 'my db': { url: 'mysql://${WHO}' } }, list: ['${WHERE}'] }, environment)
    expect(outcome.missing).toEqual(
      new Map([
        ['databases["my db"].url', 'WHO'],
        ['list[0]', 'WHERE'],
      ]),
    )
  })

  it.each([
    ['${NAME', 'contains a "${" without a closing "}"'],
    ['${}', 'contains a reference that is neither ${NAME} nor ${NAME:-default}'],
    ['${NAME:?message}', 'contains a reference that is neither ${NAME} nor ${NAME:-default}'],
    ['${1X}', 'contains a reference that is neither ${NAME} nor ${NAME:-default}'],
  ])('refuses %s', (text, why) => {
    expect(interpolate({ key: text }, environment).faults).toEqual([{ path: 'key', why }])
  })

  it('gives an escaped text back unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'N', ':', '-') }), (text) => {
        const escaped = text.replaceAll('${', () => '$${')
        const { value } = interpolate({ key: escaped }, environment)
        expect(value).toEqual({ key: text })
      }),
    )
  })
})
