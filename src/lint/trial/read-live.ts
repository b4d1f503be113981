import type { Context } from '../../command/context.ts'
import type { DatabaseConfig } from '../../config/config.ts'
import type { Migration } from '../../migrations/migration.ts'
import { schemaServers } from '../../schema/ports.ts'
import { makeObjects } from '../../schema/render-sql.ts'
import type { SourcedSchema } from '../../schema/sources/read-live.ts'
import { readSource } from '../../schema/sources/sources.ts'
import { toStatement } from '../../sql/classify.ts'
import { type History, readHistory } from '../review/read-history.ts'
import type { UpgradeFacts, UpgradeReading } from '../upgrade-facts.ts'

/** The current state, for the rules of upgrades. */
interface Live {
  /** The live schemas as files whose statements create them: the line of a finding is the number of the statement. */
  readonly histories: ReadonlyMap<string, History>
  /** What servers report about themselves and their schemas. */
  readonly facts: readonly UpgradeFacts[]
  /** What could not be read: sentences. */
  readonly notes: readonly string[]
}

/** The current state is judged by the same rules as files, and by those about servers. Rejects with ToolError. */
export async function readLive(context: Context): Promise<Live> {
  const schemas = await readSource(context, { type: 'live' })
  const readings = await readServers(
    context,
    schemas.map(({ database }) => database),
  )
  const ofServers = [...readings].map(([server, { facts }]) => ({
    ...facts,
    place: `server ${server}`,
    database: null,
  }))
  const ofSchemas = schemas.map(
    ({ database: { name, server }, snapshot }): UpgradeFacts => ({
      place: `live schema of ${name}`,
      database: name,
      version: readings.get(server.label)?.facts.version ?? '',
      objects: snapshot.objects,
    }),
  )
  const notes = [...readings].flatMap(([server, { unread }]) => unread.map((one) => `Of \`${server}\`: ${one}`))
  return { histories: toHistories(schemas), facts: [...ofServers, ...ofSchemas], notes }
}

/** One reading per server. */
async function readServers(
  context: Context,
  databases: readonly DatabaseConfig[],
): Promise<ReadonlyMap<string, UpgradeReading>> {
  const { timeouts } = await context.config()
  const servers = await context.port(schemaServers)
  const readings = new Map<string, UpgradeReading>()
  for (const database of databases) {
    if (readings.has(database.server.label)) continue
    const session = await servers.open(database, timeouts)
    try {
      readings.set(database.server.label, await session.readUpgradeFacts())
    } finally {
      await session.close()
    }
  }
  return readings
}

function toHistories(schemas: readonly SourcedSchema[]): ReadonlyMap<string, History> {
  return new Map(
    schemas.map(({ database: { name }, snapshot }) => {
      const file = `live schema of ${name}`
      const texts = makeObjects(snapshot.objects, { definers: false }).map(({ text }) => text)
      const statements = texts.map((text, index) =>
        toStatement({ type: 'statement', text, source: text, file, line: index + 1, column: 1 }, index),
      )
      const migration: Migration = {
        database: name,
        version: '0',
        name: 'live',
        kind: 'versioned',
        file,
        checksum: '',
        requires: [],
        conditions: [],
        accepted: [],
        up: { type: 'statements', statements },
        down: null,
      }
      return [name, readHistory(name, [{ migration, up: statements, down: null, partial: false }])]
    }),
  )
}
