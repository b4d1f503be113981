import { type ImportedItem, type StoreContents, toItem } from '../import-items.ts'
import { aggregates, type DownsamplingDeclaration } from './declaration.ts'
import { declareTask } from './document.ts'
import { plainScript } from './own-script.ts'
import { canaryMeasurement, downsamplingFlux } from './plan-tasks.ts'
import type { ObservedContent, ObservedTask } from './ports.ts'
import { withoutMarks } from './task-mark.ts'
import { fluxDuration, parseTime, usualDuration } from './time.ts'

type Imported = Omit<StoreContents, 'version'>

/** A script that a declaration makes is declared as what it does, any other one as its text. */
export function importTasks({ tasks, labels }: ObservedContent): Imported {
  return { items: tasks.map((task) => importTask(task, labels)), notDeclarable: [] }
}

/** A removal names a task with its ID. A label names what has it, so that no task can declare its labels. */
function importTask(task: ObservedTask, labels: ObservedContent['labels']): ImportedItem {
  const undeclarable = labels.flatMap(({ id, name }) => (task.labels.includes(id) ? [`its label \`${name}\``] : []))
  return { ...declareTaskOf(task), undeclarable, covers: [{ kind: 'task', name: `${task.name} (${task.id})` }] }
}

function declareTaskOf(task: ObservedTask): ImportedItem {
  const { name, description, active } = task
  const resource = { kind: 'task', name }
  const read = readScript(task)
  if (read === null) return importOwnTask(task)
  const { windowSeconds, everySeconds, offsetSeconds, lookBackSeconds, measurements } = read
  const entry = {
    from: read.from,
    to: read.to,
    window: fluxDuration(windowSeconds),
    ...(everySeconds === windowSeconds ? {} : { every: fluxDuration(everySeconds) }),
  }
  const usual = declareTask(name, entry).lookBackSeconds
  return toItem(resource, 'downsampling', ['downsampling', name], {
    ...(description === '' ? {} : { description }),
    ...entry,
    ...(offsetSeconds === 0 ? {} : { offset: fluxDuration(offsetSeconds) }),
    ...(lookBackSeconds === usual ? {} : { lookBack: fluxDuration(lookBackSeconds) }),
    ...(read.aggregates.length === aggregates.length ? {} : { aggregates: read.aggregates }),
    ...(measurements.length === 0 ? {} : { measurements }),
    ...(active ? {} : { active }),
  })
}

function importOwnTask({ name, description, flux, every, cron, offset, active }: ObservedTask): ImportedItem {
  return toItem({ kind: 'task', name }, 'tasks', ['tasks', name], {
    ...(description === '' ? {} : { description }),
    ...(cron === '' ? { every: usualDuration(every) } : { cron }),
    ...(parseTime(offset) === 0 ? {} : { offset: usualDuration(offset) }),
    ...(active ? {} : { active }),
    flux: `${plainScript(flux)}\n`,
  })
}

const text = '"((?:[^"\\\\]|\\\\.)*)"'

/** The declaration that makes this very script; null where none does. */
function readScript({ name, flux, description, active }: ObservedTask): DownsamplingDeclaration | null {
  const find = (pattern: string): string => new RegExp(pattern).exec(flux)?.[1] ?? ''
  const seconds = (pattern: string): number => parseTime(find(pattern))
  const filter = flux.split('\n').find((line) => line.includes('r._measurement == ')) ?? ''
  const named = [...filter.matchAll(new RegExp(`r\\._measurement == ${text}`, 'g'))].map(([, one = '']) =>
    readFluxString(one),
  )
  const task: DownsamplingDeclaration = {
    name,
    description: description === '' ? null : description,
    active,
    from: readFluxString(find(`\\n    from\\(bucket: ${text}\\)`)),
    to: readFluxString(find(`\\|> to\\(bucket: ${text}\\)`)),
    windowSeconds: seconds('date\\.truncate\\(t: now\\(\\), unit: (\\w+)\\)'),
    everySeconds: seconds('\\bevery: (\\w+), offset:'),
    offsetSeconds: seconds('\\boffset: (\\w+)}'),
    lookBackSeconds: seconds('date\\.sub\\(d: (\\w+), from: end\\)'),
    aggregates: aggregates.filter((one) => flux.includes(`\nnumbers |> condense(fn: ${one},`)),
    measurements: named.filter((one) => one !== canaryMeasurement),
  }
  return withoutMarks(downsamplingFlux(task)).trim() === withoutMarks(flux).trim() ? task : null
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** The way back of a Flux string. */
function readFluxString(written: string): string {
  return written.replaceAll(/\\(\$\{|.)/g, (_, one: string) => escapes[one] ?? one)
}
