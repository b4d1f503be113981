import {
  explainIssue as explainInGeneral,
  faultyPaths,
  type Issue,
  type IssueText,
  valueAt,
} from '../core/document-issue.ts'
import { adviseUnit } from '../core/duration.ts'
import { isPlainObject, pathText } from '../core/interpolate.ts'
import type { Excerpt, Fault, Location } from '../core/tool-error.ts'
import { knownKeys } from './schema.ts'

/** What a configuration value is and where it came from. */
export interface ConfigEntry {
  readonly path: string
  /** Printable; secrets are `***`. */
  readonly value: unknown
  readonly source: 'flag' | 'environment' | 'file' | 'default'
}

/**
 * One value of a layer. It is null where it could not be used: then it was reported, or `missing` names the variable that
 * it needs and that is not set.
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

/** A function that checks a document as zod schemas do. */
export interface Checker {
  readonly safeParse: (
    document: unknown,
    how: { readonly jitless: true },
  ) => { readonly error?: { readonly issues: readonly Issue[] } | undefined }
}

/**
 * Reports everything that its schema says against a document, and turns the document into settings by path. A faulty value stays as a setting without a value, so that the rest is checked as well and all faults appear at once. An object or a list is itself a setting with the value true: `"tls": {}` turns TLS on.
 * @param setAside paths whose texts cannot be read yet: only their names are checked
 */
export function readSettings(
  document: unknown,
  schema: Checker,
  origin: Origin,
  report: Report,
  setAside: ReadonlySet<string> = new Set(),
): Map<string, Setting> {
  // A schema that is used once need not be made into code of its own.
  const found = schema.safeParse(document, { jitless: true }).error?.issues ?? []
  const issues = found.filter((issue) => issue.code === 'unrecognized_keys' || !setAside.has(pathText(issue.path)))
  for (const issue of issues) for (const fault of explainIssue(issue, document, origin)) report(fault)
  const faulty = new Set([...issues.flatMap(faultyPaths).map(pathText), ...setAside])
  const settings = new Map<string, Setting>()
  const visit = (value: unknown, segments: readonly PropertyKey[]): void => {
    const path = pathText(segments)
    const usable = !faulty.has(path)
    if (path !== '') settings.set(path, { path, origin, value: usable ? scalarOf(value) : null, missing: null })
    if (usable && Array.isArray(value)) for (const [index, item] of value.entries()) visit(item, [...segments, index])
    if (!usable || !isPlainObject(value)) return
    for (const [key, item] of Object.entries(value)) visit(item, [...segments, key])
  }
  visit(document, [])
  return settings
}

function scalarOf(value: unknown): Setting['value'] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return isPlainObject(value) || Array.isArray(value) ? true : null
}

/** The setting of the strongest layer that has one of the paths; within a layer the first path wins. */
export function pick(layers: readonly Layer[], ...paths: readonly string[]): Setting | null {
  for (const layer of layers) {
    for (const path of paths) {
      const setting = layer.get(path)
      if (setting !== undefined) return setting
    }
  }
  return null
}

/** A fault of a setting, under the name that the user used. */
export function settingFault(setting: Setting, text: FaultText): Fault {
  return faultAt(setting.origin, setting.path, text)
}

/** Where the values of a layer come from: how a fault names and locates one. Paths are texts such as `databases.app.url`. */
export interface Origin {
  readonly source: ConfigEntry['source']
  /** Where the user set the value: a path in the file, a variable, a flag. */
  readonly name: (path: string) => string
  readonly locate: (path: string) => { readonly where?: Location; readonly excerpt?: Excerpt }
  /** Relative file names start from it: the file's folder, or the working directory. */
  readonly folder: string
}

interface FaultText {
  /** The rest of the sentence after the name: `must be a string, not 5`. */
  readonly says: string
  readonly why?: string
  readonly next?: string
}

/** A fault of the value at a path: `timeouts.lock is "5", a number without a unit.` */
export function faultAt(origin: Origin, path: string | readonly PropertyKey[], text: FaultText): Fault {
  const at = typeof path === 'string' ? path : pathText(path)
  return {
    what: `${at === '' ? 'The configuration' : origin.name(at)} ${text.says}.`,
    ...origin.locate(at),
    ...(text.why === undefined ? {} : { why: text.why }),
    ...(text.next === undefined ? {} : { next: text.next }),
  }
}

/** One sentence for each mistake in a configuration. */
function explainIssue(issue: Issue, document: unknown, origin: Origin): readonly Fault[] {
  const unit = explainUnit(issue, valueAt(document, issue.path))
  if (unit !== null) return [faultAt(origin, issue.path, unit)]
  return explainInGeneral(issue, document, knownKeys).map(({ path, text }) => faultAt(origin, path, text))
}

/** The most common mistake: a duration as a number. */
function explainUnit({ code, path }: Issue, value: unknown): IssueText | null {
  if (code !== 'invalid_type' || typeof value !== 'number') return null
  const says = `is ${value}, a number without a unit`
  if (path.at(-2) === 'timeouts') return { says, next: adviseUnit(String(Math.abs(value))) }
  if (!/^(?:alertDelay|clockSkew|late|keep|grace|premake)$/.test(String(path.at(-1)))) return null
  return { says, next: `Write "${Math.abs(value)} days", for instance.` }
}
