import { ToolError } from '../../core/tool-error.ts'
import type { ObservedCompatibility } from './ports.ts'

/** What is known of a lowering that was interrupted. */
interface HalfLowered {
  readonly server: string
  /** Of MongoDB there. */
  readonly release: string
  /** The version that is lowered to, and the one that it comes from. */
  readonly target: string
  readonly previous: string
}

/** Null unless a lowering was begun, and not finished. */
export function findLowering({
  target,
  previous,
}: ObservedCompatibility): Pick<HalfLowered, 'target' | 'previous'> | null {
  return target === null || previous === null ? null : { target, previous }
}

/** MongoDB before 6.0 knows no pre-images, so a collection that keeps some is in the way of every lowering to a version before it. */
export function sayKeeping(names: readonly string[]): string {
  return `${names.join(', ')} ${names.length === 1 ? 'keeps' : 'keep'} pre-images`
}

/** In the middle of a lowering there is only one way out of a collection with pre-images: `collMod` does not know them any more (tried on 6.0.5). */
export function pinnedByPreImages(
  names: readonly string[],
  { server, release, target, previous }: HalfLowered,
): ToolError {
  return new ToolError('STORE_REFUSED', {
    what: `The feature compatibility version is only half lowered to ${target}: ${sayKeeping(names)}.`,
    why: `MongoDB ${release} finishes the lowering, or nothing: it takes no way back to ${previous}, and no \`collMod\` for pre-images meanwhile.`,
    where: { server },
    next: 'Copy each of these collections with its indexes to a new one, which keeps none; drop it, and give its name to the copy. Then run the command again.',
  })
}

/** From 7.0 on MongoDB turns back, but not once it cleans up its own metadata; later releases say the same of a raising. */
export function pinnedByCleanup(version: string, server: string, cause: Error): ToolError {
  return new ToolError(
    'STORE_REFUSED',
    {
      what: `The feature compatibility version is not set to ${version}: an earlier change of it was interrupted.`,
      why: 'MongoDB had begun to clean up its own metadata, and takes no way back from there.',
      where: { server },
      next: `Declare the version that it was on its way to (\`wwdb setup plan\` names it), and run the command again: it finishes that change. Then declare "${version}".`,
    },
    { cause },
  )
}
