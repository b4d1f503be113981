import { resolve } from 'node:path'
import { isPlainObject } from '../core/interpolate.ts'
import { ToolError } from '../core/tool-error.ts'
import type { Config } from './config.ts'
import type { ConfigDocument } from './document.ts'
import { findConfigFile, readDocument, readTextFile } from './document.ts'
import type { ConfigEntry } from './layer.ts'
import { redactFault, secretsOf } from './redact.ts'
import type { ConfigRequest } from './request.ts'
import { chosenEnvironment, resolveConfig } from './resolve.ts'

/** What is in force and where each value came from, for `config show`. */
export interface ConfigReport {
  readonly file: string | null
  readonly environment: string | null
  readonly entries: readonly ConfigEntry[]
}

export interface LoadedConfig {
  readonly config: Config
  /** Made when it is asked for: `config show` alone does. */
  readonly report: () => ConfigReport
}

/**
 * Finds, reads, merges and checks the configuration; nothing is read later.
 * @throws ToolError `CONFIG_INVALID` (exit code 78) with every fault there is, free of secrets
 */
export async function loadConfig(request: ConfigRequest): Promise<Config> {
  return (await loadConfigWithReport(request)).config
}

/** Like `loadConfig`, with the source of every value. */
export async function loadConfigWithReport(request: ConfigRequest): Promise<LoadedConfig> {
  try {
    return await load(request)
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    const faults = error.faults.map((fault) => redactFault(fault, variableSecrets(request.environment)))
    throw new ToolError(error.code, faults, { exitCode: error.exitCode, cause: error.cause })
  }
}

async function load(request: ConfigRequest): Promise<LoadedConfig> {
  const document = await openDocument(request)
  if (document === null && !hasUrl(request)) throw nothingFound(request)
  const { config, describe, faults } = resolveConfig(request, document, readTextFile)
  if (faults.length > 0) {
    const secrets = [...documentSecrets(document?.value), ...secretsOf('url', request.flags.url ?? '')]
    const clean = faults.map((fault) => redactFault(fault, secrets))
    throw new ToolError('CONFIG_INVALID', clean)
  }
  return { config, report: () => ({ file: config.file, environment: config.environment, entries: describe() }) }
}

async function openDocument(request: ConfigRequest): Promise<ConfigDocument | null> {
  const variable = request.environment['WWDB_CONFIG']
  const named = request.file ?? (variable === '' ? null : variable) ?? null
  const file = named === null ? findConfigFile(resolve(request.cwd)) : named
  return file === null ? null : readDocument(file, request.cwd, chosenEnvironment(request))
}

function hasUrl(request: ConfigRequest): boolean {
  return (request.flags.url ?? '') !== '' || (request.environment['WWDB_URL'] ?? '') !== ''
}

function nothingFound(request: ConfigRequest): ToolError {
  const fault = {
    what: 'There is no configuration.',
    why: `Neither \`wwdb.config.json\` nor \`wwdb.config.mjs\` is in \`${request.cwd}\` or a folder above it, and no URL is given.`,
    next: 'Create one with `wwdb init`, give one with `--config`, or give `--url`.',
  }
  return new ToolError('CONFIG_INVALID', fault)
}

/** The secrets in the environment: passwords, and passwords in URLs. */
function variableSecrets(variables: ConfigRequest['environment']): readonly string[] {
  const secrets = Object.entries(variables).flatMap(([name, value = '']) => {
    if (name === 'MYSQL_PWD') return [value]
    return /^WWDB_/.test(name) ? secretsOf(name, value) : []
  })
  return secrets.filter((secret) => secret !== '')
}

function documentSecrets(value: unknown): readonly string[] {
  if (!isPlainObject(value)) return []
  return Object.entries(value).flatMap(([key, item]) =>
    typeof item === 'string' ? secretsOf(key, item) : documentSecrets(item),
  )
}
