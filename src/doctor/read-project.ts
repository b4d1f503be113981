import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import type { ConfigReport } from '../config/load.ts'
import type { InBoth } from '../core/in-both.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import { displayPath, migrationFolders } from '../migrations/files/folder.ts'
import { inspectMigrations } from '../migrations/files/read-migrations.ts'
import type { Migration } from '../migrations/migration.ts'
import { inspectSeeds } from '../seeds/files/read-seeds.ts'
import { inspectFamilies } from '../shards/templates/read-families.ts'
import type { ProjectFacts } from './facts.ts'

/** Nothing but the faults of the configuration: without it no other file is known. */
export function projectWithoutConfig(configuration: readonly Fault[], codes: readonly string[]): ProjectFacts {
  return {
    configuration,
    migrations: [],
    sums: [],
    withoutSum: [],
    templates: [],
    seeds: [],
    declarations: [],
    secretFiles: [],
    families: 0,
    sandbox: null,
    zones: [],
    makesFunctions: false,
    archive: null,
    backup: null,
    codes,
  }
}

/** Reads the state of the project's files. Writes nothing and queries no server, but runs the command of `doctor.backup`. */
export async function readProject(
  config: Config,
  report: ConfigReport,
  declarations: readonly Fault[],
  codes: readonly string[],
  sandbox: string | null,
  chosen: ReadonlySet<string>,
): Promise<ProjectFacts> {
  const { root } = config
  const backup = readBackup(config)
  const files = await inspectMigrations({ root, databases: migrationFolders(config), check: 'all', chosen })
  const templates = await inspectFamilies({ ...config, chosen })
  const isSum = ({ what, where }: Fault): boolean =>
    /wwdb\.sum/.test(what) || where?.file?.endsWith('wwdb.sum') === true
  return {
    configuration: [],
    migrations: files.faults.filter((fault) => !isSum(fault)),
    sums: files.faults.filter(isSum),
    withoutSum: config.databases
      .filter(
        ({ name, migrations }) =>
          (files.migrations.get(name) ?? []).length > 0 && !existsSync(resolve(migrations, 'wwdb.sum')),
      )
      .map(({ migrations }) => displayPath(root, migrations)),
    templates: templates.faults,
    seeds: inspectSeeds(config, chosen).faults,
    declarations,
    secretFiles: readSecretFiles(config, report),
    families: templates.families.length,
    sandbox,
    zones: zonesOf(config, templates.families),
    makesFunctions: [...files.migrations.values()].flat().some(makesFunction),
    archive: readArchive(config),
    backup: await backup,
    codes,
  }
}

/**
 * Functions and triggers are the objects that a server with a binary log refuses to create (manual, "Stored Program
 * Binary Logging").
 */
function makesFunction({ up }: Migration): boolean {
  return (
    up.type === 'statements' &&
    up.statements.some(({ text }) => /^\s*CREATE\b[^(]*?\b(?:FUNCTION|TRIGGER)\b/i.test(text))
  )
}

function zonesOf({ rotation }: Config, families: readonly ShardFamily[]): readonly string[] {
  const zones = families.flatMap(({ division }) => (division.type === 'period' ? [division.zone] : []))
  return [...new Set([...zones, ...(families.length > 0 ? [rotation.zone] : [])])].filter((zone) => zone !== 'UTC')
}

/** Files that hold secrets, those that exist. */
function readSecretFiles({ root }: Config, { entries }: ConfigReport): ProjectFacts['secretFiles'] {
  const named = entries.filter(
    ({ path, value }) => /(?:passwordFile|tokenFile|tls\.key)$/.test(path) && typeof value === 'string',
  )
  return named.flatMap(({ path, value }) => {
    const file = resolve(root, String(value))
    const mode = statSync(file, { throwIfNoEntry: false })?.mode
    return mode === undefined ? [] : [{ file: displayPath(root, file), setting: path, mode }]
  })
}

function readArchive({ rotation: { archive }, root }: Config): ProjectFacts['archive'] {
  if (archive === null) return null
  const directory = displayPath(root, archive)
  try {
    accessSync(archive, constants.W_OK | constants.X_OK)
    return {
      directory,
      refusal: statSync(archive).isDirectory() ? null : { en: 'It is not a folder.', zh: '它不是目录。' },
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    // The first archive makes the folder.
    if (code === 'ENOENT' && isWritable(resolve(archive, '..'))) return { directory, refusal: null }
    return {
      directory,
      refusal:
        code === 'ENOENT'
          ? { en: 'Neither it nor the folder above it can be created.', zh: '它和它的上级目录都无法创建。' }
          : { en: 'This user has no permission to write to it.', zh: '当前用户没有写入它的权限。' },
    }
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Milliseconds that the command of `doctor.backup` may take. */
const backupTimeout = 8000

/** Seconds since 1970, or ISO 8601. */
function readTime(text: string): number | null {
  if (/^\d{9,11}(?:\.\d+)?$/.test(text)) return Number(text) * 1000
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return null
  const time = Date.parse(text)
  return Number.isNaN(time) ? null : time
}

function readBackup({ doctor: { backup }, root }: Config): Promise<ProjectFacts['backup']> {
  if (backup === null) return Promise.resolve(null)
  return new Promise((answer) => {
    execFile(
      '/bin/sh',
      ['-c', backup],
      { cwd: root, timeout: backupTimeout, killSignal: 'SIGKILL' },
      (error, stdout) => {
        const text = stdout.trim()
        const at = readTime(text)
        if (error !== null)
          answer({
            refusal:
              error.killed === true
                ? { en: 'It did not end within 8 s.', zh: '它没有在 8 秒内结束。' }
                : {
                    en: `It ended with ${error.code ?? 'a signal'}.`,
                    zh: `它${error.code === undefined ? '被信号终止' : `以 ${error.code} 退出`}。`,
                  },
          })
        else if (at === null) answer({ refusal: sayPrinted(text.slice(0, 60)) })
        else answer({ at })
      },
    )
  })
}

function sayPrinted(text: string): InBoth {
  if (text === '') return { en: 'It printed nothing.', zh: '它没有打印任何内容。' }
  return { en: `It printed ${JSON.stringify(text)}.`, zh: `它打印了 ${JSON.stringify(text)}。` }
}

/** The faults of a ToolError; everything else that is thrown is a defect. */
export function faultsOf(error: unknown): readonly Fault[] {
  if (error instanceof ToolError) return error.faults
  throw error
}
