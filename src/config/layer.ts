import { faultyPaths, type Issue } from '../core/document-issue.ts'
import { isPlainObject } from '../core/interpolate.ts'
import { pathText } from '../core/path-text.ts'
import type { Fault } from '../core/tool-error.ts'
import { explainIssue } from './issues.ts'
import { type FaultText, faultAt, type Origin } from './origin.ts'

/**
 * One value of a layer. It is null where it could not be used: it was reported then, or `missing` is the variable that it
 * needs and that is not set.
 */
export interface Setting {
  readonly path: string
  readonly origin: Origin
  readonly value: string | number | boolean | null
  readonly missing: string | null
}

/** The values of one source by path. Layers are kept in order of precedence, the strongest first. */
export type Layer = ReadonlyMap<string, Setting>

export type Report = (fault: Fault) => unknown

/** Something that checks a document as zod schemas do. */
export interface Checker {
  readonly safeParse: (document: unknown) => { readonly error?: { readonly issues: readonly Issue[] } | undefined }
}

/**
 * Reports everything that its schema says against a document, and turns the document into settings by path. What is faulty
 * stays as a setting without a value, so that the rest can be checked further and all faults appear at once.
 * An object is a setting of its own, true: `"tls": {}` turns TLS on.
 * @param setAside paths whose texts cannot be read yet: only their names are checked
 */
export function readSettings(
  document: unknown,
  schema: Checker,
  origin: Origin,
  report: Report,
  setAside: ReadonlySet<string> = new Set(),
): Map<string, Setting> {
  const found = schema.safeParse(document).error?.issues ?? []
  const issues = found.filter((issue) => issue.code === 'unrecognized_keys' || !setAside.has(pathText(issue.path)))
  for (const issue of issues) for (const fault of explainIssue(issue, document, origin)) report(fault)
  const faulty = new Set([...issues.flatMap(faultyPaths).map(pathText), ...setAside])
  const settings = new Map<string, Setting>()
  const visit = (value: unknown, segments: readonly string[]): void => {
    const path = pathText(segments)
    const usable = !faulty.has(path)
    if (path !== '') settings.set(path, { path, origin, value: usable ? scalarOf(value) : null, missing: null })
    if (!usable || !isPlainObject(value)) return
    for (const [key, item] of Object.entries(value)) visit(item, [...segments, key])
  }
  visit(document, [])
  return settings
}

function scalarOf(value: unknown): Setting['value'] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return isPlainObject(value) ? true : null
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
