import { closestName } from '../../../core/closest-name.ts'

/** What is wrong at a place of a document: the rest of a sentence that begins with the place. */
export interface Objection {
  readonly path: readonly PropertyKey[]
  readonly says: string
  readonly next?: string
}

/** ` Did you mean "x"?` where something is close. */
export function suggest(written: string, known: Iterable<string>): { readonly next?: string } {
  const meant = closestName(written, known)
  return meant === null ? {} : { next: `Did you mean "${meant}"?` }
}
