import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collectSecrets, redactFault, redactText } from '../../../src/config/redact.ts'
import { resolveText } from './resolve-text.ts'

describe('redactText', () => {
  it.each([
    ['Access denied (using geheim99)', ['geheim99'], 'Access denied (using ***)'],
    ['mysql://root:pw@h/db', [], 'mysql://root:***@h/db'],
    ['mysql://root:p@ss/w@h/db and mysql://a:b@c', [], 'mysql://root:***@h/db and mysql://a:***@c'],
    ['"mysql://root:pw@h","redis://x:yz@h"', [], '"mysql://root:***@h","redis://x:***@h"'],
    ['mysql://root@h/db', [], 'mysql://root@h/db'],
    ['p%40ss%2fword p%40ss%2Fword', ['p@ss/word'], '*** ***'],
    ['{"password":"a\\"b\\\\c"}', ['a"b\\c'], '{"password":"***"}'],
    ['long-secret-and-more long-secret', ['long-secret', 'long-secret-and-more'], '*** ***'],
    ['a.c+ abc', ['a.c+'], '*** abc'],
    ['Use another user, other than other1', ['other'], 'Use another user, *** than ***1'],
    ['prefix_geheim99x', ['geheim99'], 'prefix_***x'],
    ['nothing short is touched: abc', ['abc', ''], 'nothing short is touched: abc'],
  ])('%s', (text, secrets, expected) => {
    expect(redactText(text, secrets)).toBe(expected)
  })

  it('leaves no form of a secret in any text', () => {
    const secret = fc.string({ unit: 'grapheme', minLength: 4, maxLength: 30 }).filter((text) => !'***'.includes(text))
    fc.assert(
      fc.property(fc.string(), secret, fc.string(), (before, text, after) => {
        const forms = [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1)]
        for (const form of forms) expect(redactText(`${before}|${form}|${after}`, [text])).not.toContain(form)
      }),
    )
  })
})

describe('redactFault', () => {
  it('masks every text and leaves out an excerpt that held a secret', () => {
    const fault = {
      what: 'what geheim99',
      why: 'why geheim99',
      next: 'next geheim99',
      where: { file: 'a.sql', line: 1, statement: "SET x = 'geheim99'" },
      excerpt: { text: "SET x = 'geheim99'", line: 1, column: 5 },
    }
    expect(redactFault(fault, ['geheim99'])).toEqual({
      what: 'what ***',
      why: 'why ***',
      next: 'next ***',
      where: { file: 'a.sql', line: 1, statement: "SET x = '***'" },
    })
  })
})

/** Begins and ends so that no part of a sentence is taken for it; may hold whatever passwords hold. */
const password = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .filter((text) => !/[\0$]/.test(text))
  .map((text) => `Q7x${text}x7Q`)

describe('no secret is ever shown', () => {
  const show = (text: string, environment: Record<string, string> = {}): string => {
    const { config, entries, faults } = resolveText(text, { environment, files: { pw: 'Q7x from a file x7Q' } })
    return JSON.stringify({ config, entries, faults })
  }

  it('in what `config show` prints, in faults, nor in the configuration printed as JSON', () => {
    fc.assert(
      fc.property(
        password,
        fc.boolean(),
        fc.constantFrom('url', 'password', 'variable', 'sandbox', 'mistyped'),
        (secret, wrong, where) => {
          const inUrl = `mysql://root:${encodeURIComponent(secret)}@h${wrong ? ':x' : ''}`
          const document = {
            url: where === 'url' ? inUrl : 'mysql://root@h',
            databases: { app: where === 'password' ? { password: wrong ? [secret] : secret } : {} },
            ...(where === 'sandbox' ? { sandbox: { url: inUrl } } : {}),
            ...(where === 'mistyped' ? { pasword: secret } : {}),
            ...(wrong ? { concurrency: 0 } : {}),
          }
          const shown = show(JSON.stringify(document, null, 2), where === 'variable' ? { WWDB_PASSWORD: secret } : {})
          expect(shown).not.toContain('Q7x')
          expect(shown).not.toContain('x7Q')
        },
      ),
    )
  })

  it('from a password file', () => {
    expect(show('{"url": "mysql://root@h", "databases": {"app": {"passwordFile": "pw"}}}')).not.toContain('Q7x')
  })
})

describe('collectSecrets', () => {
  it('names the passwords of all servers and of the sandbox, and private keys', () => {
    const document = {
      url: 'mysql://root:first%2Fone@h',
      databases: { one: {}, two: { url: 'mysql://root@h', password: 'second', tls: { cert: 'c', key: 'k' } } },
      sandbox: { url: 'mysql://root:third%21@h' },
    }
    const { config } = resolveText(JSON.stringify(document), { files: { c: 'CERT', k: 'PRIVATE' } })
    expect(collectSecrets(config)).toEqual(['first/one', 'second', 'PRIVATE', 'third%21', 'third!'])
  })
})
