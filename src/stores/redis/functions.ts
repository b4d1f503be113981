import { createHash } from 'node:crypto'
import type { Objection } from '../declare/check-documents.ts'

/** A library of functions, as `FUNCTION LIST` shows it. */
export interface ObservedLibrary {
  readonly code: string
  /** Of its functions. */
  readonly functions: readonly string[]
}

const markStart = '-- Written by wwdb from its declaration: change it there. Digest: '

/** Behind the code, so that its lines keep their numbers in errors. */
export function markCode(name: string, code: string): string {
  const text = code.trimEnd()
  return `${text}\n${markStart}${digestOf(name, text)}\n`
}

function digestOf(name: string, text: string): string {
  return createHash('sha256').update(`${name}\n${text}`).digest('hex').slice(0, 32)
}

/** The code without the mark: equal ones do the same. */
export function plainCode(code: string): string {
  const lines = code.trimEnd().split('\n')
  return (lines.at(-1)?.startsWith(markStart) === true ? lines.slice(0, -1) : lines).join('\n').trimEnd()
}

/** Whether wwdb wrote exactly this code under exactly this name. */
export function hasMark(name: string, code: string): boolean {
  return code.trimEnd().endsWith(`\n${markStart}${digestOf(name, plainCode(code))}`)
}

const firstLine = /^#!lua +name=([A-Za-z0-9_]+)[ \t]*(?=\r?\n)/

/** What is wrong with the code of a library. */
export function checkLibrary(name: string, code: string): readonly Objection[] {
  const path = ['functions', name, 'code']
  const [, named] = firstLine.exec(code) ?? []
  if (named === name) return []
  const says =
    named === undefined ? 'does not begin with a line `#!lua name=...`' : `is named \`${named}\` in its first line`
  return [{ path, says, next: `Let it begin with \`#!lua name=${name}\`, and its functions below.` }]
}

/** The library of one environment. Its functions have the names that its code gives them. */
export function prefixLibrary(code: string, prefix: string): string {
  return code.replace(firstLine, (_, name: string) => `#!lua name=${prefix}${name}`)
}
