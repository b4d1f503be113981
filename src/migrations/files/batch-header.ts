import { type BatchOptions, usualChunkTime, usualGrace } from '../../core/batch-options.ts'
import { parseDuration } from '../../core/duration.ts'
import type { Fault } from '../../core/tool-error.ts'
import { readWalk } from '../../operate/batches/read-walk.ts'
import type { Statement } from '../../sql/statement.ts'

interface Place {
  readonly file: string
  readonly line: number
}

const example = 'Write it as `-- wwdb:batch key=PRIMARY time=0.5s rows=5000`; each of the three may be left out.'

/** Chunks of a fraction of this are all overhead, and longer ones hold their locks for too long. */
const shortest = 10
const longest = 60_000

/** Reads what stands behind `-- wwdb:batch`. */
export function readBatchHeader(argument: string, place: Place): BatchOptions | Fault {
  let options: BatchOptions = { key: null, time: usualChunkTime, rows: null }
  for (const word of argument.split(/\s+/).filter((one) => one !== '')) {
    const [, name, value = ''] = /^(\w+)=(.+)$/.exec(word) ?? []
    const read = name === undefined ? null : readOption(name, value)
    if (read === null) return { what: `"${word}" is not an option of \`wwdb:batch\`.`, where: place, next: example }
    if (typeof read === 'string')
      return { what: `\`${name}\` of \`wwdb:batch\` cannot be "${value}": ${read}.`, where: place, next: example }
    options = { ...options, ...read }
  }
  return options
}

/** Reads the options of `batch()` in code. */
export function readBatchOptions(given: Readonly<Record<string, unknown>>): BatchOptions | string {
  let options: BatchOptions = { key: null, time: usualChunkTime, rows: null }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    const read = readOption(name, String(value))
    if (read === null) return `\`batch()\` has no option \`${name}\`.`
    if (typeof read === 'string') return `The option \`${name}\` of \`batch()\` cannot be "${String(value)}": ${read}.`
    options = { ...options, ...read }
  }
  return options
}

/** A reason where the value does not fit, null for an unknown name. */
function readOption(name: string, value: string): Partial<BatchOptions> | string | null {
  switch (name) {
    case 'key':
      return { key: value.replaceAll('`', '') }
    case 'time': {
      const time = parseDuration(value)
      if (time.type !== 'duration') return time.type === 'none' ? 'a chunk needs a time' : time.why
      return time.milliseconds >= shortest && time.milliseconds <= longest
        ? { time: time.milliseconds }
        : 'a chunk takes between 10 milliseconds and a minute'
    }
    case 'rows': {
      const rows = Number(value)
      return /^\d{1,8}$/.test(value) && rows > 0 ? { rows } : 'it is a whole number from 1 to 99999999'
    }
    default:
      return null
  }
}

/** Why the statement below the header does not run in batches, as far as its text shows it; null where it may. */
export function refuseBatch(statement: Statement): Fault | null {
  const { file, line, column } = statement
  const reading = readWalk(statement.text)
  if (reading.type === 'walk') return null
  return {
    what: 'The statement below `wwdb:batch` cannot be split into chunks.',
    where: { file, line, column },
    why: reading.why,
    next: 'Rewrite the statement, or remove the line `-- wwdb:batch`: it then runs in one transaction.',
  }
}

/** Reads what stands behind `-- wwdb:undo`. */
export function readUndoHeader(argument: string, place: Place): NonNullable<BatchOptions['undo']> | Fault {
  const text = argument.trim()
  if (text === '') return { grace: usualGrace }
  const [, value] = /^grace=(\S+)$/.exec(text) ?? []
  const grace = value === undefined ? null : parseDuration(value)
  if (grace?.type === 'duration' && grace.milliseconds <= longestGrace) return { grace: grace.milliseconds }
  return {
    what: `\`wwdb:undo\` does not take "${text}".`,
    where: place,
    ...(grace?.type === 'fault' ? { why: `${grace.why}.` } : {}),
    next: 'Write `-- wwdb:undo` or, with a time of at most ten years, `-- wwdb:undo grace=14d`.',
  }
}

const longestGrace = 3653 * 86_400_000
