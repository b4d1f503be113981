import { createHash } from 'node:crypto'
import type { CommandResult, Context } from '../command/context.ts'
import type { Result } from '../command/result.ts'
import type { Config } from '../config/config.ts'
import { readDurationFlag } from '../core/duration.ts'
import type { ErrorCode } from '../core/error-codes.ts'
import { exitCodes } from '../core/exit-code.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import type { StoreKind } from '../core/store.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import { createSchemas } from '../databases/create-schemas.ts'
import { hazardCodes } from '../lint/hazard-codes.generated.ts'
import { checksumFolders, listFolder, migrationFolders } from '../migrations/files/folder.ts'
import { readMigrations } from '../migrations/files/read-migrations.ts'
import { migrate } from '../migrations/migrate.ts'
import { schemasOf } from '../migrations/plan/placeholders.ts'
import { refuseReachingOut } from '../migrations/plan/refuse-outside.ts'
import { readSeeds } from '../seeds/files/read-seeds.ts'
import type { SeedReport } from '../seeds/ports.ts'
import { seedEverything, seedTargets } from '../seeds/run-seeds.ts'
import { shardSteps } from '../shards/fan-out/shard-steps.ts'
import { periodsAhead } from '../shards/plan-missing.ts'
import { rotate } from '../shards/rotation/rotate.ts'
import { readFamilies } from '../shards/templates/read-families.ts'
import { createEnvironment } from './create-environment.ts'
import { withFilesAt } from './files-at-commit.ts'
import type { EnvironmentScope } from './provision.ts'
import type { Provision } from './provision-context.ts'
import { fillStores, refuseUnknownStores } from './provision-context.ts'
import { cloneBase, nameTemplate } from './template.ts'
import { checkEnvironmentName, makeUpName } from './variables.ts'

export interface EnvironmentOptions {
  readonly name?: string | undefined
  readonly expires?: string | undefined
  readonly owner?: string | undefined
  /** Made from the definitions, without a template. */
  readonly fresh?: boolean | undefined
  /** A commit whose files are used instead of those of the project. */
  readonly commit?: string | undefined
  /** Stores other than MySQL that get their declared resources, under the test environment's prefix. */
  readonly with?: readonly StoreKind[] | undefined
}

/** A created test environment: the project's configuration with the test environment's schemas, and how long it took. */
export interface CreatedEnvironment {
  readonly name: string
  readonly config: Config
  readonly milliseconds: number
}

/** The default lifetime of a test environment. */
const usualLifetime = '24h'

/**
 * Makes a test environment and calls it ready. Its name stays held until the registry is closed.
 * Throws ToolError `USAGE` where the files of a commit cannot be had.
 */
export async function provisionEnvironment(
  context: Context,
  provision: Provision,
  options: EnvironmentOptions,
  scope: EnvironmentScope,
): Promise<CreatedEnvironment> {
  if (options.commit === undefined) return provisionFrom(context, provision, options, scope)
  return withFilesAt(provision.config, options.commit, ({ config, tree }) =>
    provisionFrom(context, { ...provision, config }, options, scope, tree),
  )
}

async function provisionFrom(
  context: Context,
  provision: Provision,
  options: EnvironmentOptions,
  scope: EnvironmentScope,
  tree: string | null = null,
): Promise<CreatedEnvironment> {
  const started = performance.now()
  const name = options.name ?? makeUpName()
  checkEnvironmentName(name, provision.config.databases)
  const stores = options.with ?? []
  refuseUnknownStores(provision.config, stores)
  const owner = options.owner ?? context.process.person
  const fill = (environment: Config): Promise<void> => fillFromDefinitions(context, environment)
  const config = await createEnvironment({
    ...provision,
    name,
    owner,
    scope,
    lifetime: readDurationFlag('--expires', options.expires ?? usualLifetime),
    stores,
    prepare: async () => {
      const base = options.fresh === true ? { template: null, fill } : await cloneBase(await requestTemplate())
      return {
        template: base.template,
        fill: async (environment) => {
          await base.fill(environment)
          await fillStores(context, environment, stores)
        },
      }
    },
  })
  return { name, config, milliseconds: performance.now() - started }

  async function requestTemplate() {
    const { emit, stop } = context
    const checksum = await checksumNow(context, provision, tree)
    return { ...provision, checksum, owner, emit, stop, fill }
  }
}

/** The name of the template that a test environment of the project's files would be cloned from now. */
export async function templateNow(context: Context, provision: Provision): Promise<string> {
  return nameTemplate(await checksumNow(context, provision, null)).name
}

function checksumNow(context: Context, { config, registry }: Provision, tree: string | null): Promise<string> {
  const { toolVersion } = context.process
  const { serverVersion } = registry
  return checksumDefinitions(config, { toolVersion, serverVersion, tree, now: context.now() })
}

/**
 * Creates a test environment from the definitions, with the same commands as any database: schemas, migrations, seeds, current shards. No hazard
 * applies to schemas that are created here; what a file changes in others is refused. Throws ToolError with the reason.
 */
async function fillFromDefinitions(context: Context, config: Config): Promise<void> {
  const inside = contextOf(context, config)
  await refuseReachingOut(await listFiles(config), schemasOf(config))
  requireDone(await createSchemas(inside))
  requireDone(await migrate(inside, { probe: false, allow: [...hazardCodes] }, shardSteps))
  const seeds = await seedTargets(inside, config, seedEverything)
  requireSeeded(seeds)
  if ((await readFamilies(config)).length > 0) requireDone(await rotate(inside))
}

/** What runs in a test environment. */
async function listFiles(config: Config) {
  const { migrations } = await readMigrations({ root: config.root, databases: migrationFolders(config) })
  const seeds = readSeeds(config).flatMap(({ scripts }) => scripts)
  return [...[...migrations.values()].flat().map(({ up }) => up), ...seeds.map(({ body }) => body)]
}

/** The same context in the test environment's schemas: all databases, no questions, and only messages that a person must see. */
function contextOf(context: Context, config: Config): Context {
  return {
    ...context,
    targets: [],
    config: async () => config,
    confirm: async () => undefined,
    emit: (event) => {
      if (event.type === 'warning') context.emit(event)
    },
  }
}

function requireSeeded({ error }: SeedReport): void {
  if (error !== null) throw error
}

/** Turns the failures of an answer into an error. */
function requireDone({ result, exitCode }: CommandResult): void {
  if (exitCode === exitCodes.done) return
  const failures = failuresOf(result)
  const code = failures.find((failure) => failure.code !== null)?.code ?? 'PROVISION_FAILED'
  const faults = failures.flatMap(({ fault }) => (fault === null ? [] : [fault]))
  const stopped: Fault = { what: 'Stopped before the test environment was complete; the created part was dropped' }
  throw new ToolError(
    code === 'PROVISION_FAILED' && faults.length === 0 ? 'STOPPED' : code,
    faults.length === 0 ? stopped : faults,
    { exitCode },
  )
}

function failuresOf(result: Result): readonly { readonly fault: Fault | null; readonly code: ErrorCode | null }[] {
  if (result.kind === 'run') return result.outcomes
  return result.kind === 'rotation' ? result.families : []
}

/** Counts up when recipes change their form: templates of an older build are not read then, but created again. */
const recipeForm = 2

/** Inputs of a test environment besides the files of the project. */
interface Inputs {
  readonly toolVersion: string
  readonly serverVersion: string
  /** Of the commit that the files are of; null for those of the project. */
  readonly tree: string | null
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * SHA-256 (hex) of all inputs of a test environment: files of migrations, templates and seeds, their configuration, the periods that
 * currently need a table, and the versions of tool and server.
 */
async function checksumDefinitions(config: Config, inputs: Inputs): Promise<string> {
  const { toolVersion, serverVersion, tree, now } = inputs
  const { databases, environment, references, outOfOrder, rotation } = config
  const folders = new Map(
    databases.flatMap(({ name, migrations, templates, seeds }) => [
      [`migrations/${name}`, migrations],
      [`templates/${name}`, templates],
      [`seeds/${name}`, seeds],
    ]),
  )
  const families = await readFamilies(config)
  const facts = {
    files: checksumFolders(folders),
    // Code may import files that lie elsewhere, and the work tree beside it has them in another state.
    tree: hasCode(config) ? tree : null,
    databases: databases.map(({ name, server }) => [name, server.label]),
    settings: [
      environment,
      references,
      outOfOrder,
      rotation.overrides.map(({ family, header, text }) => [family, header, text]),
    ],
    periods: families.map((family) => [family.database, family.name, periodsOf(family, now)]),
    versions: [toolVersion, serverVersion, recipeForm],
  }
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex')
}

function hasCode(config: Config): boolean {
  return migrationFolders(config).some((folder) =>
    listFolder(folder, config.root).entries.some(({ file }) => !file.toLowerCase().endsWith('.sql')),
  )
}

/** Tables are created for these periods: a later period needs another template. */
function periodsOf(family: ShardFamily, now: number): readonly string[] {
  const { division } = family
  return division.type === 'period' ? periodsAhead(family, division, now, 0).map(({ key }) => key) : []
}
