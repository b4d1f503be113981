import type { ToolError } from '../../core/tool-error.ts'
import { type SaidFinding, toFixedFinding } from '../find-drift.ts'
import { flattenSettings } from './compare-trees.ts'
import type { ObservedIndex, ObservedIndices } from './index-ports.ts'

/** A closed index answers neither searches nor writes. */
export function isClosed({ settings }: Pick<ObservedIndex, 'settings'>): boolean {
  return flattenSettings(settings).get('index.verified_before_close') === 'true'
}

/** Names of declared indices that somebody closed. */
export function findClosed(
  indices: readonly { readonly name: string }[],
  observed: Pick<ObservedIndices, 'indices'>,
): readonly string[] {
  return indices.flatMap(({ name }) => {
    const found = observed.indices.get(name)
    return found !== undefined && isClosed(found) ? [name] : []
  })
}

export function noteClosed(closed: readonly string[], server: string): readonly SaidFinding[] {
  return closed.map((name) =>
    toFixedFinding(
      { store: 'elasticsearch', server },
      { kind: 'index', name },
      [{ path: 'state', actual: 'closed', declared: 'open' }],
      {
        why: { en: 'It is closed, and refuses searches and writes.', zh: '它已关闭，拒绝搜索和写入。' },
        next: { en: `Open it with \`POST /${name}/_open\`.`, zh: `请用 \`POST /${name}/_open\` 打开它。` },
      },
    ),
  )
}

/** Indices that a new one could not equal, as the server says: other versions had other settings. */
export function noteRefusals(refusals: ReadonlyMap<string, ToolError>, server: string): readonly SaidFinding[] {
  return [...refusals].map(([name, { faults }]) => {
    const said = faults.map(({ what, why }) => why ?? what).join(' ')
    return toFixedFinding({ store: 'elasticsearch', server }, { kind: 'index', name }, [], {
      why: { en: said, zh: said },
      next: { en: 'Correct the declaration: the server refuses it.', zh: '请更正声明：服务器拒绝它。' },
    })
  })
}
