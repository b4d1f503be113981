import { countOf } from '../../core/plural.ts'
import type { PlanOptions } from '../contract.ts'
import type { StoreLoss } from '../store-plan.ts'
import type { ElasticsearchChange } from './apply.ts'
import type { DesiredState } from './bodies.ts'
import type { JsonObject } from './declaration.ts'
import type { IndexFacts, ObservedLeftover, ResourceKind, ServerState } from './ports.ts'

interface PruneInput {
  readonly desired: Pick<DesiredState, 'access'>
  readonly observed: ServerState
  readonly facts: ReadonlyMap<string, IndexFacts>
  readonly options: PlanOptions
  /** The user that logs in. */
  readonly self?: string | null
}

/** What is removed before the other changes, and after them. */
export interface Pruned {
  readonly before: readonly ElasticsearchChange[]
  readonly after: readonly ElasticsearchChange[]
}

/**
 * Removes what has wwdb's mark and no file declares any more. Data streams go first: the server accepts no template that lets go of one. Then a resource goes before those
 * that it uses. What somebody else made, or still needs, stays.
 */
export function planPrune(input: PruneInput): Pruned {
  if (!input.options.prune) return { before: [], after: [] }
  const ours = input.observed.leftovers.filter(({ byTool, neededBy }) => byTool && neededBy === null)
  return {
    before: ours.filter(({ kind }) => kind === 'data stream').map((stream) => removeStream(stream, input.facts)),
    after: [
      ...ours
        .filter(({ kind }) => kind !== 'data stream')
        .map(({ kind, name }) => remove(kind, name, kind === 'ingest pipeline' ? pipelineLoss : definitionLoss)),
      ...pruneAccess(input),
    ],
  }
}

const definitionLoss: StoreLoss = {
  code: 'removed-resource',
  why: 'No document is removed, and new indices are made without it. A declaration of it makes it again.',
  affected: [],
}

const pipelineLoss: StoreLoss = {
  code: 'removed-resource',
  why: 'Documents that are written through it are refused from then on. A declaration of it makes it again.',
  affected: [],
}

function remove(
  kind: ResourceKind,
  name: string,
  loss: StoreLoss,
  affected: readonly string[] = [],
): ElasticsearchChange {
  return {
    change: {
      resource: { kind, name },
      action: 'remove',
      summary: `remove ${kind} ${name}, which no file declares any more`,
      differences: [],
      loss,
    },
    operation: { write: { type: 'remove-resource', kind, name }, affected },
  }
}

function removeStream(
  { name, indices }: ObservedLeftover,
  facts: ReadonlyMap<string, IndexFacts>,
): ElasticsearchChange {
  const known = indices.map((index) => facts.get(index))
  const isEmpty = known.every((one) => one?.documents === 0)
  const affected = known.flatMap((one) =>
    one === undefined ? [] : [`${one.name} (${countOf(one.documents, 'document')})`],
  )
  const loss: StoreLoss = isEmpty
    ? { code: 'removed-resource', why: 'It has no documents. A declaration of it makes it again.', affected }
    : {
        code: 'removed-documents',
        why: 'Its documents are gone at once, and there is no way back but a snapshot.',
        affected,
      }
  return remove('data stream', name, loss, indices)
}

/** Never the user of the run, nor a role that it has. */
function pruneAccess({
  desired: { access: declared },
  observed: { access },
  self = null,
}: PruneInput): readonly ElasticsearchChange[] {
  if (access?.type !== 'on') return []
  const own = self === null ? undefined : access.users.get(self)
  const isOurs = (metadata: JsonObject): boolean =>
    metadata['managed_by'] === 'wwdb' && (metadata['prefix'] ?? '') === declared.prefix
  const users = [...access.users].filter(
    ([name, { metadata }]) => isOurs(metadata) && name !== self && !declared.users.some((one) => one.name === name),
  )
  const roles = [...access.roles].filter(
    ([name, { metadata }]) =>
      isOurs(metadata) && own?.roles.includes(name) !== true && !declared.roles.some((one) => one.name === name),
  )
  return [
    ...users.map(([name]) =>
      remove('user', name, {
        code: 'removed-access',
        why: 'Who logs in with it is refused from then on.',
        affected: [],
      }),
    ),
    ...roles.map(([name]) =>
      remove('role', name, {
        code: 'removed-access',
        why: 'Its users lose its privileges.',
        affected: [...access.users].filter(([, user]) => user.roles.includes(name)).map(([user]) => `user ${user}`),
      }),
    ),
  ]
}
