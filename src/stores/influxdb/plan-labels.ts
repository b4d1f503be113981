import type { StoreDifference, StoreLoss } from '../store-plan.ts'
import type { Declaration } from './declaration.ts'
import { isOwnLabel, type LabelDeclaration, type LabeledKind, labeledKinds, labelKey } from './labels.ts'
import { alertsOf, isWritten } from './plan-alerts.ts'
import { asDeclared, change, difference, type Planned, together } from './plan-parts.ts'
import type { LabeledResource, ObservedContent, ObservedLabel } from './ports.ts'

/** Labels come last: what they are on exists by then. */
export function planLabels(declaration: Declaration, content: ObservedContent): Planned {
  return together(declaration.labels.map((label) => planLabel(label, declaration, content)))
}

function planLabel(label: LabelDeclaration, declaration: Declaration, content: ObservedContent): Planned {
  const { name, color, description } = label
  const resource = { kind: 'label', name }
  const found = content.labels.find((one) => labelKey(one.name) === labelKey(name))
  const missing = placesOf(label, declaration, content, found).filter(({ has, wanted }) => wanted && !has)
  const surplus = placesOf(label, declaration, content, found).filter(({ has, wanted }) => has && !wanted)
  const differences: readonly StoreDifference[] = [
    ...difference('name', found?.name ?? '', name),
    ...difference('color', found?.color ?? '', color),
    ...difference('description', found?.description ?? '', description),
    ...missing.map((one) => ({ path: `${one.kind}.${one.name}`, actual: null, declared: 'labeled' })),
    ...surplus.map((one) => ({ path: `${one.kind}.${one.name}`, actual: 'labeled', declared: null })),
  ]
  if (found !== undefined && differences.length === 0) return asDeclared(resource)
  return change(
    {
      resource,
      action: found === undefined ? 'create' : 'update',
      summary: `${found === undefined ? 'create' : 'update'} label ${name}`,
      differences: found === undefined ? [] : differences,
      loss: surplus.length === 0 ? null : lostLabels(name, surplus),
    },
    {
      type: 'write-label',
      organizationId: content.organization.id,
      id: found?.id ?? null,
      label,
      attach: missing,
      detach: surplus,
    },
  )
}

function lostLabels(name: string, places: readonly LabeledResource[]): StoreLoss {
  return {
    code: 'removed-resource',
    why: `What finds its resources by the label \`${name}\` does not find these any more.`,
    affected: places.map(({ kind, name: on }) => `${kind} ${on}`),
  }
}

interface Place extends LabeledResource {
  readonly has: boolean
  readonly wanted: boolean
}

/** Every resource of the kinds for which the label says where it is. */
function placesOf(
  { on }: LabelDeclaration,
  declaration: Declaration,
  content: ObservedContent,
  found: ObservedLabel | undefined,
): readonly Place[] {
  return labeledKinds.flatMap((kind) => {
    const names = on[kind]
    if (names === null) return []
    const resources = resourcesOf(content, kind)
    const there = resources.map((one) => ({
      kind,
      id: one.id,
      name: one.name,
      has: found !== undefined && one.labels.includes(found.id),
      // Of several tasks or rules with one name the others are removed.
      wanted: names.includes(one.name) && resources.find(({ name }) => name === one.name) === one,
    }))
    const toMake = names
      .filter((name) => !resources.some((one) => one.name === name) && isWritten(kind, name, declaration, content))
      .map((name) => ({ kind, id: '', name, has: false, wanted: true }))
    return [...there, ...toMake]
  })
}

export function resourcesOf(
  content: ObservedContent,
  kind: LabeledKind,
): readonly { readonly id: string; readonly name: string; readonly labels: readonly string[] }[] {
  switch (kind) {
    case 'buckets':
      return content.buckets
    case 'tasks':
      return content.tasks
    case 'checks':
      return alertsOf(content, 'check')
    case 'notificationEndpoints':
      return alertsOf(content, 'notification endpoint')
    default:
      return alertsOf(content, 'notification rule')
  }
}

/** Those of people: wwdb keeps its lock and the progress of backfills in labels, too. */
export function undeclaredLabels(declaration: Declaration, content: ObservedContent): readonly ObservedLabel[] {
  const declared = new Set(declaration.labels.map(({ name }) => labelKey(name)))
  return content.labels.filter(({ name }) => !declared.has(labelKey(name)) && !isOwnLabel(name))
}
