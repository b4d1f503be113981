import { type Fault, ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import type { Migration } from '../../migrations/migration.ts'
import { isVschemaVerb } from '../../sql/statements/vschema.ts'

/** The files of one database that become one. */
export interface SquashPart {
  readonly database: string
  /** Of the last file: the squashed one has it, too. */
  readonly version: string
  /** In their order. */
  readonly files: readonly Migration[]
}

/** What is squashed, and what must run to see its result. */
export interface SquashPlan {
  readonly parts: readonly SquashPart[]
  /** Steps that run before the squash, by name: the files themselves, and what they require of other databases. */
  readonly before: ReadonlySet<string>
  /** The steps after it. */
  readonly after: ReadonlySet<string>
  /** By database, the files that are not squashed. */
  readonly others: ReadonlyMap<string, readonly Migration[]>
}

const isVersioned = ({ kind }: Migration): boolean => kind !== 'repeatable'

/**
 * Decides which files `squash --to` combines; databases with fewer than two files up to there are left as they are.
 * Pure. Throws ToolError `UNKNOWN_VERSION`, `SQUASH_REFUSED` with every file that cannot be squashed and the reason.
 */
export function planSquash(
  migrations: ReadonlyMap<string, readonly Migration[]>,
  chosen: readonly string[],
  to: string,
): SquashPlan {
  const own = chosen.map((database) => [database, (migrations.get(database) ?? []).filter(isVersioned)] as const)
  if (!own.some(([, files]) => files.some(({ version }) => compareVersions(version, to) === 0)))
    throw new ToolError('UNKNOWN_VERSION', {
      what: `No migration has the version ${to}.`,
      why: 'The version was given with `--to`.',
      next: 'Give a version that `wwdb status` lists.',
    })
  const parts = own.flatMap(([database, all]): readonly SquashPart[] => {
    const files = all.filter(({ version }) => compareVersions(version, to) <= 0)
    const last = files.at(-1)
    return last === undefined || files.length < 2 ? [] : [{ database, version: last.version, files }]
  })
  const faults = parts.flatMap((part) => [
    ...part.files.flatMap((file) => refuse(file)),
    ...findLater(part, migrations, parts),
  ])
  if (faults.length > 0) throw new ToolError('SQUASH_REFUSED', faults)
  const before = closure(
    parts.flatMap(({ files }) => files),
    migrations,
  )
  const squashed = new Set(parts.flatMap(({ files }) => files.map(nameOf)))
  const others = [...before].filter((name) => !squashed.has(name))
  return {
    parts,
    before,
    others: new Map([...migrations].map(([name, all]) => [name, all.filter((one) => !squashed.has(nameOf(one)))])),
    after: new Set([...others, ...parts.map(({ database, version }) => `${database}/${version}`)]),
  }
}

const nameOf = ({ database, version }: Pick<Migration, 'database' | 'version'>): string => `${database}/${version}`

/** The files, what they require, and in other databases everything that precedes that. */
function closure(files: readonly Migration[], migrations: ReadonlyMap<string, readonly Migration[]>): Set<string> {
  const names = new Set<string>()
  const left = [...files]
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (names.has(nameOf(file))) continue
    names.add(nameOf(file))
    const all = migrations.get(file.database) ?? []
    const needed = file.requires.flatMap(
      (one) => migrations.get(one.database)?.find(({ version }) => version === one.version) ?? [],
    )
    const earlier = isVersioned(file) ? all.slice(0, all.indexOf(file)) : []
    left.push(...needed, ...earlier)
  }
  return names
}

/** A file that needs something after the squash, directly or indirectly, would have to run before and after it. */
function findLater(
  part: SquashPart,
  migrations: ReadonlyMap<string, readonly Migration[]>,
  parts: readonly SquashPart[],
): readonly Fault[] {
  const needed = closure(part.files, migrations)
  return parts.flatMap(({ database, version: last }) => {
    const later = (migrations.get(database) ?? []).find(
      (file) => isVersioned(file) && compareVersions(file.version, last) > 0 && needed.has(nameOf(file)),
    )
    if (later === undefined) return []
    return [
      refusal(
        part.files.at(-1)?.file ?? '',
        part.database,
        `The files of \`${part.database}\` up to ${part.version} need ${nameOf(later)}, which is not squashed with them.`,
        `Choose a version for \`--to\` that includes ${nameOf(later)}, or one before the file that needs it.`,
      ),
    ]
  })
}

function refusal(file: string, database: string, what: string, next: string, why?: string): Fault {
  return { what, where: { file, database }, ...(why === undefined ? {} : { why }), next }
}

const elsewhere = 'Choose a version for `--to` before it.'

/** What a file does that a snapshot of a schema and its rows does not show, or that not every database does. */
function refuse(migration: Migration): readonly Fault[] {
  const { file, database, conditions, shards, requires, up } = migration
  const no = (what: string, why: string): Fault => refusal(file, database, what, elsewhere, why)
  if (conditions.length > 0)
    return [
      no(
        `\`${file}\` applies only if its \`wwdb:when\` condition is met.`,
        'Its result is not the same in every environment.',
      ),
    ]
  if (shards !== undefined)
    return [
      no(
        `\`${file}\` changes the shards of ${shards}.`,
        'This file records which version of the template a shard has.',
      ),
    ]
  if (requires.some(({ version }) => version.startsWith('R__')))
    return [
      no(
        `\`${file}\` requires a repeatable migration.`,
        'Repeatable migrations are not squashed, and run after all others.',
      ),
    ]
  const vschema = up.type === 'statements' ? up.statements.filter(({ verb }) => isVschemaVerb(verb)) : []
  if (vschema.length > 0)
    return [
      no(
        `\`${file}\` changes the VSchema: ${vschema.map(({ verb, line }) => `${verb} on line ${line}`).join(', ')}.`,
        'The squashed file is made of what the files leave in a scratch schema of MySQL, which has no VSchema, so it would lack this.',
      ),
    ]
  if (up.type === 'stream') return []
  if (up.type === 'module') return []
  const outside = up.statements.find(
    (statement) =>
      statement.class === 'account' ||
      /^(?:(?:CREATE|ALTER|DROP) (?:SERVER|TABLESPACE|UNDO TABLESPACE|RESOURCE GROUP|SCHEMA|DATABASE|LOGFILE GROUP)|INSTALL|UNINSTALL)\b/.test(
        statement.verb,
      ) ||
      /^\s*set\s+(?:@@)?(?:global|persist)/i.test(statement.text),
  )
  if (outside === undefined) return []
  return [
    no(
      `\`${file}\` changes more than the schema: ${outside.verb} on line ${outside.line}.`,
      'A snapshot of the schema does not show this, so the squashed file would lack it.',
    ),
  ]
}
