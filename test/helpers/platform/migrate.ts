import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type JsonRun, readAnswer } from '../documents/published.ts'
import { runTool } from '../tool/tool.ts'

const root = new URL('../../../', import.meta.url)
const configuration = z.object({ databases: z.record(z.string(), z.object({ migrations: z.string() })) })

export interface Platform {
  /** Before each logical database's name: `plat_1a2b_` makes `plat_1a2b_user_db`. */
  readonly prefix: string
  readonly references: 'physical' | 'logical'
}

/** The logical databases of the project's own configuration, with the folders of their migrations. */
export function readDatabases(): readonly { readonly name: string; readonly folder: string }[] {
  const text = readFileSync(new URL('wwdb.config.json', root), 'utf8')
  const { databases } = configuration.parse(JSON.parse(text))
  return Object.entries(databases).map(([name, { migrations }]) => ({ name, folder: migrations }))
}

interface MigrationFile {
  /** `user_db/20260101000100`. */
  readonly id: string
  readonly database: string
  readonly path: string
  readonly requires: readonly string[]
  readonly onlyPhysical: boolean
  readonly up: string
  readonly down: string
}

/** Every migration file of the platform, by database and version. */
export function readMigrationFiles(): readonly MigrationFile[] {
  return readDatabases().flatMap(({ name, folder }) =>
    readdirSync(new URL(`${folder}/`, root))
      .filter((file) => file.endsWith('.sql'))
      .sort()
      .map((file) => readMigrationFile(name, `${folder}/${file}`)),
  )
}

function readMigrationFile(database: string, path: string): MigrationFile {
  const text = readFileSync(new URL(path, root), 'utf8')
  const [, header, up, down] = /^([\s\S]*?)^-- migrate:up\n([\s\S]*?)^-- migrate:down\n([\s\S]*)$/m.exec(text) ?? []
  const version = /\/(\d{14})_\w+\.sql$/.exec(path)?.[1]
  if (header === undefined || up === undefined || down === undefined || version === undefined) {
    throw new Error(`${fileURLToPath(new URL(path, root))} has no up and down part, or no version`)
  }
  return {
    id: `${database}/${version}`,
    database,
    path,
    requires: [...header.matchAll(/^-- wwdb:requires (.+)$/gm)].flatMap((match) => match[1]?.split(' ') ?? []),
    onlyPhysical: /^-- wwdb:when references=physical$/m.test(header),
    up,
    down,
  }
}

/** Runs `wwdb migrate` on the five schemas, which exist. Throws what it says when it does not end well. */
export function migratePlatform(url: string, platform: Platform): Promise<JsonRun> {
  return runOnPlatform(['migrate'], url, platform)
}

/** Runs `wwdb rollback` on all five, as far back as it goes. */
export function rollBackPlatform(url: string, platform: Platform): Promise<JsonRun> {
  return runOnPlatform(['rollback', '--to', '0', '--yes'], url, platform)
}

/** The built tool in the project's own folder, with its own configuration. Throws what it says when it does not end well. */
export async function runOnPlatform(args: readonly string[], url: string, platform: Platform): Promise<JsonRun> {
  const run = await runTool([...args, '--json'], {
    cwd: fileURLToPath(root),
    environment: { WWDB_URL: url, WWDB_PREFIX: platform.prefix, WWDB_REFERENCES: platform.references },
  })
  if (run.exitCode !== 0) throw new Error(`wwdb ${args.join(' ')} ended with ${run.exitCode}: ${run.stderr}`)
  return readAnswer(run)
}
