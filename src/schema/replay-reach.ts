import type { Config, DatabaseConfig } from '../config/config.ts'
import { migrationFolders } from '../migrations/files/folder.ts'
import { inspectMigrations } from '../migrations/files/read-migrations.ts'

/**
 * The databases whose migrations run in scratch schemas where some are chosen. If no file has a fault, all of them; else the chosen ones with those that their files need, and every other database that neither has a fault nor needs one that has. Null for all.
 * @param targets the chosen databases; none for all
 */
export async function findReach(config: Config, targets: readonly string[]): Promise<ReadonlySet<string> | null> {
  if (targets.length === 0) return null
  const request = { root: config.root, databases: migrationFolders(config) }
  const { migrations, faults } = await inspectMigrations(request)
  if (faults.length === 0) return null
  const needs = needsOf(migrations)
  const faulty = new Set<string>()
  for (const { name } of request.databases) {
    const own = await inspectMigrations({ ...request, chosen: new Set([name]) })
    if (own.faults.length > 0) faulty.add(name)
  }
  const reached = new Set(targets.flatMap((name) => [...closureOf(name, needs)]))
  for (const { name } of request.databases)
    if (![...closureOf(name, needs)].some((one) => faulty.has(one))) reached.add(name)
  return reached
}

/**
 * The configuration without keyspaces of Vitess for which no scratch schema can be made, and without what needs them, where neither the chosen databases nor their files need one.
 * @param targets the chosen databases; none for all
 */
export async function withoutUntried(config: Config, targets: readonly string[]): Promise<Config> {
  const isUntried = ({ vitess, scratchServer }: DatabaseConfig): boolean =>
    vitess !== undefined && scratchServer === undefined
  const untried = new Set(config.databases.filter(isUntried).map(({ name }) => name))
  if (targets.length === 0 || untried.size === 0) return config
  const { migrations } = await inspectMigrations({ root: config.root, databases: migrationFolders(config) })
  const needs = needsOf(migrations)
  const needed = new Set(targets.flatMap((name) => [...closureOf(name, needs)]))
  const databases = config.databases.filter(
    ({ name }) => needed.has(name) || ![...closureOf(name, needs)].some((one) => untried.has(one)),
  )
  return { ...config, databases }
}

const needsOf = (
  migrations: Awaited<ReturnType<typeof inspectMigrations>>['migrations'],
): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...migrations].map(([name, files]) => [
      name,
      files.flatMap(({ requires }) => requires.map(({ database }) => database)),
    ]),
  )

/** A database and all databases that its files need, directly or indirectly. */
function closureOf(name: string, needs: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set<string>()
  const left = [name]
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    if (found.has(one)) continue
    found.add(one)
    left.push(...(needs.get(one) ?? []))
  }
  return found
}
