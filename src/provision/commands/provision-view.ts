import { formatDuration } from '../../core/duration.ts'
import { countOf } from '../../core/plural.ts'
import { renderFault } from '../../terminal/human/fault.ts'
import { type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, type Span, toned } from '../../terminal/text/span.ts'
import { alignTable } from '../../terminal/text/table.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import {
  type EnvironmentVariable,
  type ProvisionTemplate,
  quoteForShell,
  type RemovedEnvironment,
  type TestEnvironment,
  type UnremovedEnvironment,
} from '../provision.ts'

/** The answer of `provision up`. */
export interface ProvisionResult {
  readonly kind: 'provision'
  readonly environment: TestEnvironment
  /** The variables that make programs use it; URLs are without passwords here. */
  readonly variables: readonly EnvironmentVariable[]
  /** Absolute path of the file that has them with passwords; null where none was asked for. */
  readonly file: string | null
  readonly milliseconds: number
}

/** The answer of `provision list`. */
export interface ProvisionListResult {
  readonly kind: 'provision-list'
  /** ISO 8601, UTC, by the server's clock. */
  readonly now: string
  readonly environments: readonly TestEnvironment[]
  readonly templates: readonly ProvisionTemplate[]
}

/** The answer of `provision snapshot`. */
export interface ProvisionSnapshotResult {
  readonly kind: 'provision-snapshot'
  readonly environment: string
  readonly snapshot: string
  /** Names of the logical databases that were copied. */
  readonly databases: readonly string[]
  readonly milliseconds: number
}

/** The answer of `provision restore`. */
export interface ProvisionRestoreResult {
  readonly kind: 'provision-restore'
  readonly environment: string
  readonly snapshot: string
  /** Tables whose rows, counter, definition or triggers were not as in the snapshot, and views that were dropped, as `schema.table`. */
  readonly restored: readonly string[]
  /** Tables and views that the snapshot does not have, as `schema.table`. */
  readonly dropped: readonly string[]
  readonly milliseconds: number
}

/** The answer of `provision down` and `provision gc`. */
export interface ProvisionRemovalResult {
  readonly kind: 'provision-removal'
  readonly dryRun: boolean
  readonly removed: readonly RemovedEnvironment[]
  readonly failed: readonly UnremovedEnvironment[]
}

export const provisionView: View<ProvisionResult> = {
  render: renderProvision,
}

export const provisionListView: View<ProvisionListResult> = {
  render: renderProvisionList,
}

export const provisionSnapshotView: View<ProvisionSnapshotResult> = {
  render: renderProvisionSnapshot,
}

export const provisionRestoreView: View<ProvisionRestoreResult> = {
  render: renderProvisionRestore,
}

export const provisionRemovalView: View<ProvisionRemovalResult> = {
  render: renderProvisionRemoval,
}

/** The answer is a file of environment variables: one line each and nothing else. */
function renderProvision({ variables, file }: ProvisionResult): readonly Line[] {
  if (file !== null) return [[`The environment is in \`${file}\`.`]]
  return variables.map(({ name, value }) => [`${name}=${quoteForShell(value)}`])
}

/** Every test environment with its age and its end, and what test environments are cloned from. */
function renderProvisionList(list: ProvisionListResult, page: Page): readonly Line[] {
  const { now, environments, templates } = list
  if (environments.length + templates.length === 0) return [[symbol('idle'), ' There are no test environments.']]
  const rows = environments.map((environment) => [
    [stateSign(environment), ' ', toned('strong', environment.name)],
    [describeState(environment)],
    [environment.owner],
    [toned('faint', describeAge(now, environment.createdAt))],
    [toned('faint', environment.expiresAt === null ? 'no expiry' : `until ${minute(environment.expiresAt)}`)],
    [toned('faint', environment.stores.join(', '))],
    [toned('faint', environment.snapshots.length === 0 ? '' : `snapshots: ${environment.snapshots.join(', ')}`)],
  ])
  const bases = templates.map((one) => [
    [symbol(one.state === 'ready' ? 'good' : 'warning'), ' ', `template ${one.checksum}`],
    [one.inUse ? 'in use' : one.state],
    [toned('faint', `last used ${describeAge(now, one.usedAt)}`)],
  ])
  return [
    ...alignTable(rows, { columns: page.columns, indent: 0, flexible: [] }),
    ...alignTable(bases, { columns: page.columns, indent: 0, flexible: [] }),
  ]
}

function renderProvisionSnapshot(result: ProvisionSnapshotResult, page: Page): readonly Line[] {
  const { environment, snapshot, databases, milliseconds } = result
  const copied = `${countOf(databases.length, 'database')} of ${environment} copied in ${formatDuration(milliseconds)}`
  return wrapLine([symbol('good'), ' ', toned('strong', snapshot), `: ${copied}`], page.columns, 2)
}

/** What was taken back; tables are named, as a test that left rows behind is looked for by them. */
function renderProvisionRestore(result: ProvisionRestoreResult, page: Page): readonly Line[] {
  const { environment, snapshot, restored, dropped } = result
  const beginning = [toned('strong', environment), ` is as in the snapshot ${snapshot}`]
  if (restored.length + dropped.length === 0)
    return wrapLine([symbol('idle'), ' ', ...beginning, '; nothing had changed'], page.columns, 2)
  return [
    ...wrapLine([symbol('good'), ' ', ...beginning], page.columns, 2),
    ...restored.flatMap((name) => wrapLine([`  restored: ${name}`], page.columns, 4)),
    ...dropped.flatMap((name) => wrapLine([`  dropped: ${name}`], page.columns, 4)),
  ]
}

/** What was dropped and why, one line each. */
function renderProvisionRemoval({ dryRun, removed, failed }: ProvisionRemovalResult, page: Page): readonly Line[] {
  if (removed.length + failed.length === 0) return [[symbol('idle'), ' There is nothing to drop.']]
  const verb = dryRun ? 'would be dropped' : 'dropped'
  const dropped = removed.flatMap(({ name, kind, why, schemas }) => {
    const what = kind === 'environment' ? name : name.replace('/', ' ')
    return wrapLine(
      [symbol('good'), ' ', toned('strong', what), ` ${verb}: ${countOf(schemas.length, 'schema')}; ${why}`],
      page.columns,
      2,
    )
  })
  const left = failed.flatMap(({ name, faults }) => [
    ...wrapLine([symbol('bad'), ' ', toned('strong', name), ' could not be dropped'], page.columns, 2),
    ...faults.flatMap((fault) => renderFault(fault, page)),
  ])
  return [...dropped, ...left]
}

function stateSign(environment: TestEnvironment): Span {
  if (environment.state === 'ready') return symbol('good')
  return symbol(environment.inUse ? 'idle' : 'warning')
}

function describeState({ state, inUse }: TestEnvironment): string {
  if (state === 'ready') return inUse ? 'in use' : 'ready'
  return inUse ? state : `${state}, left behind`
}

function describeAge(now: string, then: string): string {
  const minutes = Math.max(0, Math.floor((Date.parse(now) - Date.parse(then)) / 60_000))
  if (minutes < 1) return 'just now'
  return minutes < 120 ? `${minutes} min ago` : `${Math.floor(minutes / 60)} h ago`
}

function minute(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly provision: ProvisionResult
    readonly 'provision-list': ProvisionListResult
    readonly 'provision-snapshot': ProvisionSnapshotResult
    readonly 'provision-restore': ProvisionRestoreResult
    readonly 'provision-removal': ProvisionRemovalResult
  }
}
