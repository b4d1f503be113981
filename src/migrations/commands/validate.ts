import { defineCommand } from '../../command/define-command.ts'
import type { Config } from '../../config/config.ts'
import { selectDatabases } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import { applyStatement, followStrictMode } from '../../ddl/apply-statement.ts'
import { nothingKnown } from '../../ddl/schema.ts'
import { findHazards, findKeyedTables } from '../../lint/find-hazards.ts'
import { type Hazard, stopsRun } from '../../lint/rule.ts'
import { inspectSeeds } from '../../seeds/files/read-seeds.ts'
import { findFamily } from '../../shards/fan-out/services.ts'
import { inspectFamilies } from '../../shards/templates/read-families.ts'
import type { Statement } from '../../sql/statement.ts'
import { migrationFolders } from '../files/folder.ts'
import { inspectMigrations, type MigrationReport } from '../files/read-migrations.ts'
import { writeSumFile } from '../files/sum.ts'
import { countStatements, type Migration, type Script } from '../migration.ts'
import { findRepeatedNames } from '../plan/find-repeated-names.ts'

/**
 * `wwdb validate`: checks every migration file, shard template and seed without a server. Exit code 1 for faults, and with
 * `strict` also for hazards that would stop a run and that no header accepts.
 */
export const command = defineCommand({
  name: 'validate',
  group: 'Migrations',
  summary: 'check migration files and shard templates, without a server',
  purpose:
    'Splits and checks every migration file: names, duplicates, gaps, unterminated quotes, statements that are ' +
    'not allowed in a migration, objects that two files create, dependencies and the checksums in wwdb.sum. ' +
    'Checks every shard template, including its header. Needs no server and shows all errors at once.',
  examples: [
    { command: 'wwdb validate --strict', purpose: 'in a pull request: hazards without a reason count as faults' },
    {
      command: 'wwdb validate --strict --since 20260201000000',
      purpose: 'the same where older files were applied, and must stay as they are',
    },
    { command: 'wwdb validate --write-sum', purpose: 'after an edit that is meant: write wwdb.sum again' },
  ],
  flags: {
    'How to check': {
      strict: { description: 'hazards that no header accepts are errors, too' },
      since: {
        value: 'VERSION',
        description:
          'ignore hazards of older versions, because applied files must not change (default: strictSince of the configuration)',
      },
      writeSum: { description: 'write the checksums of the current files to wwdb.sum' },
    },
  },
  exitCodes: [...exitCodesOf.project, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run({ strict = false, since, writeSum = false }, context) {
    const config = await context.config()
    const databases = migrationFolders(config)
    const chosen = new Set(selectDatabases(config, context.targets).map(({ name }) => name))
    const report = await inspectMigrations({
      root: config.root,
      databases,
      check: 'all',
      chosen,
      sums: writeSum ? 'ignore' : 'check',
    })
    const templates = await inspectFamilies({ ...config, chosen })
    const seeds = inspectSeeds(config, chosen)
    const migrations = [...report.migrations].flatMap(([name, list]) => (chosen.has(name) ? list : []))
    const faults = [
      ...report.faults,
      ...templates.faults,
      ...seeds.faults,
      ...findUnknownFamilies(migrations, templates.families),
      ...(
        await Promise.all([...report.migrations.values()].map((list) => findRepeatedNames(list, config.lint.target)))
      ).flat(),
    ]
    const all = await findAllHazards(migrations)
    const first = since ?? config.strictSince
    const old = new Set(first === null ? [] : listOlder(migrations, first).map(({ file }) => file))
    // Accepting them would mean changing their files, and applied files must stay as they are.
    const hazards = all.filter((hazard) => !old.has(hazard.file))
    const unaccepted = hazards.filter(isUnaccepted).length
    if (writeSum && report.faults.length === 0) writeSums(config, context.targets, report)
    const findings = faults.length > 0 || (strict && unaccepted > 0)
    return {
      result: {
        kind: 'validation',
        faults,
        hazards,
        stopping: strict ? unaccepted : null,
        files: report.files + templates.files + seeds.files,
        statements: migrations.reduce((sum, migration) => sum + countMigration(migration), templates.families.length),
      },
      exitCode: findings ? exitCodes.findings : exitCodes.done,
    }
  },
})

/** Headers `wwdb:shards` that do not name a family of their database. */
function findUnknownFamilies(migrations: readonly Migration[], families: readonly ShardFamily[]): readonly Fault[] {
  return migrations.flatMap((migration) => {
    if (migration.shards === undefined) return []
    try {
      findFamily(families, migration)
      return []
    } catch (error) {
      if (error instanceof ToolError) return error.faults
      throw error
    }
  })
}

/** Files that were applied long ago: they must not be changed any more, so their hazards cannot be accepted. */
function listOlder(migrations: readonly Migration[], since: string): readonly Migration[] {
  if (!/^\d+$/.test(since)) {
    const fault = {
      what: `"${since}" is not a version.`,
      next: 'Give `--since` the digits of a version, e.g. 20260131000000.',
    }
    throw new ToolError('USAGE', fault)
  }
  // A date is enough: 20260131 is its first second.
  const first = since.length < 8 ? since : since.padEnd(14, '0')
  return migrations.filter(({ kind, version }) => kind !== 'repeatable' && compareVersions(version, first) < 0)
}

function isUnaccepted(hazard: Hazard): boolean {
  return stopsRun(hazard) && hazard.accepted === null
}

function countMigration({ up, down }: Migration): number {
  return countStatements(up) + (down === null ? 0 : countStatements(down))
}

/** A migration is judged alone: where it will run, earlier ones may have been applied long ago. */
async function findAllHazards(migrations: readonly Migration[]): Promise<readonly Hazard[]> {
  const hazards: Hazard[] = []
  for (const { up, accepted } of migrations) {
    let tables = nothingKnown
    let strict = true
    const keyedLater = findKeyedTables(tables, up.type === 'statements' ? up.statements : [])
    for await (const statement of statementsOf(up)) {
      hazards.push(...findHazards(statement, { accepted, tables, strict, keyedLater }))
      tables = applyStatement(tables, statement)
      strict = followStrictMode(strict, statement)
    }
  }
  return hazards
}

function statementsOf(script: Script): Iterable<Statement> | AsyncIterable<Statement> {
  switch (script.type) {
    case 'statements':
      return script.statements
    case 'stream':
      return script.open()
    case 'module':
      return []
  }
}

function writeSums(config: Config, targets: readonly string[], report: MigrationReport): void {
  for (const { name, migrations: directory } of selectDatabases(config, targets)) {
    const migrations = report.migrations.get(name) ?? []
    const checksums = new Map(migrations.map(({ file, checksum }) => [file.slice(file.lastIndexOf('/') + 1), checksum]))
    writeSumFile(directory, config.root, checksums)
  }
}
