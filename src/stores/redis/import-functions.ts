import { type ImportedItem, type NotDeclarable, type StoreContents, toItem } from '../import-items.ts'
import { plainCode } from './functions.ts'
import type { ObservedNode } from './ports.ts'

/** Libraries that are alike on each node that has them. A run that was killed between two nodes leaves one on some of them: a plan loads it on the others. */
export function importFunctions(nodes: readonly ObservedNode[]): Omit<StoreContents, 'version'> {
  const known = nodes.flatMap(({ functions }) => (functions.type === 'libraries' ? [functions.libraries] : []))
  const names = [...new Set(known.flatMap((libraries) => [...libraries.keys()]))]
  const found = names.map((name): ImportedItem | NotDeclarable => {
    const resource = { kind: 'function library', name }
    const copies = known.flatMap((libraries) => libraries.get(name) ?? [])
    const codes = [...new Set(copies.map(({ code }) => plainCode(code)))]
    const [text = ''] = codes
    if (codes.length > 1) return { resource, why: 'The nodes have different code under this name.' }
    return toItem(resource, 'functions', ['functions', name], { code: `${text}\n` })
  })
  const hidden = nodes.flatMap(({ node, functions }) =>
    functions.type === 'hidden'
      ? [
          {
            resource: { kind: 'node', name: node },
            why: 'The user of this run cannot list its functions.',
            unread: true as const,
          },
        ]
      : [],
  )
  return {
    items: found.filter((one) => 'value' in one),
    notDeclarable: [...found.filter((one) => 'why' in one), ...hidden],
  }
}
