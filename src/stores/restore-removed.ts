import { type Fault, ToolError } from '../core/tool-error.ts'
import type { PreparedStore } from './contract.ts'
import { stripPrefix } from './declare-removed.ts'
import type { RestoredResource } from './restore-file.ts'
import type { StorePlan, StoreResource } from './store-plan.ts'

interface Restoring {
  /** What the file brings back and the folder does not declare by now. */
  readonly resources: readonly RestoredResource[]
  /** What these name. */
  readonly context: readonly RestoredResource[]
  /** Entries of the file that the folder declares by now. */
  readonly left: readonly string[]
  /** Of the environment. */
  readonly prefix: string
}

/** A store that plans and changes nothing but what a file brings back, with what that names where it is missing. */
export function restoreOnly(whole: PreparedStore, restoring: Restoring): PreparedStore {
  return {
    ...whole,
    open: async (options) => {
      const session = await whole.open(options)
      // What this run has made and the server keeps otherwise is not somebody else's: the plan that reads back says so.
      const made = new Set<string>()
      return {
        ...session,
        plan: async () => withGap(onlyOf(await session.plan(), restoring, made), session.backfill !== undefined),
        apply: async (change) => {
          made.add(keyOf(change.resource))
          await session.apply(change)
        },
      }
    },
  }
}

function onlyOf(
  plan: StorePlan,
  { resources, context, left, prefix }: Restoring,
  made: ReadonlySet<string>,
): StorePlan {
  const strip = stripPrefix(prefix)
  const plainKey = ({ kind, name }: StoreResource): string => keyOf({ kind, name: strip(name) })
  const keysOf = (entries: readonly RestoredResource[]): ReadonlySet<string> =>
    new Set(entries.flatMap((one) => one.resources.map(keyOf)))
  const [ours, named] = [keysOf(resources), keysOf(context)]
  const isOurs = (resource: StoreResource): boolean => ours.has(plainKey(resource))
  const changes = plan.changes.filter(
    ({ resource, action }) => isOurs(resource) || (action === 'create' && named.has(plainKey(resource))),
  )
  const others = changes.filter(({ action, resource }) => action !== 'create' && !made.has(keyOf(resource)))
  const unchanged = plan.unchanged.filter(isOurs)
  const seen = new Set([...changes.map(({ resource }) => resource), ...unchanged].map(plainKey))
  const unseen = resources.filter((one) => !one.resources.some((resource) => seen.has(keyOf(resource))))
  const faults = [...others.map(({ resource }) => isThere(plan, resource)), ...unseen.map((one) => notBack(plan, one))]
  if (faults.length > 0) throw new ToolError('STORE_REFUSED', faults)
  const note = `Declared in the files by now, and left to \`wwdb setup apply\`: ${left.map((one) => `\`${one}\``).join(', ')}.`
  return {
    ...plan,
    changes,
    unchanged,
    notes: left.length === 0 ? plan.notes : [...plan.notes, note],
    findings: [],
  }
}

/** What a task would have computed meanwhile is missing. */
function withGap(plan: StorePlan, hasBackfill: boolean): StorePlan {
  const isBack = plan.changes.some(({ action, resource }) => action === 'create' && resource.kind === 'task')
  const note =
    'What a downsampling would have computed since its removal is missing: once the folder declares it again, run the `wwdb setup backfill` that the head of the file has.'
  return hasBackfill && isBack ? { ...plan, notes: [...plan.notes, note] } : plan
}

function keyOf({ kind, name }: StoreResource): string {
  return JSON.stringify([kind, name])
}

/** Somebody made another one under its name, which a restore must not change. */
function isThere({ store, server }: StorePlan, { kind, name }: StoreResource): Fault {
  return {
    what: `${store} has a ${kind} \`${name}\` that is not what the file declares.`,
    where: { server },
    why: '`wwdb setup restore` makes what is missing, and changes nothing that is there.',
    next: `Take it out of the file, or move its declaration to the files of ${store} and run \`wwdb setup plan\`.`,
  }
}

/** A user whose password is empty, for one. */
function notBack({ store, server }: StorePlan, { at }: RestoredResource): Fault {
  return {
    what: `\`${at.join('.')}\` of the file would not come back.`,
    where: { server },
    why: `${store} cannot compare it here: its password is empty, or the server does not have what it needs.`,
    next: 'Set the variables that the head of the file names, or take it out of the file.',
  }
}
