import { createHash } from 'node:crypto'
import type { Objection } from '../declare/check-documents.ts'

/** A library of functions, as `FUNCTION LIST` shows it. */
export interface ObservedLibrary {
  readonly code: string
  /** Of its functions. */
  readonly functions: readonly string[]
}

const markStart = '-- Written by wwdb from its declaration: change it there. Digest: '

/**
 * Behind the code, so that its lines keep their numbers in errors.
 * @param prefix of the environment: what one has loaded is not that of another.
 */
export function markCode(name: string, code: string, prefix = ''): string {
  const text = code.trimEnd()
  return `${text}\n${markStart}${digestOf(name, text, prefix)}\n`
}

function digestOf(name: string, text: string, prefix: string): string {
  return createHash('sha256')
    .update(`${prefix === '' ? '' : `${prefix}\n`}${name}\n${text}`)
    .digest('hex')
    .slice(0, 32)
}

/** The code without the mark: equal ones do the same. */
export function plainCode(code: string): string {
  const lines = code.trimEnd().split('\n')
  return (lines.at(-1)?.startsWith(markStart) === true ? lines.slice(0, -1) : lines).join('\n').trimEnd()
}

/** Whether wwdb wrote exactly this code under exactly this name, for the environment of this prefix. */
export function hasMark(name: string, code: string, prefix = ''): boolean {
  return code.trimEnd().endsWith(`\n${markStart}${digestOf(name, plainCode(code), prefix)}`)
}

/** Whether the code has this name as a text: only then may it still register a function of this name. */
export function namesFunction(code: string, name: string): boolean {
  return code.includes(`'${name}'`) || code.includes(`"${name}"`)
}

/** The functions that the code registers under a name that is written there. */
export function registeredFunctions(code: string): readonly string[] {
  return [...code.matchAll(/\b(?:register_function\s*\(?|function_name\s*=)\s*(['"])(\w+)\1/g)].map(
    ([, , name = '']) => name,
  )
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
