import type { Fault } from '../domain/tool-error.ts'
import { isPlainObject } from './interpolate.ts'
import { explainIssue, faultyPaths, type Issue } from './issues.ts'
import { type FaultText, faultAt, type Origin } from './origin.ts'
import { pathText } from './path-text.ts'

/** One value of a layer. `missing` is the variable that it needs and that is not set; it has no value then. */
export interface Setting {
  readonly path: string
  readonly origin: Origin
  readonly value: string | number | boolean | null
  readonly missing: string | null
}

/** The values of one source by path. Layers are kept in order of precedence, the strongest first. */
export type Layer = ReadonlyMap<string, Setting>

export type Report = (fault: Fault) => void

/** Something that checks a document as zod schemas do. */
export interface Checker {
  readonly safeParse: (document: unknown) => { readonly error?: { readonly issues: readonly Issue[] } | undefined }
}

/**
 * Reports everything about a document that its schema refuses, and returns it without those parts, so that the rest can be
 * checked further and all faults appear at once.
 * @param setAside paths whose values wait for something else: left out too, and only their names are checked
 */
export function keepValid(
  document: unknown,
  schema: Checker,
  origin: Origin,
  report: Report,
  setAside: ReadonlySet<string> = new Set(),
): Readonly<Record<string, unknown>> {
  const found = schema.safeParse(document).error?.issues ?? []
  const issues = found.filter((issue) => issue.code === 'unrecognized_keys' || !setAside.has(pathText(issue.path)))
  for (const issue of issues) for (const fault of explainIssue(issue, document, origin)) report(fault)
  if (!isPlainObject(document)) return {}
  const removed = new Set([...issues.flatMap(faultyPaths).map(pathText), ...setAside])
  return without(document, removed, [])
}

/** Turns a checked document into settings by path. An empty object (`"tls": {}`) is a setting of its own: true. */
export function flatten(document: Readonly<Record<string, unknown>>, origin: Origin): Map<string, Setting> {
  const settings = new Map<string, Setting>()
  const visit = (value: unknown, segments: readonly string[]): void => {
    const path = pathText(segments)
    if (isPlainObject(value)) {
      settings.set(path, { path, origin, value: true, missing: null })
      for (const [key, item] of Object.entries(value)) visit(item, [...segments, key])
    } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      settings.set(path, { path, origin, value, missing: null })
    }
  }
  for (const [key, item] of Object.entries(document)) visit(item, [key])
  return settings
}

/** The setting of the strongest layer that has one at any of the paths; within a layer the first path wins. */
export function pick(layers: readonly Layer[], ...paths: readonly string[]): Setting | null {
  for (const layer of layers) {
    for (const path of paths) {
      const setting = layer.get(path)
      if (setting !== undefined) return setting
    }
  }
  return null
}

/** A fault of a setting, named as the user set it. */
export function settingFault(setting: Setting, text: FaultText): Fault {
  return faultAt(setting.origin, setting.path, text)
}

function without(
  value: Readonly<Record<string, unknown>>,
  removed: ReadonlySet<string>,
  segments: readonly string[],
): Readonly<Record<string, unknown>> {
  const kept = Object.entries(value)
    .filter(([key]) => !removed.has(pathText([...segments, key])))
    .map(([key, item]) => [key, isPlainObject(item) ? without(item, removed, [...segments, key]) : item] as const)
  return Object.fromEntries(kept)
}
