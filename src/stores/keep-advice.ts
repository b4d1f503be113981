import type { StoreChange, StoreLossCode, StoreResource } from './store-plan.ts'

/** What a whole removal is, and how the resource is kept: no file declares it, so that there is no declaration to revert. */
interface RemovalAdvice {
  /** Half a sentence. */
  readonly removes: string
  readonly keep: string
}

/** Null where a change does not remove its resource, or its file says so. */
export function adviseRemoval({ action, resource }: StoreChange, code: StoreLossCode): RemovalAdvice | null {
  if (action !== 'remove') return null
  const removes = `that removes ${resource.kind} \`${resource.name}\``
  switch (code) {
    case 'removed-resource':
    case 'removed-access':
      return { removes, keep: 'to keep it, declare it' }
    case 'removed-for-good':
      return { removes: `${removes}, and no declaration makes all of it again`, keep: keepForGood(resource) }
    case 'removed-index':
      return { removes, keep: 'to keep it, leave out `--prune`' }
    case 'surplus-task':
      return { removes, keep: 'to keep it, give it another name' }
    default:
      return null
  }
}

function keepForGood({ kind, name }: StoreResource): string {
  const read = readers[kind]?.(name)
  const save = read === undefined ? '' : `; to make it again by hand, save what \`${read}\` answers first`
  return `to keep it, leave out \`--prune\`${save}`
}

/** What shows all of a resource, by its kind; a kind that is not here is never removed by a prune. */
const readers: Readonly<Record<string, (name: string) => string>> = {
  'lifecycle policy': (name) => `GET /_ilm/policy/${name}`,
  'component template': (name) => `GET /_component_template/${name}`,
  'index template': (name) => `GET /_index_template/${name}`,
  'ingest pipeline': (name) => `GET /_ingest/pipeline/${name}`,
  'snapshot policy': (name) => `GET /_slm/policy/${name}`,
  'synonyms set': (name) => `GET /_synonyms/${name}`,
  role: (name) => `GET /_security/role/${name}`,
  user: (name) => `GET /_security/user/${name}`,
  'role mapping': (name) => `GET /_security/role_mapping/${name}`,
  task: (name) => `GET /api/v2/tasks/${/\(([\da-f]+)\)$/.exec(name)?.[1] ?? name}`,
  'function library': (name) => `FUNCTION LIST LIBRARYNAME ${name} WITHCODE`,
}
