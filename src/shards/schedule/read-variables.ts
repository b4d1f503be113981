import { isPlainObject, pathText } from '../../core/interpolate.ts'
import type { Fault } from '../../core/tool-error.ts'

type Variables = Readonly<Record<string, string | undefined>>
type Document = Readonly<Record<string, unknown>>

/** The file of a configuration, for the variables that it mentions. */
export interface ConfigurationText {
  readonly text: string
  /** A module is searched for `process.env`; a document is parsed. */
  readonly isModule: boolean
  /** As a person would type it. */
  readonly shown: string
  /** The chosen environment, or null. */
  readonly environment: string | null
}

/** What a configuration needs from the variables of a process. */
export interface NeededVariables {
  /** Those that must be set wherever it runs, in order of their names. */
  readonly required: readonly string[]
  /** Unset variables with harmless defaults: none of them determines a server or schema. */
  readonly unset: readonly string[]
  /** A server or schema that falls back to a default, because a variable is not set here. */
  readonly faults: readonly Fault[]
}

interface Mention {
  readonly variable: string
  /** The default; null where there is none. */
  readonly fallback: string | null
  /** The setting; empty for a module. */
  readonly path: string
}

/** Flags set these, or they do not affect a rotation. */
const said = new Set(['WWDB_CONFIG', 'WWDB_ENV'])

/**
 * The variables that this configuration depends on: those that the relevant part of its file mentions, and wwdb's own that are set. A variable that is set here must be set there, too, or a default might mean another server.
 * @param hasServers false where no database has a URL: then it comes from WWDB_URL, wherever it runs
 */
export function readVariables(
  file: ConfigurationText | null,
  variables: Variables,
  hasServers: boolean,
): NeededVariables {
  const isSet = (name: string): boolean => (variables[name] ?? '') !== ''
  const mentions = file === null ? [] : file.isModule ? mentionsOfModule(file.text) : mentionsOf(file, isSet)
  const own = Object.keys(variables).filter((name) => (/^WWDB_\w+$/.test(name) || name === 'MYSQL_PWD') && isSet(name))
  const open = mentions.filter(({ variable }) => !isSet(variable))
  const needed = open.filter(({ fallback, path }) => fallback === null && !path.startsWith('stores.'))
  const mentioned = mentions.filter(({ variable }) => isSet(variable))
  const server = hasServers || open.some(saysServer) || isSet('WWDB_URL') ? [] : ['WWDB_URL']
  const required = names([...[...needed, ...mentioned].map(({ variable }) => variable), ...own, ...server])
  const unset = names(open.map(({ variable }) => variable)).filter((name) => !required.includes(name))
  const faults = open.filter(saysWhere).map((one) => faultOf(one, file?.shown ?? ''))
  return { required, unset, faults }
}

function names(all: readonly string[]): readonly string[] {
  return [...new Set(all)].filter((name) => !said.has(name)).toSorted()
}

/** In a module, only a default that is itself a URL is known to determine a server. An empty default determines none. */
function saysWhere({ path, fallback }: Mention): boolean {
  if (fallback === null || fallback === '') return false
  return path === urlInModule || /^(?:url|prefix|databases\..+\.(?:url|schema))$/.test(path)
}

function saysServer({ path }: Mention): boolean {
  return /^(?:databases\..+\.)?url$/.test(path)
}

function faultOf({ variable, path }: Mention, shown: string): Fault {
  const what = path === urlInModule ? 'A URL' : `\`${path}\``
  return {
    what: `${what} falls back to a default without the variable \`${variable}\`, which is not set.`,
    where: { file: shown },
    why: 'A scheduler does not have the variables of your shell: a rotation by this schedule might change another server.',
    next: `Set \`${variable}\` to the right value and render again: the schedule then starts nothing without it. Or choose an environment without a default (\`--env\`).`,
  }
}

function mentionsOf({ text, environment }: ConfigurationText, isSet: (name: string) => boolean): readonly Mention[] {
  const document: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
  const found: Mention[] = []
  const visit = (value: unknown, path: readonly string[]): void => {
    if (isPlainObject(value)) for (const [key, item] of Object.entries(value)) visit(item, [...path, key])
    if (Array.isArray(value)) for (const item of value) visit(item, path)
    if (typeof value !== 'string') return
    for (const [, variable = '', fallback = null] of value.matchAll(/(?<!\$)\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g))
      found.push({ variable, fallback, path: pathText(path) })
  }
  visit(isPlainObject(document) ? inForce(document, environment, isSet) : {}, [])
  return found
}

/** The relevant parts of a document: the chosen environment overrides the rest, and a variable overrides both. */
function inForce(document: Document, environment: string | null, isSet: (name: string) => boolean): Document {
  const { environments, ...base } = document
  const chosen = isPlainObject(environments) && environment !== null ? environments[environment] : {}
  const over = isPlainObject(chosen) ? chosen : {}
  // What an environment sets for all databases is stronger than what the rest sets for one.
  const hidden = ['url', 'password', 'passwordFile'].filter((key) => over[key] !== undefined)
  const merged = merge(
    withoutOfDatabases(base, () => hidden),
    over,
  )
  const isSaid = (name: string): boolean => isSet(`WWDB_${name.toUpperCase()}_URL`) || isSet('WWDB_URL')
  const rest = withoutOfDatabases(merged, (name) => (isSaid(name) ? ['url'] : []))
  return isSet('WWDB_URL') ? without(rest, ['url']) : rest
}

function merge(below: Document, above: Document): Document {
  const merged: Record<string, unknown> = { ...below }
  for (const [key, value] of Object.entries(above)) {
    const held = merged[key]
    merged[key] = isPlainObject(held) && isPlainObject(value) ? merge(held, value) : value
  }
  return merged
}

function withoutOfDatabases(document: Document, keys: (database: string) => readonly string[]): Document {
  const { databases } = document
  if (!isPlainObject(databases)) return document
  const entries = Object.entries(databases).map(([name, value]): [string, unknown] => [
    name,
    isPlainObject(value) ? without(value, keys(name)) : value,
  ])
  return { ...document, databases: Object.fromEntries(entries) }
}

function without(document: Document, keys: readonly string[]): Document {
  return Object.fromEntries(Object.entries(document).filter(([key]) => !keys.includes(key)))
}

const urlInModule = '(a URL)'

/** `process.env.NAME` and `process.env['NAME']`, and a URL as their default. */
const inModule =
  /process\.env(?:\.|\[['"`])([A-Za-z_]\w*)(?:['"`]\])?(?:\s*(?:\?\?|\|\|)\s*['"`]([a-z][a-z+]*:\/\/)?)?/g

function mentionsOfModule(text: string): readonly Mention[] {
  return [...text.matchAll(inModule)].map(([, variable = '', url]) => ({
    variable,
    // Code may do without a variable, and it is not visible whether it does.
    fallback: url ?? '',
    path: url === undefined ? '' : urlInModule,
  }))
}
