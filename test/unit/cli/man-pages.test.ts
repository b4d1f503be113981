import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { flagsOf } from '../../../src/cli/command-entry.ts'
import { globalFlags } from '../../../src/cli/global-flags.ts'
import { manPages } from '../../../src/cli/help/man-pages.ts'
import { topicNames } from '../../../src/cli/help/topics.ts'
import { commandEntries } from '../../../src/cli/registry.ts'

const pages = manPages('1.2.3')
const list = [...pages].map(([file, text]) => ({ file, text }))

/** How a manual program shows a line: without fonts, and with its escapes read. */
function shown(text: string): string {
  return text
    .replaceAll(/\\f[BIR]/g, '')
    .replaceAll('\\-', '-')
    .replaceAll('\\&', '')
    .replaceAll('\\e', '\\')
}

/** The requests that pages may have, with the words behind each. */
const requests: Readonly<Record<string, RegExp>> = {
  TH: /^"[A-Z-]+" "1" "" "wwdb 1\.2\.3" "wwdb"$/,
  SH: /^[A-Z ]+$/,
  SS: /\S/,
  TP: /^$/,
  PP: /^$/,
  RS: /^4$/,
  RE: /^$/,
  nf: /^$/,
  fi: /^$/,
  br: /^$/,
}

describe.each(list)('$file', ({ file, text }) => {
  const lines = text.trimEnd().split('\n')

  test('has no request and no escape that manual programs do not all know', () => {
    const strange = lines.filter((line) => {
      if (/^['.]/.test(line)) {
        const [, name = '', words = ''] = /^\.([A-Za-z]+) ?(.*)$/.exec(line) ?? []
        return requests[name]?.test(words) !== true
      }
      return line === '' || /\\(?!-|&|e|f[BIR])/.test(line) || /[^\x20-\x7e]/.test(line)
    })
    expect(strange).toEqual([])
  })

  test('opens with its name, and closes every font, indent and block', () => {
    expect(lines[0]).toMatch(/^\.TH /)
    expect(lines.slice(1, 3)).toEqual(['.SH NAME', expect.stringMatching(/^[a-z\\-]+ \\- \S/)])
    expect(shown(lines[2] ?? '')).toContain(file.replace('.1', ''))
    for (const [open, close] of [
      ['.RS 4', '.RE'],
      ['.nf', '.fi'],
    ])
      expect(lines.filter((line) => line === open).length).toBe(lines.filter((line) => line === close).length)
    for (const line of lines) expect(line.match(/\\f[BI]/g)?.length ?? 0).toBe(line.match(/\\fR/g)?.length ?? 0)
  })
})

test('the manual has every command with its purpose, flags, examples and exit codes', () => {
  for (const entry of commandEntries) {
    const text = shown(pages.get(`wwdb-${entry.name.split(' ')[0]}.1`) ?? '')
    expect(text).toContain(`wwdb ${entry.name}`)
    expect(text).toContain(entry.purpose.replaceAll('`', ''))
    for (const { long } of flagsOf(entry)) expect(text).toContain(`--${long}`)
    for (const { command } of entry.examples) expect(text).toContain(command)
  }
})

test('the first page names every other, every shared flag and every topic', () => {
  const text = shown(pages.get('wwdb.1') ?? '')
  for (const file of pages.keys()) if (file !== 'wwdb.1') expect(text).toContain(`\n${file.replace('.1', '(1)')}\n`)
  for (const { long } of flagsOf({ flags: globalFlags })) expect(text).toContain(`--${long}`)
  for (const topic of topicNames) expect(text).toContain(`\n${topic}\n`)
})

test('the package names each page, so that npm links it', () => {
  const { man } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../../package.json'), 'utf8'))
  expect(man).toEqual([...pages.keys()].map((file) => `./dist/man/${file}`))
})

/** Where groff is installed it is asked, too, with all its warnings. */
const formatters = spawnSync('groff', ['--version']).status === 0 ? ['groff'] : []

test.each([...formatters, 'the checks above'])('%s finds nothing wrong', (formatter) => {
  if (formatter !== 'groff') return expect(list.length).toBeGreaterThan(30)
  const input = list.map(({ text }) => text).join('')
  const run = spawnSync('groff', ['-man', '-ww', '-z', '-Tutf8'], { input, encoding: 'utf8' })
  expect(run).toMatchObject({ status: 0, stderr: '' })
})
