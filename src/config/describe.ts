import { type Config, type DatabaseConfig, listHooks } from './config.ts'
import { pickSchema } from './databases.ts'
import { ignorePaths } from './doctor.ts'
import { killPaths } from './guard.ts'
import { type ConfigEntry, type Layer, pick, type Setting } from './layer.ts'
import { redactText, secretsOf } from './redact.ts'
import type { ConfigRequest } from './request.ts'
import { pickPassword } from './server.ts'
import { generalSettings, storeSettings } from './settings.ts'
import { throttlePaths } from './throttle.ts'

/** Given once but used by each database: it is shown there, where it is used. */
const perDatabase = /^(url|password|passwordFile|allowPublicKeyRetrieval|tls(?:\..*)?)$/

/** Every value in force, with its source; secrets are `***`. */
export function describeConfig(
  config: Config,
  layers: readonly Layer[],
  variables: ConfigRequest['environment'],
): readonly ConfigEntry[] {
  const general = generalSettings.filter((definition) => !perDatabase.test(definition.path))
  return [
    { path: 'protected', value: config.protected, source: config.protected ? 'file' : 'default' },
    ...general.flatMap(({ path }) => entryOf(path, pick(layers, path))),
    ...config.rotation.overrides.flatMap(({ family, header }) => {
      const path = `rotation.families.${family}.${header}`
      return entryOf(path, pick(layers, path))
    }),
    ...ignorePaths(layers).flatMap((path) => entryOf(path, pick(layers, path))),
    ...listHooks(config.hooks).flatMap(({ name, command }) => {
      const setting = pick(layers, name)
      return setting === null ? [] : [{ path: name, value: command, source: setting.origin.source }]
    }),
    ...killPaths(layers).flatMap((path) => entryOf(path, pick(layers, path))),
    ...throttlePaths(layers).flatMap((path) => entryOf(path, pick(layers, path))),
    ...config.databases.flatMap((database) => describeDatabase(database, layers, variables)),
    ...config.stores.flatMap(({ store }) =>
      storeSettings(store).flatMap(({ path }) => entryOf(path, pick(layers, path))),
    ),
  ]
}

function describeDatabase(
  database: DatabaseConfig,
  layers: readonly Layer[],
  variables: ConfigRequest['environment'],
): readonly ConfigEntry[] {
  const path = `databases.${database.name}`
  const url = pick(layers, `${path}.url`, 'url')
  const fromUrl = url?.missing === null && /^[^?]*:\/\/[^?]*\/[^/?]/.test(String(url.value)) ? url : null
  const schema = pickSchema({ layers }, database.name) ?? fromUrl
  const tls = ['ca', 'cert', 'key', 'verify'].map((key) => `tls.${key}`)
  return [
    ...entryOf(`${path}.url`, url),
    ...describePassword(database, layers, variables),
    { path: `${path}.schema`, value: database.schema, source: schema?.origin.source ?? 'default' },
    ...['migrations', 'templates', 'seeds'].flatMap((folder) =>
      entryOf(`${path}.${folder}`, pick(layers, `${path}.${folder}`)),
    ),
    ...entryOf(`${path}.tls`, textOf(pick(layers, `${path}.tls`, 'tls'))),
    ...entryOf(
      `${path}.allowPublicKeyRetrieval`,
      pick(layers, `${path}.allowPublicKeyRetrieval`, 'allowPublicKeyRetrieval'),
    ),
    ...tls.flatMap((key) => entryOf(`${path}.${key}`, pick(layers, `${path}.${key}`, key))),
    ...targetPaths(layers, path).flatMap((target) => entryOf(target, textOf(pick(layers, target)))),
  ]
}

/** The settings of a database that has many schemas, from the layer that is in force; a list of its own is only counted in the file. */
function targetPaths(layers: readonly Layer[], path: string): readonly string[] {
  const layer = layers.find((one) => one.has(`${path}.targets`))
  const below = [...(layer?.keys() ?? [])].filter((key) => key.startsWith(`${path}.targets.`))
  return below.filter((key) => !key.startsWith(`${path}.targets.list`))
}

/** A setting that is a word or an object, where it is the word: an object's keys are shown one by one. */
function textOf(setting: Setting | null): Setting | null {
  return setting?.value === true ? null : setting
}

function describePassword(
  database: DatabaseConfig,
  layers: readonly Layer[],
  variables: ConfigRequest['environment'],
): readonly ConfigEntry[] {
  const path = `databases.${database.name}.password`
  const url = pick(layers, `databases.${database.name}.url`, 'url')
  if (/:\/\/[^/@]*:/.test(String(url?.value ?? ''))) return []
  const setting = pickPassword({ layers }, `databases.${database.name}`)
  if (setting?.path.endsWith('passwordFile') === true) return entryOf(`${path}File`, setting)
  if (setting !== null)
    return [{ path, value: setting.missing === null ? '***' : missing(setting), source: setting.origin.source }]
  return (variables['MYSQL_PWD'] ?? '') === '' ? [] : [{ path, value: '***', source: 'environment' }]
}

function entryOf(path: string, setting: Setting | null): readonly ConfigEntry[] {
  if (setting === null) return []
  const { value, origin } = setting
  if (setting.missing !== null) return [{ path, value: missing(setting), source: origin.source }]
  const shown = typeof value === 'string' ? redactText(value, secretsOf(path, value)) : value
  return [{ path, value: shown, source: origin.source }]
}

function missing(setting: Setting): string {
  return `(${setting.missing} is not set)`
}
