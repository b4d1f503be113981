import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CommandResult, Context } from '../../../src/command/context.ts'
import type { RunEvent } from '../../../src/command/event.ts'
import type { TargetOutcome } from '../../../src/command/result.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { StopRequest } from '../../../src/core/stop-request.ts'
import type { Fault } from '../../../src/core/tool-error.ts'
import { command as migrate } from '../../../src/migrations/commands/migrate.ts'
import { command as plan } from '../../../src/migrations/commands/plan.ts'
import { command as rollback } from '../../../src/migrations/commands/rollback.ts'
import { command as status } from '../../../src/migrations/commands/status.ts'
import { command as validate } from '../../../src/migrations/commands/validate.ts'
import type { Plan } from '../../../src/migrations/plan.ts'
import type { TemplateCheck } from '../../../src/shards/answers.ts'
import { command as rotate } from '../../../src/shards/commands/rotate-run.ts'
import { command as check } from '../../../src/shards/commands/shards-check.ts'
import { command as list } from '../../../src/shards/commands/shards-list.ts'
import { command as repair } from '../../../src/shards/commands/shards-repair.ts'
import { command as checkTemplates } from '../../../src/shards/commands/template-check.ts'
import { newRecord, shardOf } from '../../../src/shards/family-view.ts'
import { noRegistryChange, shardServers } from '../../../src/shards/ports.ts'
import { namingOf, renderShard } from '../../../src/shards/render-shard.ts'
import { readFamilies } from '../../../src/shards/templates/read-families.ts'
import { neverStopped } from '../migrations/engine.ts'
import { testParts } from '../mysql/test-door.ts'

/** A project with a family of shards on a real server, worked on through its commands. */
export interface FanOutProject {
  readonly folder: string
  readonly events: RunEvent[]
  readonly write: (file: string, text: string) => void
  readonly remove: (file: string) => void
  /** Makes shards of these keys, as rotation would, with the version and the text that the registry has. */
  readonly makeShards: (keys: readonly string[]) => Promise<void>
  readonly migrate: (options?: Partial<Parameters<typeof migrate.run>[0]>, stop?: StopRequest) => Promise<CommandResult>
  readonly rollback: (options?: Partial<Parameters<typeof rollback.run>[0]>) => Promise<CommandResult>
  readonly plan: () => Promise<Plan>
  readonly rotate: () => Promise<CommandResult>
  readonly check: () => Promise<CommandResult>
  readonly list: () => Promise<CommandResult>
  readonly repair: (allow: readonly string[]) => Promise<CommandResult>
  readonly status: () => Promise<CommandResult>
  readonly checkTemplates: () => Promise<readonly TemplateCheck[]>
  readonly validate: () => Promise<readonly Fault[]>
}

export const things = (columns: string): string =>
  `-- wwdb:keys app.owners(id)\n-- wwdb:name things_{key}\nCREATE TABLE {{table}} (\n  id BIGINT NOT NULL PRIMARY KEY${columns}\n) ENGINE=InnoDB;\n`

/** The outcome of the one target of a run. */
export function outcomeOf({ result }: CommandResult): TargetOutcome {
  if (result.kind !== 'run' || result.outcomes[0] === undefined) throw new Error(`no outcome in a ${result.kind}`)
  return result.outcomes[0]
}

export function openFanOutProject(url: string, folder: string, changes: object = {}): FanOutProject {
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  write('wwdb.config.json', JSON.stringify({ databases: { app: { url, migrations: 'migrations' } }, ...changes }))
  mkdirSync(join(folder, 'migrations'), { recursive: true })
  const events: RunEvent[] = []
  const open = (stop = neverStopped): Context => contextOf(folder, events, stop)
  return {
    folder,
    events,
    write,
    remove: (file) => rmSync(join(folder, file)),
    makeShards: (keys) => makeShards(open(), keys),
    migrate: (options = {}, stop) => migrate.run(options, open(stop)),
    rollback: (options = {}) => rollback.run(options, open()),
    rotate: () => rotate.run({}, open()),
    check: () => check.run({}, open()),
    list: () => list.run({}, open()),
    repair: (allow) => repair.run({ allow: [...allow] }, open()),
    status: () => status.run({}, open()),
    checkTemplates: async () => {
      const { result } = await checkTemplates.run({}, open())
      if (result.kind !== 'templates') throw new Error('no templates')
      return result.templates
    },
    validate: async () => {
      const { result } = await validate.run({}, open())
      if (result.kind !== 'validation') throw new Error('no validation')
      return result.faults
    },
    plan: async () => {
      const { result } = await plan.run({}, open())
      if (result.kind !== 'plan') throw new Error('no plan')
      return result.plan
    },
  }
}

function contextOf(folder: string, events: RunEvent[], stop: StopRequest): Context {
  const runner = { name: 'test@host', process: `host:${randomBytes(2).readUInt16LE()}`, toolVersion: '0.0.0' }
  const refuse = (): Promise<never> => Promise.reject(new Error('not asked for here'))
  return {
    targets: [],
    config: () =>
      loadConfig({ cwd: folder, file: null, environmentName: null, flags: {}, environment: {}, serversNeeded: true }),
    configReport: refuse,
    emit: (event) => events.push(event),
    stop,
    confirm: async () => {},
    now: () => Date.now(),
    port: testParts({ runner }),
    process: {
      cwd: folder,
      runProgram: refuse,
      ask: async () => null,
      askTool: refuse,
      protocol: () => {
        throw new Error('not asked for here')
      },
      toolVersion: '0.0.0',
      nodeVersion: '20.19.0',
      program: ['/usr/bin/node', '/usr/lib/node_modules/wwdb/bin/wwdb.js'],
      variables: {},
      person: 'test@host',
      readSecret: refuse,
      publishMetrics: refuse,
    },
  }
}

async function makeShards(context: Context, keys: readonly string[]): Promise<void> {
  const config = await context.config()
  const [database] = config.databases
  const families = await readFamilies(config)
  const [family] = families
  if (database === undefined || family === undefined) throw new Error('no database or no family')
  const store = await (await context.port(shardServers)).open(database, config.timeouts, true)
  await store.lock(1000, () => {})
  await store.createRegistry()
  const known = (await store.readRegistry()).families.find((record) => record.family === family.name)
  const { text, checksum } = family.template
  const record = known ?? { family: family.name, version: 1, template: text, checksum, lastSuccessAt: null }
  const recorded = { ...family, template: { ...family.template, text: record.template } }
  const rendering = { schemas: new Map([['app', database.schema]]), families }
  const shards = keys.map((key) => shardOf({ family, naming: namingOf(family) }, key)).filter((one) => one !== null)
  const tables = shards.map((shard) => renderShard(recorded, shard, rendering))
  await store.createTables(tables, 4, neverStopped, () => {})
  const shapes = await store.readShapes(null, 'fingerprint')
  const records = shards.map((one) => newRecord(one, record.version, shapes.get(one.table)?.fingerprint ?? null))
  await store.writeRegistry({ ...noRegistryChange, shards: records, families: [record] })
  await store.close()
}
