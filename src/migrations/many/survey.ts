import type { CommandResult, Context } from '../../command/context.ts'
import type { Result } from '../../command/result.ts'
import type { Config } from '../../config/config.ts'
import { type ExitCode, exitCodes } from '../../core/exit-code.ts'
import { migrationLabel } from '../../core/migration-label.ts'
import { ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import { judgeTarget } from '../journal/status.ts'
import type { Migration } from '../migration.ts'
import { isApplicable } from '../plan/database-state.ts'
import type { SeenTarget } from '../targets.ts'
import { exitCodeWith } from '../unreached.ts'
import { hasFailed } from './is-due.ts'
import type { ListedTarget, ManyDatabase } from './judge-list.ts'
import { lookAtTargets, type TargetLook } from './look.ts'
import { type Files, readFiles } from './migrate-many.ts'
import { type GroupPlanning, mostPlans, planGroup } from './plan-groups.ts'
import { pointFault } from './point-at.ts'
import { listTargets, readersOf } from './read-list.ts'

type TargetsStatusResult = Extract<Result, { readonly kind: 'targets-status' }>
type TargetsGroup = TargetsStatusResult['groups'][number]

interface SurveyOptions {
  readonly command: TargetsStatusResult['command']
  readonly to?: string | undefined
  readonly steps?: number | undefined
  readonly exitCode?: boolean | undefined
  /** Where one target of each of the first groups with something to do is planned. */
  readonly planning?: GroupPlanning
}

/** What of a target puts it into a group with others. */
type Place = Pick<TargetsGroup, 'state' | 'migrations' | 'fault'>

/** More targets of a group that is as it should be, or only behind, are counted. */
const mostNamed = 10

/** What is pending in the targets of a database that has many, by their journals alone: targets that are alike are one group. Writes nothing. */
export async function surveyTargets(
  context: Context,
  database: ManyDatabase,
  options: SurveyOptions,
): Promise<CommandResult> {
  const config = await context.config()
  const notice = (message: string): void => context.emit({ type: 'warning', message, target: null })
  const [files, targets] = await Promise.all([
    readFiles(config, database),
    listTargets(readersOf(context), config, database, notice),
  ])
  const groups = new Groups()
  const own = files.get(database.name) ?? []
  refuseUnknown(own, options)
  const left = await lookAtTargets(context, {
    ...{ config, name: database.name, migrations: files, targets },
    take: (target, look) => {
      // A plan says how one version of MySQL carries it out.
      const version = options.planning !== undefined && look.type === 'seen' ? look.seen.session.facts.version : null
      groups.add(placeOf(config, own, options, target, look), target, version)
    },
  })
  const { all, codes } = await planFirst(context, { config, files }, groups.list(), options)
  const result: TargetsStatusResult = {
    kind: 'targets-status',
    command: options.command,
    database: database.name,
    listed: targets.length,
    groups: all,
    left: left.map(({ schema, server }) => ({ database: database.name, schema, server })),
  }
  const isReached = all.every(({ state }) => state !== 'not-reached')
  // With `--to`, what is behind it is not asked for.
  const unfinished = all.some(
    ({ state, migrations }) => state !== 'up-to-date' && (state !== 'behind' || migrations.length > 0),
  )
  const found = options.exitCode === true && unfinished ? exitCodes.findings : exitCodes.done
  const failed = codes.find((code) => code !== exitCodes.done)
  return { result, exitCode: exitCodeWith(failed ?? found, !isReached) }
}

/** Of targets that are alike, the first one stands for the others; the plans are made one after another. */
async function planFirst(
  context: Context,
  project: { readonly config: Config; readonly files: Files },
  groups: readonly { readonly group: TargetsGroup; readonly first: ListedTarget }[],
  { planning, to, steps }: SurveyOptions,
): Promise<{ readonly all: readonly TargetsGroup[]; readonly codes: readonly ExitCode[] }> {
  const all: TargetsGroup[] = []
  const codes: ExitCode[] = []
  for (const { group, first } of groups) {
    const isDue = group.migrations.length > 0 && ['behind', 'new', 'failed'].includes(group.state)
    if (planning === undefined || !isDue || codes.length === mostPlans || context.stop.requested) {
      all.push(group)
      continue
    }
    const { planned, exitCode } = await planGroup(context, { ...project, target: first }, { ...planning, to, steps })
    codes.push(exitCode)
    all.push({ ...group, planned })
  }
  return { all, codes }
}

function placeOf(
  config: Config,
  files: readonly Migration[],
  options: SurveyOptions,
  { label }: ListedTarget,
  look: TargetLook,
): Place {
  switch (look.type) {
    case 'seen':
      return placeSeen(config, options, look.seen)
    case 'empty':
      return { state: 'new', migrations: upTo(options, forNew(config, files)).map(migrationLabel), fault: null }
    case 'absent':
      return { state: 'missing', migrations: [], fault: null }
    case 'not-reached':
      return { state: 'not-reached', migrations: [], fault: look.error.faults[0] ?? { what: look.error.message } }
    case 'unclear': {
      const next = `\`wwdb status --target ${label}\` opens it and says what it has.`
      const what = 'Its journal is not whole, or cannot be read beside those of others.'
      return { state: 'unclear', migrations: [], fault: { what, next } }
    }
  }
}

function placeSeen(config: Config, options: SurveyOptions, seen: SeenTarget): Place {
  const { pending, findings } = judgeTarget(seen, config.outOfOrder)
  const migrations = upTo(
    options,
    seen.all.filter(({ version }) => pending.has(version)),
  ).map(migrationLabel)
  const [fault] = findings
  if (fault !== undefined) return { state: 'finding', migrations, fault }
  if (hasFailed(seen)) return { state: 'failed', migrations, fault: null }
  return { state: pending.size > 0 ? 'behind' : 'up-to-date', migrations, fault: null }
}

/** An unknown `--to` is usually a typo. */
function refuseUnknown(files: readonly Migration[], { to }: SurveyOptions): void {
  if (to === undefined || files.some(({ version }) => compareVersions(version, to) === 0)) return
  throw new ToolError('PLAN_IMPOSSIBLE', {
    what: `No migration has the version ${to}.`,
    why: 'The version was given with `--to`.',
    next: 'Give the version of one of the files.',
  })
}

/** Without those of other environments. Conditions about its server are judged when it is planned alone. */
function forNew({ environment }: Config, files: readonly Migration[]): readonly Migration[] {
  const known = { environment, references: 'logical', platform: 'mysql', serverVersion: '0' } as const
  return files.filter(({ conditions }) =>
    isApplicable({ conditions: conditions.filter(({ type }) => type === 'environment' || type === 'platform') }, known),
  )
}

function upTo({ to, steps }: SurveyOptions, files: readonly Migration[]): readonly Migration[] {
  const isWithin = ({ version, kind }: Migration): boolean =>
    to === undefined || kind === 'repeatable' || compareVersions(version, to) <= 0
  return files.filter(isWithin).slice(0, steps ?? files.length)
}

const order: readonly TargetsGroup['state'][] = [
  'up-to-date',
  'behind',
  'new',
  'failed',
  'finding',
  'missing',
  'unclear',
  'not-reached',
]

/** Those that need a person are kept whole. */
const whole: ReadonlySet<TargetsGroup['state']> = new Set(['failed', 'finding', 'missing', 'unclear', 'not-reached'])

class Groups {
  readonly #groups = new Map<
    string,
    Place & { count: number; readonly targets: TargetsGroup['targets'][number][]; readonly first: ListedTarget }
  >()

  add(place: Place, target: ListedTarget, version: string | null): void {
    const { label, database } = target
    const key = JSON.stringify([place.state, place.migrations, place.fault?.what, version])
    const fault = place.fault && pointFault({ label, name: database.name }, place.fault)
    const group = this.#groups.get(key) ?? { ...place, fault, count: 0, targets: [], first: target }
    this.#groups.set(key, group)
    group.count += 1
    if (group.targets.length < mostNamed || whole.has(place.state))
      group.targets.push({ database: database.name, schema: database.schema, server: database.server.label })
  }

  /** The largest of each state first. */
  list(): readonly { readonly group: TargetsGroup; readonly first: ListedTarget }[] {
    return [...this.#groups.values()]
      .toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state) || other.count - one.count)
      .map(({ first, ...group }) => ({ group, first }))
  }
}
