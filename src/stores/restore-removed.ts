import { ToolError } from '../core/tool-error.ts'
import type { PreparedStore, StoreSession } from './contract.ts'
import type { DeclarationDocument } from './declare/read-declarations.ts'
import type { StorePlan, StoreResource } from './store-plan.ts'

/** What a file declares beside what the folder of declarations has: entries that are declared there by now are left to `setup apply`. */
export function besidePresent(
  document: DeclarationDocument,
  present: readonly DeclarationDocument[],
): { readonly document: DeclarationDocument; readonly left: readonly string[] } {
  const left: string[] = []
  const isDeclared = (section: string, name: string): boolean =>
    present.some(({ value }) => isMap(value) && hasOwn(value[section], name))
  const sections = Object.entries(isMap(document.value) ? document.value : {}).flatMap(([section, entries]) => {
    if (!isMap(entries)) return [[section, entries] as const]
    const declared = Object.keys(entries).filter((name) => isDeclared(section, name))
    left.push(...declared.map((name) => `${section}.${name}`))
    const rest = Object.entries(entries).filter(([name]) => !declared.includes(name))
    return rest.length === 0 ? [] : [[section, Object.fromEntries(rest)] as const]
  })
  return { document: { ...document, value: Object.fromEntries(sections) }, left }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function hasOwn(value: unknown, key: string): boolean {
  return isMap(value) && Object.hasOwn(value, key)
}

interface Restoring {
  /** The folder of declarations and the file, read as one, so that each may name what the other declares. */
  readonly whole: PreparedStore
  /** The folder alone; null where it declares nothing. */
  readonly others: PreparedStore | null
  /** Entries of the file that the folder declares by now. */
  readonly left: readonly string[]
}

/** A store that plans and changes nothing but what the file declares: the same plan without what the folder declares. */
export function restoreOnly({ whole, others, left }: Restoring): PreparedStore {
  return {
    ...whole,
    open: async (options) => {
      const theirs = others === null ? new Set<string>() : await declaredBy(others)
      const session = await whole.open(options)
      return { ...session, plan: async () => onlyOf(await session.plan(), theirs, left) }
    },
  }
}

async function declaredBy(others: PreparedStore): Promise<ReadonlySet<string>> {
  const session: StoreSession = await others.open()
  try {
    const { changes, unchanged } = await session.plan()
    return new Set([...changes.map(({ resource }) => resource), ...unchanged].map(keyOf))
  } finally {
    await session.close()
  }
}

function onlyOf(plan: StorePlan, theirs: ReadonlySet<string>, left: readonly string[]): StorePlan {
  const isOurs = (resource: StoreResource): boolean => !theirs.has(keyOf(resource))
  const changes = plan.changes.filter(({ resource }) => isOurs(resource))
  const [wrong] = changes.filter(({ action }) => action !== 'create')
  if (wrong !== undefined) throw isThere(plan, wrong.resource)
  const note = `Declared in the files by now, and left to \`wwdb setup apply\`: ${left.map((one) => `\`${one}\``).join(', ')}.`
  return {
    ...plan,
    changes,
    unchanged: plan.unchanged.filter(isOurs),
    notes: left.length === 0 ? plan.notes : [...plan.notes, note],
    findings: [],
  }
}

function keyOf({ kind, name }: StoreResource): string {
  return JSON.stringify([kind, name])
}

/** Somebody made another one under its name, which a restore must not change. */
function isThere({ store, server }: StorePlan, { kind, name }: StoreResource): ToolError {
  return new ToolError('STORE_REFUSED', {
    what: `${store} has a ${kind} \`${name}\` that is not what the file declares.`,
    where: { server },
    why: '`wwdb setup restore` makes what is missing, and changes nothing that is there.',
    next: `Take it out of the file, or move its declaration to the files of ${store} and run \`wwdb setup plan\`.`,
  })
}
