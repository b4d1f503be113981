import { resolve } from 'node:path'
import { closestName } from '../core/closest-name.ts'
import { parseDuration } from '../core/duration.ts'
import { isPlainObject } from '../core/interpolate.ts'
import type { Fault } from '../core/tool-error.ts'
import { resolveAudit } from './audit.ts'
import type { Config, HeaderOverride, LintConfig, RotationConfig, SandboxConfig } from './config.ts'
import { resolveDatabases } from './databases.ts'
import { describeConfig } from './describe.ts'
import { ignorePaths, resolveDoctor } from './doctor.ts'
import type { ConfigDocument } from './document.ts'
import { resolveDrift } from './drift.ts'
import { resolveGuard } from './guard.ts'
import type { ConfigEntry } from './layer.ts'
import { faultAt, type Layer, pick, type Report, type Setting } from './layer.ts'
import { resolveOnline } from './online.ts'
import type { ConfigRequest } from './request.ts'
import { resolveHooks } from './resolve-hooks.ts'
import { resolveRetire } from './retire.ts'
import { namePattern } from './schema-parts.ts'
import { Secret } from './secret.ts'
import { type Reading, type ReadText, readSetting, resolveServerAt, resolveTimeouts } from './server.ts'
import { parseServerUrl } from './server-url.ts'
import { defaultSettings } from './settings.ts'
import { readDefaultLayer, readFileLayers, readFlagLayer, readVariableLayer } from './source-layers.ts'
import { resolveStores } from './stores.ts'
import { resolveThrottle } from './throttle.ts'

export interface Resolution {
  /** Must be used only when there is no fault. */
  readonly config: Config
  /** Every value in force, with its source. */
  readonly describe: () => readonly ConfigEntry[]
  readonly faults: readonly Fault[]
}

/** Merges flags, environment, file and defaults, and checks the whole: it finds every fault and throws none. */
export function resolveConfig(request: ConfigRequest, document: ConfigDocument | null, readText: ReadText): Resolution {
  const faults: Fault[] = []
  const report: Report = (fault) => {
    if (!faults.some((earlier) => JSON.stringify(earlier) === JSON.stringify(fault))) faults.push(fault)
  }
  const chosen = chosenEnvironment(request)
  const { layers, names, environments, isProtected } = collectLayers(request, document, chosen, report)
  const serversNeeded = request.serversNeeded !== false
  const storesNeeded = request.storesNeeded === true
  const reading: Reading = {
    layers,
    report,
    readText,
    variables: request.environment,
    serversNeeded,
    storesNeeded,
  }
  const read = (path: string): string | null => readSetting(reading, pick(layers, path), false)
  const root = document?.folder ?? request.cwd
  const paths = [...new Set(layers.flatMap((layer) => [...layer.keys()]))]
  const config: Config = {
    file: document?.file ?? null,
    root,
    environment: chosen,
    environments: document === null ? null : environments,
    protected: isProtected,
    prefix: read('prefix') ?? '',
    databases: resolveDatabases(reading, names),
    references: choose(reading, 'references', ['auto', 'physical', 'logical']),
    outOfOrder: choose(reading, 'outOfOrder', ['fail', 'warn', 'allow']),
    trial: choose(reading, 'trial', ['auto', 'off', 'required']),
    strictSince: read('strictSince'),
    concurrency: readNumber(reading, 'concurrency'),
    timeouts: resolveTimeouts(reading),
    sandbox: resolveSandbox(reading, root),
    rotation: resolveRotation(reading, root),
    doctor: resolveDoctor(ignorePaths(layers), read, (path) => pick(layers, path)?.value === true),
    audit: resolveAudit(read('audit.keep')),
    lint: resolveLint(reading),
    drift: resolveDrift(paths, read),
    guard: resolveGuard(paths, read),
    online: resolveOnline(read),
    retire: resolveRetire(read, isProtected),
    throttle: resolveThrottle(
      paths,
      read,
      (own) => resolveServerAt(reading, own, pick(layers, `${own}.url`))?.server ?? null,
    ),
    hooks: resolveHooks(layers, (setting) => readSetting(reading, setting, false)),
    logFile: resolveFile(reading, 'logFile', root),
    stores: resolveStores(reading, root),
  }
  const describe = (): readonly ConfigEntry[] => describeConfig(config, layers, request.environment)
  return { config: freezeDeeply(config), describe, faults: faults.toSorted(byPosition) }
}

/** In the order of the file, so that it can be fixed from top to bottom; those without a line come last. */
function byPosition(one: Fault, other: Fault): number {
  const [line, otherLine] = [one.where?.line ?? Number.MAX_SAFE_INTEGER, other.where?.line ?? Number.MAX_SAFE_INTEGER]
  return line === otherLine ? (one.where?.column ?? 0) - (other.where?.column ?? 0) : line - otherLine
}

/** `--env`, else `WWDB_ENV`, else none. */
export function chosenEnvironment(request: Pick<ConfigRequest, 'environmentName' | 'environment'>): string | null {
  if (request.environmentName !== null) return request.environmentName
  const variable = request.environment['WWDB_ENV']
  return variable === undefined || variable === '' ? null : variable
}

interface Layers {
  readonly layers: readonly Layer[]
  readonly names: readonly string[]
  readonly environments: readonly string[]
  readonly isProtected: boolean
}

function collectLayers(
  request: ConfigRequest,
  document: ConfigDocument | null,
  chosen: string | null,
  report: Report,
): Layers {
  const empty = { environment: new Map(), base: new Map(), environmentNames: [] }
  const file = document === null ? empty : readFileLayers(document, chosen, request.environment, report)
  reportUnknownEnvironment(chosen, file.environmentNames, report)
  const flags = readFlagLayer(request.flags, request.cwd, report)
  const inFile = databaseNames(file.base)
  const general = readVariableLayer(request.environment, [], request.cwd, () => undefined)
  const names = document === null ? nameFromUrl([flags, general], report) : inFile
  const variables = readVariableLayer(request.environment, names, request.cwd, report)
  if (document !== null) reportNames(document, names, file.environment, report)
  const defaults = readDefaultLayer(names, document?.folder ?? request.cwd)
  return {
    layers: [flags, variables, file.environment, file.base, defaults],
    names,
    environments: file.environmentNames,
    isProtected: file.environment.get('protected')?.value === true,
  }
}

function databaseNames(layer: Layer): readonly string[] {
  return [...layer.keys()]
    .filter((path) => /^databases\.[a-z]\w*$/i.test(path))
    .map((path) => path.slice('databases.'.length))
}

/** Without a file there is one database, named after the schema in the URL. */
function nameFromUrl(layers: readonly Layer[], report: Report): readonly string[] {
  const setting = pick(layers, 'url')
  if (setting === null || setting.value === null) return []
  const outcome = parseServerUrl(String(setting.value))
  const schema = outcome.type === 'server' ? outcome.server.schema : null
  if (schema !== null && namePattern.test(schema)) return [schema]
  report(
    faultAt(setting.origin, 'url', {
      says: schema === null ? 'does not name a schema' : 'names a schema that cannot be the name of a database',
      why: 'Without a configuration file there is one database, named like the schema.',
      next: 'Add it (mysql://user@host:3306/app), or create a configuration with `wwdb init`.',
    }),
  )
  return []
}

function reportUnknownEnvironment(chosen: string | null, known: readonly string[], report: Report): void {
  if (chosen === null || known.includes(chosen)) return
  const meant = closestName(chosen, known)
  const why = known.length === 0 ? 'The configuration has no environments.' : `Known: ${known.join(', ')}.`
  const next = meant === null ? {} : { next: `Did you mean \`${meant}\`?` }
  report({ what: `The environment ${JSON.stringify(chosen)} does not exist.`, why, ...next })
}

function reportNames(document: ConfigDocument, names: readonly string[], environment: Layer, report: Report): void {
  const shown = { where: { file: document.shown } }
  const next = 'Write "databases": {"app": {}} with a name of yours.'
  const databases = isPlainObject(document.value) ? document.value['databases'] : null
  if (databases === undefined) report({ what: 'databases is missing.', ...shown, next })
  else if (isPlainObject(databases) && Object.keys(databases).length === 0)
    report({ what: 'databases is empty.', ...shown, next })
  reportCollidingNames(names, shown, report)
  for (const name of databaseNames(environment).filter((extra) => !names.includes(extra))) {
    const setting = environment.get(`databases.${name}`)
    const meant = closestName(name, names)
    if (setting === undefined) continue
    report(
      faultAt(setting.origin, setting.path, {
        says: 'is a database that is not in `databases`',
        next:
          meant === null
            ? `Add \`databases.${name}\`: an environment can change databases, but not add any.`
            : `Did you mean \`${meant}\`?`,
      }),
    )
  }
}

function reportCollidingNames(names: readonly string[], shown: Pick<Fault, 'where'>, report: Report): void {
  for (const [index, name] of names.entries()) {
    if (name.toLowerCase() === 'sandbox') {
      report({
        what: `\`databases.${name}\` is a reserved name.`,
        ...shown,
        why: 'WWDB_SANDBOX_URL is the URL of the sandbox.',
      })
    }
    const twin = names.slice(0, index).find((earlier) => earlier.toLowerCase() === name.toLowerCase())
    if (twin === undefined) continue
    const why = 'Both would use the same WWDB_ variables, and the same folder on a case-insensitive file system.'
    report({ what: `\`databases.${twin}\` and \`databases.${name}\` differ only in case.`, ...shown, why })
  }
}

function choose<Choice extends string>(
  reading: Reading,
  path: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const value = readSetting(reading, pick(reading.layers, path), false)
  return choices.find((choice) => choice === value) ?? choices[0]
}

function readNumber(reading: Reading, path: string): number {
  return Number(readSetting(reading, pick(reading.layers, path), false) ?? defaultSettings([]).get(path))
}

function resolveSandbox(reading: Reading, root: string): SandboxConfig {
  const directory = pick(reading.layers, 'sandbox.directory')
  const url = readSetting(reading, pick(reading.layers, 'sandbox.url'), true)
  return {
    directory: resolve(directory?.origin.folder ?? root, readSetting(reading, directory, false) ?? '.'),
    port: readNumber(reading, 'sandbox.port'),
    portIsGiven: (pick(reading.layers, 'sandbox.port')?.origin.source ?? 'default') !== 'default',
    url: url === null ? null : new Secret(url),
  }
}

function freezeDeeply<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const item of Object.values(value)) freezeDeeply(item)
  }
  return value
}

/** Resolves the rotation part of the configuration. Headers of templates in it are read with the templates. */
function resolveRotation(reading: Reading, root: string): RotationConfig {
  const read = (name: string): string | null => readSetting(reading, pick(reading.layers, `rotation.${name}`), false)
  const milliseconds = (name: string): number => {
    const duration = parseDuration(read(name) ?? '')
    return duration.type === 'duration' ? duration.milliseconds : 0
  }
  return {
    schedule: read('schedule'),
    zone: read('zone') ?? 'UTC',
    alertDelay: milliseconds('alertDelay'),
    clockSkew: milliseconds('clockSkew'),
    archive: resolveFile(reading, 'rotation.archive', root),
    connections: Number(read('connections') ?? defaultSettings([]).get('rotation.connections')),
    overrides: readOverrides(reading),
  }
}

const overridePath = /^rotation\.families\.(\w+)\.(\w+)$/

/** One for each header that any layer replaces, from the strongest layer. */
function readOverrides(reading: Reading): readonly HeaderOverride[] {
  const paths = new Set(reading.layers.flatMap((layer) => [...layer.keys()].filter((path) => overridePath.test(path))))
  return [...paths].flatMap((path) => {
    const [, family = '', header = ''] = overridePath.exec(path) ?? []
    const setting = pick(reading.layers, path)
    const text = readSetting(reading, setting, false)
    return setting === null || text === null ? [] : [{ family, header, text, ...placeOf(setting) }]
  })
}

function placeOf({ origin, path }: Setting): Pick<HeaderOverride, 'name' | 'where' | 'excerpt'> {
  return { name: origin.name(path), ...origin.locate(path) }
}

function resolveFile(reading: Reading, path: string, root: string): string | null {
  const setting = pick(reading.layers, path)
  const file = readSetting(reading, setting, false)
  return file === null ? null : resolve(setting?.origin.folder ?? root, file)
}

const rulePath = /^lint\.rules\.(\w+)(?:\.(\w+))?$/

/** A word for a rule is its severity. The strongest layer wins for each option. */
function resolveLint(reading: Reading): LintConfig {
  const paths = new Set(reading.layers.flatMap((layer) => [...layer.keys()].filter((path) => rulePath.test(path))))
  const rules = new Map<string, Map<string, string | number | boolean>>()
  for (const path of paths) {
    const [, code = '', option = 'severity'] = rulePath.exec(path) ?? []
    const value = pick(reading.layers, path)?.value ?? null
    // An object is itself a setting with the value true: its content has its own paths.
    if (value === null || (value === true && option === 'severity')) continue
    rules.set(code, (rules.get(code) ?? new Map()).set(option, value))
  }
  const target = readSetting(reading, pick(reading.layers, 'lint.target'), false)
  const strict = pick(reading.layers, 'lint.strict')?.value === true
  const named = readSetting(reading, pick(reading.layers, 'lint.platform'), false)
  const platform = named === 'mysql' || named === 'vitess' ? named : null
  return { rules, language: choose(reading, 'lint.language', ['en', 'zh']), target, platform, strict }
}
