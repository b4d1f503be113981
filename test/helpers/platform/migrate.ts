import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Connection } from 'mysql2/promise'
import { z } from 'zod'

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

/** Applies every up part to the five schemas, which exist; what a file requires goes before it. */
export async function migratePlatform(connection: Connection, platform: Platform): Promise<void> {
  for (const file of orderFiles(platform)) await runScript(connection, platform, file.database, file.up)
}

/** Applies every down part, last first. */
export async function rollBackPlatform(connection: Connection, platform: Platform): Promise<void> {
  for (const file of orderFiles(platform).toReversed()) {
    await runScript(connection, platform, file.database, file.down)
  }
}

function orderFiles(platform: Platform): readonly MigrationFile[] {
  let waiting = readMigrationFiles().filter((file) => platform.references === 'physical' || !file.onlyPhysical)
  const ordered: MigrationFile[] = []
  while (waiting.length > 0) {
    const done = new Set(ordered.map((file) => file.id))
    const next = waiting.find((file) => file.requires.every((id) => done.has(id)))
    if (next === undefined) throw new Error(`never satisfied: ${waiting.map((file) => file.path).join(', ')}`)
    ordered.push(next)
    waiting = waiting.filter((file) => file !== next)
  }
  return ordered
}

async function runScript(connection: Connection, platform: Platform, database: string, script: string): Promise<void> {
  await connection.changeUser({ database: `${platform.prefix}${database}` })
  const text = script.replace(/\{\{schema:(\w+)\}\}/g, (_, name: string) => `\`${platform.prefix}${name}\``)
  for (const statement of text.split(/;$/m).filter((part) => part.trim() !== '')) await connection.query(statement)
}
