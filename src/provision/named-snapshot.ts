import { createHash } from 'node:crypto'
import { countOf } from '../core/plural.ts'
import type { StopRequest } from '../core/stop-request.ts'
import { ToolError } from '../core/tool-error.ts'
import { makeCloneSource } from './clone-source.ts'
import type { EnvironmentRecord, ProvisionRegistry } from './ports.ts'
import { dropEnvironment, findEnvironment, isBusy, type Removal } from './remove-environment.ts'
import { longestSchema, onEachServer } from './variables.ts'

/** The part of a name that distinguishes snapshots of a server in the names of their schemas. */
const shortChecksum = 12

/** Of the name of a test environment and that of its snapshot together: GET_LOCK takes 64 characters, `wwdb:set:snapshot/` and a slash are the rest. */
const longestNames = 45

/**
 * Where a snapshot is: its row in the registry, and the prefix of its schemas, which is as long as that of a template. Neither can be a test environment's.
 * Throws ToolError `TEST_SNAPSHOT_NAME` (64).
 */
export function nameSnapshot(
  environment: string,
  snapshot: string,
): { readonly name: string; readonly prefix: string } {
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(snapshot))
    throw wrongName(
      `${JSON.stringify(snapshot.slice(0, 80))} is not a valid name of a snapshot`,
      'Use a-z, 0-9, _ and -, starting with a letter or a digit.',
    )
  const excess = environment.length + snapshot.length - longestNames
  if (excess > 0)
    throw wrongName(
      `The name of the snapshot \`${snapshot}\` is too long for the test environment \`${environment}\``,
      `Use a name that is ${countOf(excess, 'character')} shorter: both have ${longestNames} together.`,
    )
  const short = createHash('sha256').update(`${environment}/${snapshot}`).digest('hex').slice(0, shortChecksum)
  return { name: `snapshot/${environment}/${snapshot}`, prefix: `wwdb_snapshot_${short}_` }
}

/** A request for a snapshot of a test environment. */
export interface SnapshotRequest extends Removal {
  readonly environment: string
  readonly snapshot: string
  readonly owner: string
  readonly stop: StopRequest
}

/**
 * Copies a test environment as it is now, for restores by that name: tables with their rows and counters, triggers, views and routines, and none of its events, which would change
 * the copy. An earlier snapshot of the name is dropped first: after an interruption there is none. Whoever uses the test environment may not write meanwhile.
 * Throws ToolError `TEST_SNAPSHOT_NAME`, `TEST_ENVIRONMENT_UNKNOWN`, `TEST_ENVIRONMENT_BUSY` (75), `STOPPED`.
 */
export async function takeSnapshot(request: SnapshotRequest): Promise<EnvironmentRecord> {
  const { registry, config, environment, snapshot } = request
  const { name, prefix } = nameSnapshot(environment, snapshot)
  const source = await findEnvironment(registry, environment)
  refuseLongSchemas(source, prefix)
  if (!(await registry.hold(name, config.timeouts.lock))) throw isBusy(name)
  try {
    const earlier = await registry.find(name)
    if (earlier !== null) await dropEnvironment(request, earlier)
    await copy(request, source, { name, prefix })
    return source
  } finally {
    await registry.release(name).catch(() => undefined)
  }
}

async function copy(
  request: SnapshotRequest,
  source: EnvironmentRecord,
  { name, prefix }: { readonly name: string; readonly prefix: string },
): Promise<void> {
  const { registry, servers, config, owner, stop } = request
  const schemas = source.schemas.map((one) => ({ ...one, schema: renamed(one.schema, source.prefix, prefix) }))
  const { connections } = config.rotation
  await makeCloneSource(request, { name, prefix, owner, schemas }, async () => {
    // Whoever drops a test environment looks for snapshots after its row says so: one of the two sees the other.
    const again = await findEnvironment(registry, source.name)
    if (again.createdAt !== source.createdAt) throw isBusy(source.name)
    await onEachServer(servers, config, source.schemas, (stage, own) =>
      stage.copy(own, { from: source.prefix, to: prefix, connections, stop }),
    )
  })
}

function renamed(schema: string, from: string, to: string): string {
  return `${to}${schema.slice(from.length)}`
}

/** A test environment without a template may have longer names of databases than fit behind the prefix of a snapshot. */
function refuseLongSchemas({ name, prefix, schemas }: EnvironmentRecord, to: string): void {
  const long = schemas.find(({ schema }) => renamed(schema, prefix, to).length > longestSchema)
  if (long === undefined) return
  throw wrongName(
    `A snapshot of the test environment \`${name}\` would have a schema \`${renamed(long.schema, prefix, to)}\`; MySQL allows ${longestSchema} characters`,
    `Give the database \`${long.database}\` a shorter name in the configuration.`,
  )
}

/** A complete snapshot, with its recipe. Throws ToolError `TEST_SNAPSHOT_NAME`, `TEST_SNAPSHOT_UNKNOWN`, `TEST_ENVIRONMENT_UNKNOWN`. */
export async function findSnapshot(
  registry: ProvisionRegistry,
  environment: string,
  snapshot: string,
): Promise<{ readonly record: EnvironmentRecord; readonly recipe: string }> {
  const { name } = nameSnapshot(environment, snapshot)
  const source = await findEnvironment(registry, environment)
  const record = await registry.find(name)
  const recipe = record?.state === 'ready' ? await registry.readRecipe(name) : null
  // An older one is of another test environment of that name, whose files may have been others.
  if (record === null || recipe === null || record.createdAt < source.createdAt)
    throw isUnknownSnapshot(environment, snapshot)
  return { record, recipe }
}

function isUnknownSnapshot(environment: string, snapshot: string): ToolError {
  return new ToolError('TEST_SNAPSHOT_UNKNOWN', {
    what: `The test environment \`${environment}\` has no complete snapshot \`${snapshot}\`.`,
    why: 'None was taken, or it was dropped with the test environment, which may have been created again from other files since.',
    next: 'Take it again with `snapshot()` or `wwdb provision snapshot`.',
  })
}

function wrongName(what: string, next: string): ToolError {
  return new ToolError('TEST_SNAPSHOT_NAME', { what: `${what}.`, next })
}
