import type { Config } from '../config/config.ts'
import type { Target } from '../core/target.ts'
import type { Fault } from '../core/tool-error.ts'
import type { EnvironmentRecord } from './ports.ts'

/**
 * The state of a test environment:
 * - `making`   its schemas are being created; it is incomplete
 * - `ready`    it is complete
 * - `removing` it is being dropped, or a drop was cut off
 */
export type EnvironmentState = 'making' | 'ready' | 'removing'

/** How long a test environment lives: until it is dropped, or as long as the process that requested it. */
export type EnvironmentScope = 'kept' | 'process'

/** A complete test environment, as it is shown. */
export interface TestEnvironment {
  readonly name: string
  /** The prefix of its schemas' names. */
  readonly prefix: string
  /** Who asked for it. */
  readonly owner: string
  readonly state: EnvironmentState
  readonly scope: EnvironmentScope
  /** True while the process that makes or uses it lives. */
  readonly inUse: boolean
  /** ISO 8601, UTC, by the server's clock; so is `expiresAt`, which is null for a test environment without an end. */
  readonly createdAt: string
  readonly expiresAt: string | null
  /** The template that it was cloned from; null for one that was migrated. */
  readonly template: string | null
  /** Stores that hold something under its prefix. */
  readonly stores: readonly string[]
  /** Names of its complete snapshots, sorted. */
  readonly snapshots: readonly string[]
  readonly databases: readonly Target[]
}

/** A test environment that test environments are cloned from. */
export interface ProvisionTemplate {
  /** The first digits of the SHA-256 of all definitions that it was created from. */
  readonly checksum: string
  readonly state: EnvironmentState
  readonly inUse: boolean
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly usedAt: string
  readonly databases: readonly Target[]
}

/** What was dropped, or would be. */
export interface RemovedEnvironment {
  readonly name: string
  readonly kind: 'environment' | 'template' | 'snapshot'
  /** Half a sentence: "it expired at 2026-11-25 10:00 UTC". */
  readonly why: string
  readonly schemas: readonly string[]
  readonly stores: readonly string[]
}

/** What could not be dropped; the others were. */
export interface UnremovedEnvironment {
  readonly name: string
  readonly faults: readonly Fault[]
}

/** One line of an environment that makes programs use a test environment. */
export interface EnvironmentVariable {
  readonly name: string
  readonly value: string
}

/**
 * A value in a file of `NAME=value` lines: bare where it has no character that is special to a shell or another reader of such files, else in
 * single quotes.
 */
export function quoteForShell(value: string): string {
  return /^[\w@%+=:,./-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
}

type Project = Pick<Config, 'databases'>

const iso = (instant: number): string => new Date(instant).toISOString()

function databasesOf({ schemas }: EnvironmentRecord, { databases }: Project): readonly Target[] {
  const home = databases[0]?.server.label ?? ''
  return schemas.map(({ database, schema, server }) => ({ database, schema, server: server === '' ? home : server }))
}

/**
 * A test environment as it is shown.
 * @param records where its snapshots are looked for
 */
export function describeEnvironment(
  record: EnvironmentRecord,
  records: readonly EnvironmentRecord[],
  project: Project,
): TestEnvironment {
  const { name, prefix, owner, state, scope, held, createdAt, expiresAt, template, stores } = record
  return {
    name,
    prefix,
    owner,
    state,
    scope,
    inUse: held,
    createdAt: iso(createdAt),
    expiresAt: expiresAt === null ? null : iso(expiresAt),
    template: template === null ? null : checksumOf(template),
    stores,
    snapshots: snapshotsOf(name, records),
    databases: databasesOf(record, project),
  }
}

/** The test environment that a snapshot is of; null for what is not a snapshot. */
export function environmentOfSnapshot(name: string): string | null {
  return /^snapshot\/([^/]+)\//.exec(name)?.[1] ?? null
}

function snapshotsOf(environment: string, records: readonly EnvironmentRecord[]): readonly string[] {
  const own = records.filter(({ name, state }) => state === 'ready' && environmentOfSnapshot(name) === environment)
  return own.map(({ name }) => name.slice(name.lastIndexOf('/') + 1)).sort()
}

/** A template as it is shown. */
export function describeTemplate(record: EnvironmentRecord, inUse: boolean, project: Project): ProvisionTemplate {
  const { name, state, createdAt, usedAt } = record
  const databases = databasesOf(record, project)
  return { checksum: checksumOf(name), state, inUse, createdAt: iso(createdAt), usedAt: iso(usedAt), databases }
}

function checksumOf(name: string): string {
  return name.replace(/^template\//, '')
}
