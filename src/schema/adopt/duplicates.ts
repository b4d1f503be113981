import type { Fault } from '../../core/tool-error.ts'

/** A file, and the identity by which its tool distinguishes it. */
interface Identified {
  readonly id: string
  readonly file: string
}

/**
 * Files that the tool cannot tell apart and refuses itself: it is unknown which of them ran, and running both would give a different history. Pure. @param label what `id` is: `version 3`
 */
export function findDuplicates(
  tool: string,
  files: readonly Identified[],
  label: (id: string) => string,
): readonly Fault[] {
  const groups = new Map<string, string[]>()
  for (const { id, file } of files) {
    const group = groups.get(id)
    if (group === undefined) groups.set(id, [file])
    else group.push(file)
  }
  return [...groups].flatMap(([id, group]): readonly Fault[] => {
    const [first, second = ''] = group
    if (group.length < 2 || first === undefined) return []
    return [
      {
        what: `${group.length === 2 ? 'Two' : `${group.length}`} files have ${label(id)}: \`${first}\` and \`${second}\`${group.length > 2 ? ', among others' : ''}.`,
        where: { file: second },
        why: `${tool} itself refuses them, and its history does not say which of them ran.`,
        next: 'Keep the one that ran in the folder of `--files`, or give the other its own version.',
      },
    ]
  })
}
