import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll } from 'vitest'
import type { Context } from '../../../src/command/context.ts'
import type { RunEvent } from '../../../src/command/event.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { command as migrate } from '../../../src/migrations/commands/migrate.ts'
import { command as checkReferences } from '../../../src/references/commands/check-references.ts'
import type { ReferenceCheck } from '../../../src/references/reference-check.ts'
import { testParts } from '../mysql/test-door.ts'
import { dropSchemas, randomName } from '../servers/schema.ts'
import { offlineContext } from '../tool/offline-context.ts'

/** Where the two databases of a stage are, and what their migrations say. */
export interface ReferenceStageOptions {
  /** The server of `user_db`, the parents. */
  readonly parents: string
  /** The server of `message_db`, the children. Default: the same. */
  readonly children?: string
  readonly references?: 'auto' | 'physical' | 'logical'
  /** `message_db/0001_tasks.sql`, with the text of its up part and the header above it. */
  readonly files: Readonly<Record<string, string>>
  /** `message_db/messages.sql`: shard templates. */
  readonly templates?: Readonly<Record<string, string>>
}

export interface ReferenceStage {
  readonly schema: (database: string) => string
  readonly write: (file: string, text: string) => void
  readonly migrate: () => Promise<void>
  readonly parents: (sql: string) => Promise<void>
  readonly children: (sql: string) => Promise<void>
  /** What `check references` answers, and what it reported while it ran. */
  readonly check: (options?: { readonly all?: boolean; readonly limit?: number }) => Promise<ReferenceAnswer>
}

interface ReferenceAnswer {
  readonly exitCode: number
  readonly references: 'physical' | 'logical'
  readonly keys: readonly ReferenceCheck[]
  readonly progress: readonly string[]
}

/** To be called at the top of a test file: opens stages, and clears them away after the file's last test. */
export function withReferenceStages(): (options: ReferenceStageOptions) => Promise<ReferenceStage> {
  const closings: (() => Promise<void>)[] = []
  afterAll(async () => {
    for (const close of closings) await close()
  })
  return async (options) => {
    const { stage, close } = await openStage(options)
    closings.push(close)
    return stage
  }
}

async function openStage(options: ReferenceStageOptions) {
  const { parents, children = parents, references = 'auto', files, templates = {} } = options
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-references-'))
  const prefix = `${randomName('ref')}_`
  const schema = (database: string): string => prefix + database
  const writeBelow = (place: string, file: string, text: string): void => {
    const path = join(folder, place, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const write = (file: string, text: string): void => writeBelow('migrations', file, text)
  const places = { user_db: parents, message_db: children }
  const databases = Object.fromEntries(
    Object.entries(places).map(([name, url]) => [name, { url: `${url}/${schema(name)}` }]),
  )
  for (const name of Object.keys(places)) mkdirSync(join(folder, 'migrations', name), { recursive: true })
  writeFileSync(join(folder, 'wwdb.config.json'), JSON.stringify({ references, databases }))
  for (const [file, text] of Object.entries(files)) write(file, text)
  for (const [file, text] of Object.entries(templates)) writeBelow('shard-templates', file, text)
  const connections = {
    user_db: await openSchema(parents, schema('user_db')),
    message_db: await openSchema(children, schema('message_db')),
  }
  const stage: ReferenceStage = {
    schema,
    write,
    migrate: async () => {
      const { exitCode, result } = await migrate.run({}, contextOf(folder, []))
      if (exitCode !== 0) throw new Error(`migrate failed: ${JSON.stringify(result)}`)
    },
    parents: async (sql) => void (await connections.user_db.query(sql)),
    children: async (sql) => void (await connections.message_db.query(sql)),
    check: (input = {}) => check(folder, input),
  }
  const close = async (): Promise<void> => {
    for (const connection of Object.values(connections)) await connection.end()
    for (const url of new Set([children, parents])) await dropSchemas(url, prefix)
    rmSync(folder, { recursive: true, force: true })
  }
  return { stage, close }
}

async function openSchema(url: string, schema: string): Promise<Connection> {
  const connection = await createConnection({ uri: url, multipleStatements: true })
  await connection.query(`CREATE DATABASE \`${schema}\` CHARACTER SET utf8mb4; USE \`${schema}\``)
  return connection
}

function contextOf(folder: string, events: RunEvent[]): Context {
  const offline = offlineContext(folder)
  const request = { cwd: folder, file: null, environmentName: null, flags: {}, environment: {}, serversNeeded: true }
  return {
    ...offline,
    config: () => loadConfig(request),
    emit: (event) => events.push(event),
    port: testParts(),
  }
}

async function check(folder: string, input: { readonly all?: boolean; readonly limit?: number }) {
  const events: RunEvent[] = []
  const { exitCode, result } = await checkReferences.run(input, contextOf(folder, events))
  if (result.kind !== 'orphans') throw new Error(`expected orphans, not ${result.kind}`)
  const progress = events.flatMap((event) => (event.type === 'progress' ? [event.message] : []))
  return { exitCode, references: result.references, keys: result.keys, progress }
}
