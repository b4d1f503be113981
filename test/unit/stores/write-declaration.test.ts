import {
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freeName, sweepDeclarations, writeDeclaration } from '../../../src/stores/write-declaration.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wwdb-declaration-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const files = (): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))

const failing = (code: string) => (): never => {
  throw Object.assign(new Error(code), { code, syscall: 'link' })
}

test('a new file is whole, leaves nothing beside it, and gets a number where there is one', () => {
  expect(writeDeclaration(folder, 'users', 'a')).toBe(join(folder, 'users.yaml'))
  expect(writeDeclaration(folder, 'users', 'b')).toBe(join(folder, 'users-2.yaml'))
  expect(files()).toEqual({ 'users.yaml': 'a', 'users-2.yaml': 'b' })
})

test('a file that somebody else writes at that moment is not overwritten', () => {
  let isFirst = true
  const raced = (from: string, to: string): void => {
    writeFileSync(to, isFirst ? 'theirs' : readFileSync(from))
    if (!isFirst) return
    isFirst = false
    failing('EEXIST')()
  }
  expect(writeDeclaration(folder, 'users', 'ours', raced)).toBe(join(folder, 'users-2.yaml'))
  expect(files()).toEqual({ 'users.yaml': 'theirs', 'users-2.yaml': 'ours' })
})

test('a name that a link to nothing has is taken, before and at the moment of the write', () => {
  symlinkSync(join(folder, 'missing'), join(folder, 'users.yaml'))
  expect(freeName(folder, 'users')).toBe(join(folder, 'users-2.yaml'))
  expect(writeDeclaration(folder, 'users', 'a')).toBe(join(folder, 'users-2.yaml'))
  let tries = 0
  const refusing = (from: string, to: string): void => {
    tries += 1
    if (tries === 5) linkSync(from, to)
    else if (tries < 5) failing('EEXIST')()
    else throw new Error('it tries for ever')
  }
  expect(writeDeclaration(folder, 'roles', 'b', refusing)).toBe(join(folder, 'roles-5.yaml'))
})

test('a file system without links takes a copy, which overwrites nothing; any other failure leaves none', () => {
  for (const code of ['EPERM', 'EISDIR', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']) {
    expect(writeDeclaration(folder, code, 'a', failing(code))).toBe(join(folder, `${code}.yaml`))
    expect(files()).toEqual({ [`${code}.yaml`]: 'a' })
    rmSync(join(folder, `${code}.yaml`))
  }
  const raced = (_: string, to: string): never => {
    if (to.endsWith('users.yaml')) writeFileSync(to, 'theirs')
    return failing('EPERM')()
  }
  expect(writeDeclaration(folder, 'users', 'ours', raced)).toBe(join(folder, 'users-2.yaml'))
  expect(() => writeDeclaration(folder, 'roles', 'b', failing('EACCES'))).toThrow('EACCES')
  expect(files()).toEqual({ 'users.yaml': 'theirs', 'users-2.yaml': 'ours' })
})

test('what a killed import left goes after a day, and nothing else', () => {
  const now = Date.now()
  const draft = '.import-0b5f6d3e-7a51-4c8e-9d51-6f0c35a1f4b2.part'
  const recent = '.import-1b5f6d3e-7a51-4c8e-9d51-6f0c35a1f4b2.part'
  for (const name of [draft, recent, `${draft}.bak`, '.import-mine.part', 'users.yaml'])
    writeFileSync(join(folder, name), 'users: {')
  const old = new Date(now - 25 * 3_600_000)
  for (const name of readdirSync(folder)) if (name !== recent) utimesSync(join(folder, name), old, old)
  expect(sweepDeclarations(folder, folder, now)).toEqual([
    `Removed 1 file that killed runs had not finished from \`.\`: \`${draft}\`.`,
  ])
  expect(Object.keys(files()).toSorted()).toEqual(
    ['.import-mine.part', recent, `${draft}.bak`, 'users.yaml'].toSorted(),
  )
  expect(sweepDeclarations(folder, folder, now)).toEqual([])
  expect(sweepDeclarations(folder, join(folder, 'missing'), now)).toEqual([])
})

test('what a killed import left stays where it can be read, and is named, unless a file has its text already', () => {
  const now = Date.now()
  const draftOf = (digit: number): string => `.import-${digit}b5f6d3e-7a51-4c8e-9d51-6f0c35a1f4b2.part`
  const [whole, cut, linked] = [draftOf(1), draftOf(2), draftOf(3)]
  writeFileSync(join(folder, whole), 'users:\n  ann: {}\n')
  writeFileSync(join(folder, cut), 'users:\n  ann: {}\n  be')
  writeFileSync(join(folder, 'users.yaml'), 'users:\n  ann: {}\n')
  linkSync(join(folder, 'users.yaml'), join(folder, linked))
  const old = new Date(now - 25 * 3_600_000)
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), old, old)
  expect(sweepDeclarations(folder, folder, now)).toEqual([
    `Removed 2 files that killed runs had not finished from \`.\`: \`${cut}\`, \`${linked}\`.`,
    `Killed runs left 1 file in \`.\` that can be read: \`${whole}\`. Check that each is complete and let its name end in \`.yaml\`, or remove it.`,
  ])
  expect(Object.keys(files()).toSorted()).toEqual([whole, 'users.yaml'].toSorted())
})
