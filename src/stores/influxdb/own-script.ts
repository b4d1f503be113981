import { createHash } from 'node:crypto'
import type { TaskDeclaration, TaskSchedule } from './declaration.ts'
import { fluxString, mark } from './plan-tasks.ts'
import type { ObservedTask } from './ports.ts'
import { fluxDuration } from './time.ts'

const digestStart = '// Digest of its name and of all that follows: '

/**
 * The script of a task, with its option behind the imports, where Flux wants it. The first line says where the text comes from. The second
 * has a digest, as any text may follow and the first line alone is in every copy that a person makes.
 */
export function ownFlux(task: TaskDeclaration): string {
  const { name, schedule, offsetSeconds } = task
  const { head, rest } = splitScript(task.flux)
  const timing =
    schedule.type === 'every' ? `every: ${fluxDuration(schedule.seconds)}` : `cron: ${fluxString(schedule.cron)}`
  const option = `option task = {name: ${fluxString(name)}, ${timing}, offset: ${fluxDuration(offsetSeconds)}}`
  const text = [...(head === '' ? [] : [`${head}\n`]), `${option}\n`, rest].join('\n')
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

/** The option of a script; its strings may hold braces. */
const option = /\s*^[ \t]*option\s+task\s*=\s*\{((?:[^{}"]|"(?:[^"\\]|\\.)*")*)\}[ \t]*$\s*/m

/** A script without what its declaration gives it: equal ones do the same. */
export function plainScript(flux: string): string {
  const lines = flux.replaceAll('\r\n', '\n').split('\n')
  const marks = lines[0] === mark ? (lines[1]?.startsWith(digestStart) === true ? 2 : 1) : 0
  const { head, rest } = splitScript(lines.slice(marks).join('\n').replace(option, '\n\n'))
  return [head, rest].filter((part) => part !== '').join('\n\n')
}

/** What the option of a script sets beside name, schedule and offset, which are compared by their values. */
export function otherOptions(flux: string): readonly string[] {
  const [, inside = ''] = option.exec(flux) ?? []
  const keys = [...inside.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').matchAll(/(\w+)\s*:/g)].map(([, key = '']) => key)
  return keys.filter((key) => !['name', 'every', 'cron', 'offset'].includes(key))
}

/** The package clause and the imports, which must come first, with the comments between them; and all that follows. */
function splitScript(flux: string): { readonly head: string; readonly rest: string } {
  const lines = flux.split('\n')
  let end = 0
  for (const [at, line] of lines.entries()) {
    if (/^\s*(?:import|package)\b/.test(line)) end = at + 1
    else if (!/^\s*(?:\/\/.*)?$/.test(line)) break
  }
  return { head: lines.slice(0, end).join('\n').trim(), rest: lines.slice(end).join('\n').trim() }
}

/** As a difference names it. */
export function sayRhythm(schedule: TaskSchedule): string {
  return schedule.type === 'every' ? fluxDuration(schedule.seconds) : `cron ${schedule.cron}`
}
