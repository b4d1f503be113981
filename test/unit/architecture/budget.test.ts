import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const source = resolve(import.meta.dirname, '../../../src')

/**
 * What src may have at most. The goals are 600 files, none of more than 300 lines, and
 * fewer than 120 files whose one importer is in their own folder.
 */
const limits = { files: 600, long: 0, withOneImporter: 119 }

/**
 * The goal of 600 files was set for what the program could do by then: it keeps an idea from being cut into fragments, and is not to keep the program
 * from learning something new. What was born since is counted apart, and is held by the other two limits alone: these folders whole, of `lint/rules/`
 * what it has over the 30 that it had (a rule is a file by its nature), and single files that gave an older capability a new command.
 */
const bornSince = {
  folders: [
    'schema/',
    'snapshots/',
    'audit/',
    'doctor/',
    'grants/',
    'operate/',
    'mcp/',
    'hooks/',
    'tracing/',
    'report/',
    'lint/commands/',
    'lint/known-schema/',
    'lint/review/',
    'lint/server/',
    'lint/upgrade/',
    'mysql/trial/',
  ],
  rules: 30,
  files: [
    'cli/ask-tool.ts',
    'config/audit.ts',
    // Concepts and the manual beside help; completion that installs itself.
    'cli/commands/completion-install.ts',
    'cli/commands/completion-uninstall.ts',
    'cli/install-completion.ts',
    'cli/usage.ts',
    'cli/help/man-pages.ts',
    'cli/help/topic-help.ts',
    'cli/help/topics.ts',
    'files/documentation.ts',
    'project/agents-text.ts',
    'project/first-config.ts',
    'project/look-at-server.ts',
    // The SQL of plans, schedules that run as rendered, a rebase that can be finished.
    'migrations/baseline.ts',
    'migrations/logical-references.ts',
    'lint/subjects.ts',
    'lint/unique-keys.ts',
    'lint/defined-columns.ts',
    'config/doctor.ts',
    'mysql/missing-grant.ts',
    'mysql/runs-under-way.ts',
    'mysql/upgrade-facts.ts',
    'config/drift.ts',
    // What records runs.
    'cli/auditing.ts',
    // Programs around runs, migrations and rotation.
    'cli/hook-program.ts',
    'config/hooks.ts',
    'shards/rotation/family-hooks.ts',
    'cli/log-file.ts',
    'terminal/json/log-lines.ts',
    'cli/mysql-context.ts',
    'cli/once.ts',
    // The record of the schema, and whole schemas compared for it.
    'migrations/files/adopted-list.ts',
    'migrations/mysql/schema-record.ts',
    'migrations/baseline.ts',
    'migrations/record-run.ts',
    'migrations/record-schema.ts',
    'shards/schema-scope.ts',
    'sql/compare-snapshots.ts',
    'sql/definitions/normal-column.ts',
    'sql/definitions/split-definition.ts',
    'sql/object-pattern.ts',
    'sql/recorded-schema.ts',
    'sql/upgrade-facts.ts',
    // All environments side by side.
    'migrations/commands/answer-environments.ts',
    'migrations/commands/environments-view.ts',
    'migrations/commands/judge-databases.ts',
    // How far a run is.
    'core/progress.ts',
    'mysql/statement-progress.ts',
    'migrations/commands/find-run.ts',
    // The text of statements in plans.
    'sql/mask-passwords.ts',
    'shards/step-statements.ts',
    'terminal/human/planned-statement.ts',
    // The trial of pending definitions.
    'lint/algorithms/what-to-read.ts',
    'mysql/trial-copies.ts',
    'sql/confine.ts',
    'sql/probe-result.ts',
    // What the rules of review share.
    'lint/assignments.ts',
    'lint/written-conditions.ts',
    'lint/algorithms/offline-algorithm.ts',
    'lint/changing-functions.ts',
    'lint/find-columns.ts',
    'lint/find-keys.ts',
    'lint/name-parts.ts',
    'lint/written-default.ts',
    'migrations/commands/rebase.ts',
    'migrations/files/carry-out-rebase.ts',
    // A schedule as files that run as they stand.
    'shards/schedule/read-variables.ts',
    'shards/schedule/render-kubernetes.ts',
    'shards/schedule/render-systemd.ts',
    'shards/schedule/scheduled-command.ts',
    'shards/schedule/write-rendered.ts',
    'migrations/files/plan-rebase.ts',
    'migrations/files/squashed.ts',
    'migrations/plan/resolve-squash.ts',
    // Roles and users of Elasticsearch.
    'stores/elasticsearch/driver-access.ts',
    'stores/elasticsearch/plan-access.ts',
  ] as readonly string[],
}

const texts = new Map(
  readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [name, readFileSync(join(source, name), 'utf8')]),
)

interface Import {
  readonly from: string
  readonly lazy: boolean
}

/** Each file, with the files that import it; `lazy` where it is loaded by `import()` when it is first needed. */
function readImporters(): ReadonlyMap<string, readonly Import[]> {
  const importers = new Map<string, Import[]>([...texts.keys()].map((file) => [file, []]))
  for (const [file, text] of texts) {
    for (const [, how = '', path = ''] of text.matchAll(/(from\s*|import\s*\(\s*)'(\.[^']+\.ts)'/g)) {
      const target = posix.join(posix.dirname(file), path)
      importers.get(target)?.push({ from: file, lazy: how.startsWith('import') })
    }
  }
  return importers
}

/** A file that only its neighbor needs is part of that neighbor, unless it is an idea of its own. */
function filesWithOneImporter(): readonly string[] {
  return [...readImporters()].flatMap(([file, imports]) => {
    const [first, ...others] = new Set(imports.map(({ from }) => from))
    const isAlone = first !== undefined && others.length === 0 && !imports.some(({ lazy }) => lazy)
    return isAlone && posix.dirname(first) === posix.dirname(file) ? [file] : []
  })
}

/** The files of what the program could do when the goal was set, but for generated ones, which nobody writes. */
function countOlderFiles(): number {
  const isNew = (file: string) =>
    file.endsWith('.generated.ts') ||
    bornSince.folders.some((folder) => file.startsWith(folder)) ||
    bornSince.files.includes(file)
  const files = [...texts.keys()].filter((file) => !isNew(file))
  const rules = files.filter((file) => file.startsWith('lint/rules/')).length
  return files.length - Math.max(0, rules - bornSince.rules)
}

describe('the size of src', () => {
  test('the number of files stays within its limit', () => {
    expect(countOlderFiles()).toBeLessThanOrEqual(limits.files)
  })

  test('no file more than the limit has over 300 lines', () => {
    // A generated list of rules has a line for each.
    const written = [...texts].filter(([file]) => !file.endsWith('.generated.ts'))
    const long = written.filter(([, text]) => text.split('\n').length > 301).map(([file]) => file)
    expect(long.length, long.join(', ')).toBeLessThanOrEqual(limits.long)
  })

  test('the number of files with one importer, in their own folder, stays within its limit', () => {
    expect(filesWithOneImporter().length).toBeLessThanOrEqual(limits.withOneImporter)
  })
})
