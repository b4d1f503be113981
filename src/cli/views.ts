import type { Result } from '../core/result.generated.ts'
import type { View } from '../terminal/view.ts'
import { viewLoaders } from './views.generated.ts'

/** The view of an answer; null for one that is printed as it is. */
export async function loadView<Answer extends Result>({ kind }: Answer): Promise<View<Answer> | null> {
  if (kind === 'document' || kind === 'program') return null
  // The table has the view of a kind under that kind.
  return (viewLoaders[kind] as () => Promise<View<Answer>>)()
}
