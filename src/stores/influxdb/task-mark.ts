import { createHash } from 'node:crypto'
import type { ObservedTask } from './ports.ts'

/** The first line of every script that wwdb writes: it says where the text comes from, and is in every copy that a person makes. */
export const mark = '// Written by wwdb from its declaration: change it there.'

/** The second line: whether the text is still exactly what wwdb wrote under this name. */
const digestStart = '// Digest of its name and of all that follows: '

export function markScript(name: string, text: string): string {
  return `${mark}\n${digestStart}${digestOf(name, text)}\n${text}\n`
}

function digestOf(name: string, text: string): string {
  return createHash('sha256').update(`${name}\n${text.trim()}`).digest('hex').slice(0, 32)
}

/** Whether wwdb wrote exactly this script under exactly this name. */
export function hasMark({ name, flux }: Pick<ObservedTask, 'name' | 'flux'>): boolean {
  const [first, second = '', ...rest] = flux.split('\n')
  return first === mark && second === `${digestStart}${digestOf(name, rest.join('\n'))}`
}

/** The script that the marks are about; they do not say what it does. */
export function withoutMarks(flux: string): string {
  const lines = flux.replaceAll('\r\n', '\n').split('\n')
  const marks = lines[0] === mark ? (lines[1]?.startsWith(digestStart) === true ? 2 : 1) : 0
  return lines.slice(marks).join('\n')
}
