import { closestName } from '../../core/closest-name.ts'
import type { Objection } from '../declare/check-documents.ts'

/** An index pattern of Elasticsearch: a star stands for any characters. */
export function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}

/** An objection to a name that nothing declares. */
export function mustBeKnown(
  path: readonly PropertyKey[],
  name: string,
  kind: string,
  known: readonly { readonly name: string }[],
): readonly Objection[] {
  const names = known.map((one) => one.name)
  if (names.includes(name)) return []
  const close = closestName(name, names)
  const next = close === null ? 'Declare it, in this file or another of the folder.' : `Did you mean \`${close}\`?`
  return [{ path, says: `names ${kind} \`${name}\`, which is not declared`, next }]
}
