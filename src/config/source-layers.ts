import { interpolate, isPlainObject } from '../core/interpolate.ts'
import { storeKinds } from '../core/store.ts'
import { type ConfigDocument, documentOrigin } from './document.ts'
import { faultAt, type Layer, type Origin, type Report, readSettings, type Setting } from './layer.ts'
import type { ConfigRequest } from './request.ts'
import { fileSchema, settingsSchema } from './schema.ts'
import {
  databaseSettings,
  defaultSettings,
  generalSettings,
  type SettingDefinition,
  type SettingForm,
  storeSettings,
} from './settings.ts'

export interface FileLayers {
  /** The section `environments.<name>` of the chosen environment; empty without one. */
  readonly environment: Layer
  readonly base: Layer
  readonly environmentNames: readonly string[]
}

/** Interpolates and checks a file as a whole, and divides it into the common part and the part of one environment. */
export function readFileLayers(
  document: ConfigDocument,
  chosen: string | null,
  variables: ConfigRequest['environment'],
  report: Report,
): FileLayers {
  const origin = documentOrigin(document, '')
  const { value, missing, faults } = interpolate(document.value, variables)
  const isChosen = (path: string): boolean =>
    !path.startsWith('environments.') || path.startsWith(`environments.${chosen}.`)
  for (const fault of faults) if (isChosen(fault.path)) report(faultAt(origin, fault.path, { says: fault.why }))
  const setAside = new Set([...missing.keys(), ...faults.map((fault) => fault.path)])
  const all = readSettings(value, fileSchema, origin, report, setAside)
  for (const [path, variable] of missing) all.set(path, { path, origin, value: null, missing: variable })
  const names = [...all.keys()].filter((path) => /^environments\.[a-z]\w*$/i.test(path)).map((path) => path.slice(13))
  return {
    environment:
      chosen === null
        ? new Map()
        : under(all, `environments.${chosen}.`, documentOrigin(document, `environments.${chosen}`)),
    base: new Map([...all].filter(([path]) => !path.startsWith('environments'))),
    environmentNames: names,
  }
}

/** The settings below a path, with that path removed. */
function under(settings: Layer, prefix: string, origin: Origin): Layer {
  const found = [...settings.values()].filter((setting) => setting.path.startsWith(prefix))
  return new Map(
    found.map((setting): [string, Setting] => {
      const path = setting.path.slice(prefix.length)
      return [path, { ...setting, path, origin }]
    }),
  )
}

/** The values of `WWDB_` variables. An empty one counts as not set. */
export function readVariableLayer(
  variables: ConfigRequest['environment'],
  databases: readonly string[],
  folder: string,
  report: Report,
): Layer {
  const definitions = [...generalSettings, ...storeKinds.flatMap(storeSettings), ...databases.flatMap(databaseSettings)]
  const name = (definition: SettingDefinition): string => definition.variable
  return readTexts(definitions, name, (definition) => variables[definition.variable], 'environment', folder, report)
}

/** The values from the command line. */
export function readFlagLayer(flags: ConfigRequest['flags'], folder: string, report: Report): Layer {
  const name = (definition: SettingDefinition): string => definition.flag?.name ?? definition.path
  const read = (definition: SettingDefinition): string | number | null | undefined =>
    definition.flag === null ? undefined : flags[definition.flag.key]
  return readTexts(generalSettings, name, read, 'flag', folder, report)
}

/** The defaults. */
export function readDefaultLayer(databases: readonly string[], folder: string): Layer {
  const origin: Origin = { source: 'default', name: (path) => path, locate: () => ({}), folder }
  const settings = [...defaultSettings(databases)]
  return new Map(settings.map(([path, value]) => [path, { path, origin, value, missing: null }]))
}

function readTexts(
  definitions: readonly SettingDefinition[],
  name: (definition: SettingDefinition) => string,
  read: (definition: SettingDefinition) => string | number | null | undefined,
  source: Origin['source'],
  folder: string,
  report: Report,
): Layer {
  const document: Record<string, unknown> = {}
  const names = new Map<string, string>()
  for (const definition of definitions) {
    const given = read(definition)
    if (given === undefined || given === null || (given === '' && source === 'environment')) continue
    place(document, definition.path.split('.'), convert(given, definition.form))
    names.set(definition.path, name(definition))
  }
  const origin: Origin = { source, name: (path) => names.get(path) ?? path, locate: () => ({}), folder }
  return readSettings(document, settingsSchema, origin, report)
}

/** A text that is not a number or boolean is left as it is: the schema says what it must be. */
function convert(given: string | number, form: SettingForm): string | number | boolean {
  if (form === 'number' && /^-?\d+(\.\d+)?$/.test(String(given))) return Number(given)
  if (form === 'boolean' && /^(true|1)$/.test(String(given))) return true
  if (form === 'boolean' && /^(false|0)$/.test(String(given))) return false
  return form === 'text' ? String(given) : given
}

function place(document: Record<string, unknown>, segments: readonly string[], value: unknown): void {
  const [first = '', ...rest] = segments
  if (rest.length === 0) {
    document[first] = value
    return
  }
  // A word at the same place, such as `WWDB_TLS=required` beside `WWDB_TLS_CA`, has less weight than what is placed
  // below it.
  const held = document[first]
  const inner: Record<string, unknown> = isPlainObject(held) ? { ...held } : {}
  place(inner, rest, value)
  document[first] = inner
}
