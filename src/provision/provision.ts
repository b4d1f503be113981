import type { Config } from '../config/config.ts'
import type { Target } from '../core/target.ts'
import type { Fault } from '../core/tool-error.ts'
import type { SetRecord } from './ports.ts'

/**
 * Where a set stands:
 * - `making`   its schemas are being made; what is there is not whole
 * - `ready`    it is whole
 * - `removing` it is being dropped, or a drop was cut off
 */
export type SetState = 'making' | 'ready' | 'removing'

/** How long a set lives: until somebody ends it, or as long as the process that asked for it. */
export type SetLease = 'kept' | 'process'

/** A complete set of databases, as it is shown. */
export interface ProvisionedSet {
  readonly name: string
  /** What the name of each of its schemas begins with. */
  readonly prefix: string
  /** Who asked for it. */
  readonly owner: string
  readonly state: SetState
  readonly lease: SetLease
  /** True while the process that makes or uses it lives. */
  readonly inUse: boolean
  /** ISO 8601, UTC, by the server's clock; so is `expiresAt`, which is null for a set without an end. */
  readonly createdAt: string
  readonly expiresAt: string | null
  /** The template that it was cloned from; null for one that was migrated. */
  readonly template: string | null
  /** Stores that hold something under its prefix. */
  readonly stores: readonly string[]
  readonly databases: readonly Target[]
}

/** A set that sets are cloned from. */
export interface ProvisionTemplate {
  /** Of all definitions that it was made from: the beginning of their SHA-256. */
  readonly checksum: string
  readonly state: SetState
  readonly inUse: boolean
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly usedAt: string
  readonly databases: readonly Target[]
}

/** What was dropped, or would be. */
export interface RemovedSet {
  readonly name: string
  readonly kind: 'set' | 'template'
  /** Half a sentence: "it expired at 2026-11-25 10:00 UTC". */
  readonly why: string
  readonly schemas: readonly string[]
  readonly stores: readonly string[]
}

/** What should have been dropped and could not be; the others were. */
export interface UnremovedSet {
  readonly name: string
  readonly faults: readonly Fault[]
}

/** One line of an environment that makes programs use a set. */
export interface EnvironmentVariable {
  readonly name: string
  readonly value: string
}

/** A value in a file of `NAME=value` lines: as it is where no shell and no reader of such files sees anything in it, else in single quotes. */
export function quoteForShell(value: string): string {
  return /^[\w@%+=:,./-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
}

type Project = Pick<Config, 'databases'>

const iso = (instant: number): string => new Date(instant).toISOString()

function databasesOf({ schemas }: SetRecord, { databases }: Project): readonly Target[] {
  const home = databases[0]?.server.label ?? ''
  return schemas.map(({ database, schema, server }) => ({ database, schema, server: server === '' ? home : server }))
}

/** A set as it is shown. */
export function describeSet(record: SetRecord, project: Project): ProvisionedSet {
  const { name, prefix, owner, state, lease, held, createdAt, expiresAt, template, stores } = record
  return {
    name,
    prefix,
    owner,
    state,
    lease,
    inUse: held,
    createdAt: iso(createdAt),
    expiresAt: expiresAt === null ? null : iso(expiresAt),
    template: template === null ? null : checksumOf(template),
    stores,
    databases: databasesOf(record, project),
  }
}

/** A template as it is shown. */
export function describeTemplate(record: SetRecord, inUse: boolean, project: Project): ProvisionTemplate {
  const { name, state, createdAt, usedAt } = record
  const databases = databasesOf(record, project)
  return { checksum: checksumOf(name), state, inUse, createdAt: iso(createdAt), usedAt: iso(usedAt), databases }
}

function checksumOf(name: string): string {
  return name.replace(/^template\//, '')
}
