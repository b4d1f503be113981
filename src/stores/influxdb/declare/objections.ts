import { closestName } from '../../../core/closest-name.ts'

/** What is wrong at a place of a document: the rest of a sentence that begins with the place. */
export interface Objection {
  readonly path: readonly PropertyKey[]
  readonly says: string
  readonly next?: string
}

/** An objection to a bucket that nothing declares; none where it is declared. */
export function objectToBucket(
  path: readonly PropertyKey[],
  bucket: string,
  declared: ReadonlySet<string>,
): readonly Objection[] {
  if (declared.has(bucket)) return []
  const meant = closestName(bucket, [...declared])
  const next = meant === null ? 'Declare it under "buckets".' : `Did you mean "${meant}"?`
  return [{ path, says: `names the bucket "${bucket}", which is not declared`, next }]
}
