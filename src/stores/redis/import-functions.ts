import { type ImportedItem, type NotDeclarable, type StoreContents, toItem } from '../import-items.ts'
import { plainCode } from './functions.ts'
import type { ObservedNode } from './ports.ts'

/** Libraries that every node with functions has alike. */
export function importFunctions(nodes: readonly ObservedNode[]): Omit<StoreContents, 'version'> {
  const known = nodes.flatMap(({ functions }) => (functions.type === 'libraries' ? [functions.libraries] : []))
  const names = [...new Set(known.flatMap((libraries) => [...libraries.keys()]))]
  const found = names.map((name): ImportedItem | NotDeclarable => {
    const resource = { kind: 'function library', name }
    const codes = [...new Set(known.map((libraries) => plainCode(libraries.get(name)?.code ?? '')))]
    const [code = ''] = codes
    if (codes.length > 1) return { resource, why: 'The nodes have different code under this name.' }
    return toItem(resource, 'functions', ['functions', name], { code: `${code}\n` })
  })
  const hidden = nodes.flatMap(({ node, functions }) =>
    functions.type === 'hidden'
      ? [{ resource: { kind: 'node', name: node }, why: 'The user of this run cannot list its functions.' }]
      : [],
  )
  return {
    items: found.filter((one) => 'value' in one),
    notDeclarable: [...found.filter((one) => 'why' in one), ...hidden],
  }
}
