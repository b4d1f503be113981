import * as z from 'zod/mini'
import type { DatabaseConfig } from '../config/config.ts'
import { Secret } from '../config/secret.ts'
import { parseServerUrl, serverLabel } from '../config/server-url.ts'
import { defaultSession } from '../config/session.ts'
import { isLoopback } from '../config/url-parts.ts'
import { ToolError } from '../core/tool-error.ts'
import { toolVersion } from '../core/tool-version.ts'
import * as snapshots from '../ddl/compare-snapshots.ts'
import { fingerprintSchema } from '../ddl/snapshot.ts'
import { createDoor } from '../mysql/open.ts'
import { refuseHidden } from '../schema/hidden.ts'
import { driver } from '../schema/mysql/servers.ts'
import { renderSchema } from '../schema/render-sql.ts'
import { writeChanges } from '../schema/write-changes.ts'
import type { SchemaDifference, SchemaSnapshot, SnapshotRequest } from './types.ts'

export type {
  CodeSnapshot,
  ColumnSnapshot,
  ForeignKeySnapshot,
  ObjectSnapshot,
  PartDifference,
  PartSnapshot,
  SchemaDifference,
  SchemaSnapshot,
  SnapshotObject,
  SnapshotRequest,
  TableSnapshot,
} from './types.ts'

/**
 * Reads a whole schema in normal form; nothing is written.
 * Throws errors with a `code` and `faults`, as wwdb prints them: `UNREACHABLE`, `SCHEMA_MISSING`, `SCHEMA_HIDDEN`.
 */
export async function takeSnapshot(request: SnapshotRequest): Promise<SchemaSnapshot> {
  const database = toDatabase(request)
  const timeouts = { connect: request.connectTimeout ?? 10_000, lock: 0, lockWait: 10_000, statement: null }
  const session = await driver.build(door).open(database, timeouts)
  try {
    const { snapshot, hidden } = await session.read({
      databases: new Map(Object.entries(request.neighbors ?? {})),
      isLeftOut: ({ type, ...object }) =>
        (object.table ?? object.name).toLowerCase().startsWith('wwdb_') ||
        (type !== 'vindex' && request.leaveOut?.({ type, ...object }) === true),
    })
    refuseHidden([{ database, hidden }])
    return snapshot
  } finally {
    await session.close()
  }
}

const door = createDoor({
  process: { runner: { name: 'wwdb/schema', process: '', toolVersion }, isAlive: () => null },
  announce: () => undefined,
  record: null,
})

function toDatabase({ url, database }: SnapshotRequest): DatabaseConfig {
  const outcome = parseServerUrl(url)
  const next = 'Give mysql://user:password@host:3306/schema.'
  if (outcome.type === 'fault') throw new ToolError('USAGE', { what: `The URL ${outcome.why}.`, next: outcome.next })
  const { host, port, socket, user, password, schema } = outcome.server
  if (schema === null) throw new ToolError('USAGE', { what: 'The URL does not name a schema.', next })
  return {
    name: database ?? schema,
    schema,
    server: {
      host,
      port,
      socket,
      user,
      password: password === null ? null : new Secret(password),
      encryption: socket === null && !isLoopback(host) ? 'preferred' : 'as-needed',
      tls: null,
      allowPublicKeyRetrieval: false,
      label: serverLabel(outcome.server),
    },
    session: defaultSession,
    migrations: '',
    templates: '',
    templatesNamed: false,
    seeds: '',
    seedsNamed: false,
  }
}

const typeSchema = z.enum(['table', 'view', 'procedure', 'function', 'trigger', 'event'])
const dumpSchema = z.array(
  z.looseObject({
    format: z.literal(1),
    database: z.string(),
    charset: z.string(),
    collation: z.string(),
    objects: z.array(z.looseObject({ type: typeSchema, name: z.string() })),
  }),
)

/** The snapshots that `wwdb schema dump --as json` has printed. Throws an error with the code `DUMP_INVALID` for another text. */
export function parseSnapshots(text: string): readonly SchemaSnapshot[] {
  try {
    return dumpSchema.parse(JSON.parse(text)) as unknown as readonly SchemaSnapshot[]
  } catch (error) {
    const fault = {
      what: 'The text is not what `wwdb schema dump --as json` prints.',
      why: error instanceof Error ? error.message : String(error),
      next: 'Write it again with this version of wwdb; `schemas/snapshot.schema.json` describes it.',
    }
    throw new ToolError('DUMP_INVALID', fault, { cause: error })
  }
}

/** The differences between two schemas, object by object; empty where they are the same. */
export function compareSnapshots(wanted: SchemaSnapshot, found: SchemaSnapshot): readonly SchemaDifference[] {
  return snapshots.compareSnapshots(wanted, found).map(({ type, name, change, parts }) => ({
    type,
    name,
    change,
    parts,
    text: `${type} ${name} ${snapshots.describeDifference({ change, parts })}`,
  }))
}

/** The statements that turn the second schema into the first, in an order that runs. Other databases are called `{{schema:name}}`. */
export function writeStatements(wanted: SchemaSnapshot, found: SchemaSnapshot): readonly string[] {
  const differences = snapshots.compareSnapshots(wanted, found)
  return writeChanges(wanted, found, differences, { definers: false }).map(({ text }) => text)
}

/** The SQL that recreates a schema, for the mysql client; the same schema gives the same bytes. Other databases are called `{{schema:name}}`. */
export function writeSchema(snapshot: SchemaSnapshot): string {
  return renderSchema(snapshot, { definers: false })
}

/** SHA-256 of a schema in normal form, as hexadecimal digits: equal for the same SQL on every server. */
export function fingerprint(snapshot: SchemaSnapshot): string {
  return fingerprintSchema(snapshot)
}
