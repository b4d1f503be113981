import type { Fault } from '../../core/tool-error.ts'
import { checksumOf } from '../../files/checksum.ts'
import { findHazards } from '../../lint/find-hazards.ts'
import { stopsRun } from '../../lint/rule.ts'
import { plainName } from '../../migrations/files/migration-name.ts'
import type { Statement } from '../../sql/statement.ts'
import {
  type AppliedMigration,
  type HistoryRow,
  type OldFile,
  type OldMigration,
  type OldProject,
  type SqlTool,
  splitLines,
} from './contract.ts'
import { type ConvertedScript, convertScript, findUsedSchemas, type ScriptPlace } from './convert.ts'
import { withoutDialect } from './dialects.ts'
import { mapVersions } from './versions.ts'

/** A file of another tool as a migration of wwdb. */
export interface AdoptedFile {
  readonly fileName: string
  readonly version: string
  readonly name: string
  readonly kind: OldMigration['kind']
  readonly checksum: string
  readonly text: string
  /**
   * The same without statements that affect more than a schema (accounts, settings of the server), for a scratch
   * schema.
   */
  readonly scratchText: string
  /** The file that it was created from. */
  readonly from: string
  /** Null where the other tool has not applied it. */
  readonly applied: AppliedMigration | null
}

/** What an adoption will do. */
export interface AdoptionPlan {
  /** In the order in which they run. */
  readonly files: readonly AdoptedFile[]
  /** The applied files that the database itself stands for. */
  readonly replaced: readonly AppliedMigration[]
  /** Identities in the order in which the other tool ran them. */
  readonly order: readonly string[]
  /** Files that differ from what ran. */
  readonly edited: readonly { readonly file: string; readonly why: string }[]
  readonly notes: readonly string[]
  readonly faults: readonly Fault[]
}

/** Its destination. */
export interface AdoptionPlace {
  readonly database: string
  readonly schema: string
  /** The content of the database stands for the files that have run. */
  readonly fromLive?: boolean
}

/** Converts the files of a tool and reads its history. Pure. */
export function planAdoption(
  tool: SqlTool,
  files: readonly OldFile[],
  rows: readonly HistoryRow[],
  { database, schema, fromLive = false }: AdoptionPlace,
): AdoptionPlan {
  const whole = tool.readProject(files)
  const history = tool.readHistory(rows, whole, files)
  const ran = new Set(fromLive ? history.applied.map(({ id }) => id) : [])
  const project = { ...whole, migrations: whole.migrations.filter(({ id }) => !ran.has(id)) }
  const ownSchemas = findOwnSchemas(project, schema)
  const versioned = project.migrations.filter(({ kind }) => kind === 'versioned')
  // The baseline comes first.
  const begin = fromLive ? 1 : 0
  const versions = mapVersions([...Array(begin).fill('baseline'), ...versioned.map(({ version }) => version)]).slice(
    begin,
  )
  const applied = new Map(history.applied.map((one) => [one.id, one]))
  const versionOf = new Map(versioned.map((migration, index) => [migration, versions[index] ?? '']))
  const converted = project.migrations.map((migration) => {
    const place = { file: migration.file, firstLine: migration.firstLine ?? 1, database, ownSchemas }
    return convert(tool.name, migration, versionOf.get(migration) ?? '', applied.get(migration.id) ?? null, place)
  })
  const left = new Set(converted.flatMap((one) => one.left))
  return {
    files: converted.map(({ file }) => file),
    replaced: fromLive ? history.applied : [],
    order: history.applied.map(({ id }) => id),
    edited: history.edited,
    notes: [
      ...project.notes,
      ...history.notes,
      ...(left.size === 0
        ? []
        : [
            `Left out, because wwdb does this itself or refuses it: ${[...left].map((verb) => `\`${verb}\``).join(', ')}.`,
          ]),
    ],
    faults: [...project.faults, ...history.faults, ...converted.flatMap((one) => one.faults)],
  }
}

/** The target's schema, and the schema that all files select: its name differs between environments. */
function findOwnSchemas({ migrations, schemas = [] }: OldProject, schema: string): ReadonlySet<string> {
  const used = new Set(migrations.flatMap(({ up, down }) => findUsedSchemas(`${up}\n${down ?? ''}`)))
  return new Set([schema.toLowerCase(), ...schemas, ...(used.size === 1 ? used : [])])
}

interface Converted {
  readonly file: AdoptedFile
  readonly left: readonly string[]
  readonly faults: readonly Fault[]
}

function convert(
  tool: string,
  migration: OldMigration,
  version: string,
  applied: AppliedMigration | null,
  place: ScriptPlace,
): Converted {
  const up = convertScript(splitLines(migration.up).join('\n'), place)
  const down = migration.down === null ? null : convertScript(splitLines(migration.down).join('\n'), place)
  const name = plainName(withoutDialect(migration.name)) ?? 'migration'
  const isRepeatable = migration.kind === 'repeatable'
  const head = [`-- Adopted from ${tool}: ${migration.file}`]
  const text = render([...head, ...(applied === null ? [] : acceptHazards(tool, up))], up, down, () => true)
  const file: AdoptedFile = {
    fileName: isRepeatable ? `R__${name}.sql` : `${version}_${name}.sql`,
    version: isRepeatable ? `R__${name}` : version,
    name,
    kind: migration.kind,
    checksum: checksumOf(text),
    text,
    scratchText: render(head, up, null, staysInSchema),
    from: migration.file,
    applied,
  }
  return { file, left: [...up.left, ...(down?.left ?? [])], faults: [...up.faults, ...(down?.faults ?? [])] }
}

/** The hazards of what ran under the other tool were accepted there: a fresh database must not ask again. */
function acceptHazards(tool: string, { parts }: ConvertedScript): readonly string[] {
  const codes = parts.flatMap((part) =>
    part.type === 'comment'
      ? []
      : findHazards(part.statement, { accepted: [] })
          .filter(stopsRun)
          .map(({ code }) => code),
  )
  return [...new Set(codes)].map((code) => `-- wwdb:accept ${code} It ran with ${tool} before.`)
}

/** Accounts and settings of a server do not belong in a scratch schema. */
function staysInSchema({ class: kind, verb, text }: Statement): boolean {
  if (kind === 'account' || kind === 'maintenance') return false
  return (
    !(verb.startsWith('SET') && /\b(?:GLOBAL|PERSIST|PERSIST_ONLY)\b/i.test(text)) && !/^(?:UN)?INSTALL /.test(verb)
  )
}

function render(
  head: readonly string[],
  up: ConvertedScript,
  down: ConvertedScript | null,
  isKept: (statement: Statement) => boolean,
): string {
  const parts = [...head, '-- migrate:up', ...renderPart(up, isKept)]
  if (down !== null) parts.push('', '-- migrate:down', ...renderPart(down, isKept))
  return `${parts.join('\n')}\n`
}

/** An empty part does nothing. */
function renderPart({ parts }: ConvertedScript, isKept: (statement: Statement) => boolean): readonly string[] {
  const lines = parts.flatMap((part) => {
    if (part.type === 'comment') return [part.text]
    if (!isKept(part.statement)) return []
    const { text } = part.statement
    if (!part.isCompound) return [`${text};`]
    const mark = ['$$', '//', '@@@'].find((one) => !text.includes(one)) ?? '$$'
    return [`DELIMITER ${mark}`, `${text}${mark}`, 'DELIMITER ;']
  })
  const isEmpty = !parts.some((part) => part.type === 'statement' && isKept(part.statement))
  return isEmpty ? [...lines, 'DO 0;'] : lines
}

/** A migration that an adoption creates or has created. */
export interface AdoptedMigration {
  /** Relative to the project's folder. */
  readonly file: string
  /** The file of the other tool; null for a baseline, which is created from the database. */
  readonly from: string | null
  readonly state: 'applied' | 'pending' | 'baseline'
}

/** A file that was changed after the other tool ran it. */
export interface EditedFile {
  readonly file: string
  readonly why: string
}
