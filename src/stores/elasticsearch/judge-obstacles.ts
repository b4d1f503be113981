import type { InBoth } from '../../core/in-both.ts'
import { ToolError } from '../../core/tool-error.ts'
import { type SaidFinding, toFixedFinding } from '../find-drift.ts'
import type { StoreResource } from '../store-plan.ts'
import type { ObservedMoves, ServerState } from './ports.ts'

/** A declared name that no change of a plan brings to its declaration: a person decides. */
export interface Obstacle {
  readonly resource: StoreResource
  readonly what: string
  /** What it is, in a word. */
  readonly actual: string
  readonly why: InBoth
  readonly next: InBoth
}

/** What something of another kind has, and indices that are gone in the middle of their reindex. */
export function findObstacles(
  { plainIndices, moves }: Pick<ServerState, 'plainIndices' | 'moves'>,
  isIndex: (name: string) => boolean,
): readonly Obstacle[] {
  const { indices, taken } = plainIndices
  const left = [...moves].flatMap(([name, one]) =>
    isIndex(name) && !indices.has(name) && !taken.has(name) ? describeLeft(name, one) : [],
  )
  return [...[...taken].map(([name, other]) => describeTaken(name, other, isIndex(name))), ...left]
}

function describeTaken(name: string, other: string, isIndex: boolean): Obstacle {
  return {
    resource: { kind: isIndex ? 'index' : 'alias', name },
    what: `\`${name}\` is declared as ${isIndex ? 'an index' : 'an alias'}, and is ${other} on the server.`,
    actual: other,
    ...(isIndex ? explainIndex(name, other) : explainAlias(name, other)),
  }
}

const once: InBoth = { en: 'Elasticsearch gives each name once.', zh: 'Elasticsearch 中每个名称只能使用一次。' }

const chooseName: InBoth = { en: 'Choose another name in the declaration.', zh: '请在声明中改用其他名称。' }

/** After a reindex, the name of an index is an alias that a person may change. */
function explainIndex(name: string, other: string): Pick<Obstacle, 'why' | 'next'> {
  if (other !== 'an alias') return { why: once, next: chooseName }
  return {
    why: {
      en: `An alias is taken for the index only where it leads to one index alone, \`${name}-reindexed\` or with a number after it, without a filter, a routing, or \`is_write_index: false\`.`,
      zh: `只有当别名仅指向一个索引（\`${name}-reindexed\`，或其后带编号），且没有过滤条件、路由或 \`is_write_index: false\` 时，才把它视为该索引。`,
    },
    next: {
      en: `If \`--reindex\` moved its documents, let the alias lead to one index again, \`${name}-reindexed\` or the one with the highest number, with \`POST _aliases\`. Or declare that index and the alias, or choose another name in the declaration.`,
      zh: `若其文档由 \`--reindex\` 移动过，请用 \`POST _aliases\` 让别名重新只指向一个索引（\`${name}-reindexed\`，或编号最大的那个）；或者声明该索引和别名；或者在声明中改用其他名称。`,
    },
  }
}

function explainAlias(name: string, other: string): Pick<Obstacle, 'why' | 'next'> {
  if (other !== 'an index') return { why: once, next: chooseName }
  return {
    why: {
      en: 'Elasticsearch gives each name once, and makes an index of a name that somebody writes to before its alias is there.',
      zh: 'Elasticsearch 中每个名称只能使用一次；别名尚不存在时若有人写入该名称，服务器会自动创建同名索引。',
    },
    next: {
      en: `Copy what is in it into one of the indices of the alias with \`POST _reindex\`, remove it with \`DELETE /${name}\`, and apply again. So that no writer makes it anew meanwhile, first set \`action.auto_create_index\` to \`-${name},+*\` under \`cluster_settings\`. Or choose another name in the declaration.`,
      zh: `请用 \`POST _reindex\` 把其中的文档复制到别名的某个索引，用 \`DELETE /${name}\` 删除它，然后重新应用。为避免期间又被写入者自动创建，请先在 \`cluster_settings\` 下把 \`action.auto_create_index\` 设为 \`-${name},+*\`；或者在声明中改用其他名称。`,
    },
  }
}

/** A new index of that name would look like the old one, and have none of its documents. */
function describeLeft(name: string, { move, copyIndex }: ObservedMoves): readonly Obstacle[] {
  if (move === null || copyIndex === null) return []
  const { copy, clone } = move
  const kept = clone === null ? { en: '', zh: '' } : describeClone(clone)
  const add = `\`{"actions": [{"add": {"index": "${copy}", "alias": "${name}"}}]}\``
  return [
    {
      resource: { kind: 'index', name },
      what: `\`${name}\` does not exist, and its reindex into \`${copy}\` is not over.`,
      actual: 'missing',
      why: {
        en: `\`${copy}\` may be the last place of its documents: of all of them, if \`${name}\` was its alias already.`,
        zh: `\`${copy}\` 可能是其文档的最后所在：若 \`${name}\` 曾是它的别名，则包含全部文档。`,
      },
      next: {
        en: `Look what \`${copy}\` has (\`GET /${copy}/_count\`).${kept.en} If it has all of them, send \`POST _aliases\` with ${add} and apply again. If nobody needs it, remove it with \`DELETE /${copy}\` and apply again.`,
        zh: `请查看 \`${copy}\` 的内容（\`GET /${copy}/_count\`）。${kept.zh}若它包含全部文档，请用 ${add} 发送 \`POST _aliases\`，然后重新应用；若无人需要它，请用 \`DELETE /${copy}\` 删除它，然后重新应用。`,
      },
    },
  ]
}

function describeClone(clone: string): InBoth {
  return {
    en: ` \`${clone}\`, if it is there, has what the index had right before the switch.`,
    zh: `若 \`${clone}\` 存在，它包含切换前索引的内容。`,
  }
}

/** @throws ToolError STORE_REFUSED, before anything is written. */
export function refuseObstacles(obstacles: readonly Obstacle[], server: string): void {
  if (obstacles.length === 0) return
  throw new ToolError(
    'STORE_REFUSED',
    obstacles.map(({ what, why, next }) => ({ what, where: { server }, why: why.en, next: next.en })),
  )
}

/** The same for a comparison, which says what there is beside them as well. */
export function noteObstacles(obstacles: readonly Obstacle[], server: string): readonly SaidFinding[] {
  return obstacles.map(({ resource, actual, why, next }) => {
    const differences = [{ path: 'kind', actual, declared: `an ${resource.kind}` }]
    return toFixedFinding({ store: 'elasticsearch', server }, resource, differences, { why, next })
  })
}
