import type { TaskDeclaration, TaskSchedule } from './declaration.ts'
import { fluxString } from './plan-tasks.ts'
import { markScript, withoutMarks } from './task-mark.ts'
import { fluxDuration } from './time.ts'

/** The script of a task, with its option behind the imports, where Flux wants it; the text of a file may have marks of its own, copied with it. */
export function ownFlux(task: TaskDeclaration): string {
  const { name, schedule, offsetSeconds } = task
  const { head, rest } = splitScript(withoutMarks(task.flux))
  const timing =
    schedule.type === 'every' ? `every: ${fluxDuration(schedule.seconds)}` : `cron: ${fluxString(schedule.cron)}`
  const option = `option task = {name: ${fluxString(name)}, ${timing}, offset: ${fluxDuration(offsetSeconds)}}`
  const text = [...(head === '' ? [] : [`${head}\n`]), `${option}\n`, rest].join('\n')
  return markScript(name, text)
}

/** The option of a script; its strings may hold braces. */
const option = /\s*^[ \t]*option\s+task\s*=\s*\{((?:[^{}"]|"(?:[^"\\]|\\.)*")*)\}[ \t]*$\s*/m

/** A script without what its declaration gives it: equal ones do the same. */
export function plainScript(flux: string): string {
  const { head, rest } = splitScript(withoutMarks(flux).replace(option, '\n\n'))
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
