import { ToolError } from '../../core/tool-error.ts'
import { normalText } from '../entries.ts'
import type { StoreDifference, StoreLoss, StoreResource } from '../store-plan.ts'
import { type ElasticsearchChange, harmless } from './apply.ts'
import type { JsonObject, RepositoryDeclaration } from './declaration.ts'
import { hideLogin, isPlace, isReadOnly, placeOf } from './snapshot-places.ts'
import type { ObservedRepository, ObservedSnapshots } from './snapshot-ports.ts'

interface RepositoryPlan {
  readonly resource: StoreResource
  readonly changes: readonly ElasticsearchChange[]
}

/** A PUT replaces all settings: those that no file declares are sent again, as far as the server shows them. */
export function planRepository(
  declared: RepositoryDeclaration,
  observed: ObservedRepository | undefined,
): RepositoryPlan {
  const { name, type } = declared
  const resource = { kind: 'snapshot repository', name }
  const write = { type: 'put-repository', name, body: { type, settings: settingsAfter(declared, observed) } } as const
  if (observed === undefined) {
    const summary = `create snapshot repository ${name} of type ${type}`
    return { resource, changes: [harmless({ resource, action: 'create', summary, differences: [] }, write)] }
  }
  const differences = compare(declared, observed)
  if (differences.length === 0) return { resource, changes: [] }
  const reasons = findLosses(declared, observed, differences)
  const loss: StoreLoss | null =
    reasons.length === 0 ? null : { code: 'changed-repository', why: reasons.join(' '), affected: [] }
  const summary = `change snapshot repository ${name}: ${differences.map(({ path }) => path).join(', ')}`
  const change = { resource, action: 'update', summary, differences, loss } as const
  return { resource, changes: [{ change, operation: { write, affected: [] } }] }
}

/** `null` is the server's own value, and so is `readonly` where no file has it: it decides whether anything is written. */
function settingsAfter(
  { type, settings }: RepositoryDeclaration,
  observed: ObservedRepository | undefined,
): JsonObject {
  const { readonly: _, ...kept } = observed?.type === type ? observed.settings : {}
  return Object.fromEntries(Object.entries({ ...kept, ...settings }).filter(([, value]) => value !== null))
}

function compare(declared: RepositoryDeclaration, observed: ObservedRepository): readonly StoreDifference[] {
  const wanted = declared.type === 'url' ? declared.settings : { readonly: false, ...declared.settings }
  const textOf = (key: string, value: unknown): string | null => {
    if (key === 'readonly') return String(value ?? false)
    return value === undefined || value === null ? null : hideLogin(normalText(value))
  }
  const isSame = (key: string, value: unknown): boolean => {
    const other = observed.settings[key]
    if (key === 'readonly') return String(value ?? false) === String(other ?? false)
    return normalText(value ?? null) === normalText(other ?? null)
  }
  return [
    ...(declared.type === observed.type ? [] : [{ path: 'type', actual: observed.type, declared: declared.type }]),
    ...Object.entries(wanted)
      .filter(([key, value]) => !isSame(key, value))
      .map(([key, value]) => ({
        path: `settings.${key}`,
        actual: textOf(key, observed.settings[key]),
        declared: textOf(key, value),
      })),
  ]
}

function findLosses(
  declared: RepositoryDeclaration,
  observed: ObservedRepository,
  differences: readonly StoreDifference[],
): readonly string[] {
  const moves = differences.some(({ path }) => isPlace(path.replace(/^settings\./, '')))
  const [readOnly, wasReadOnly] = [isReadOnly(declared), isReadOnly(observed)]
  return [
    ...(moves
      ? [
          'Snapshots at the former place are no longer listed, restored or removed through it; their files stay. Policies with a retention remove what is due at the new place.',
        ]
      : []),
    ...(readOnly && !wasReadOnly ? ['No further snapshot is written into it.'] : []),
    ...(!readOnly && wasReadOnly
      ? ['Where another cluster writes into the same place, both damage the snapshots of the other.']
      : []),
  ]
}

/** @throws ToolError STORE_REFUSED where one would write into the place of another that is registered. */
export function refuseSharedPlaces(
  declared: readonly RepositoryDeclaration[],
  { repositories, others }: Pick<ObservedSnapshots, 'repositories' | 'others'>,
  server: string,
): void {
  for (const repository of declared) {
    const observed = repositories.get(repository.name)
    const place = placeOf({ ...repository, settings: settingsAfter(repository, observed) })
    // What is there already is not made worse.
    if (place === null || (observed !== undefined && placeOf(observed) === place)) continue
    const [other] = [...others].find(([, one]) => placeOf(one) === place) ?? []
    if (other === undefined) continue
    throw new ToolError('STORE_REFUSED', {
      what: `Snapshot repository \`${repository.name}\` would write into the place of \`${other}\`, which is registered.`,
      where: { server },
      why: 'Two repositories that write into one place damage the snapshots of each other.',
      next: `Choose another place. For another name, first let no policy use \`${other}\`, and remove it with \`DELETE /_snapshot/${other}\`: its files stay.`,
    })
  }
}
