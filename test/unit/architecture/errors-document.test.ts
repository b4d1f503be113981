import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { exitCodes } from '../../../src/core/exit-code.ts'
import { errorsDocument, listErrorCodes } from '../../helpers/documents/errors-document.ts'

const source = path.join(import.meta.dirname, '../../../src')
const table = 'core/error-codes.ts'
const texts = new Map(
  readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [name.replaceAll('\\', '/'), readFileSync(path.join(source, name), 'utf8')]),
)
const codes = listErrorCodes()

test('docs/reference/errors.md is what the table of error codes says', async () => {
  await expect(errorsDocument()).toMatchFileSnapshot('../../../docs/reference/errors.md')
})

test('every error code is used', () => {
  const others = [...texts].flatMap(([name, text]) => (name === table ? [] : [text])).join('\n')
  expect(codes.map(({ code }) => code).filter((code) => !others.includes(`'${code}'`))).toEqual([])
})

test('the codes are in alphabetical order', () => {
  const written = [...(texts.get(table) ?? '').matchAll(/^ {2}([A-Z_]+): /gm)].map(([, code]) => code)
  expect(written.length).toBeGreaterThan(100)
  expect(written).toEqual(written.toSorted())
})

test('the meaning of every error code is one sentence of its own with a full stop', () => {
  const meanings = codes.map(({ meaning }) => meaning)
  expect(meanings.filter((meaning) => !/^(?:[A-Z]|wwdb )[^.]*(?:\.\w[^.]*)*\.$/.test(meaning))).toEqual([])
  expect(meanings.filter((meaning, index) => meanings.indexOf(meaning) !== index)).toEqual([])
})

test('an error names an exit code only where it is not the first of its code, and one that the table has', () => {
  const wrong = [...texts].flatMap(([name, text]) =>
    [...text.matchAll(/new ToolError\(\s*'([A-Z_]+)'((?:(?!new ToolError\(|\n\})[\s\S])*)/g)].flatMap(
      ([, code, rest]) => {
        const named = /\{ exitCode: exitCodes\.(\w+)/.exec(rest ?? '')?.[1]
        const exit = Object.entries(exitCodes).find(([key]) => key === named)?.[1]
        const others = codes.find((entry) => entry.code === code)?.exits.slice(1) ?? []
        return exit === undefined || others.includes(exit) ? [] : [`${name}: ${code} with ${named}`]
      },
    ),
  )
  expect(wrong).toEqual([])
})
